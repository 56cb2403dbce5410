CREATE TABLE "reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"broadcast_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"opened_by" uuid NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finding" text,
	"closed_by" uuid,
	"closed_at" timestamp with time zone,
	CONSTRAINT "reviews_broadcast_id_unique" UNIQUE("broadcast_id")
);
--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "message_class" text DEFAULT 'service' NOT NULL;--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "sensitive" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "staff" ADD COLUMN "same_as" uuid;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_broadcast_id_broadcasts_id_fk" FOREIGN KEY ("broadcast_id") REFERENCES "public"."broadcasts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_opened_by_staff_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_closed_by_staff_id_fk" FOREIGN KEY ("closed_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff" ADD CONSTRAINT "staff_same_as_staff_id_fk" FOREIGN KEY ("same_as") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;