CREATE TABLE "broadcast_failovers" (
	"broadcast_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"by_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "broadcast_failovers_broadcast_id_contact_id_pk" PRIMARY KEY("broadcast_id","contact_id")
);
--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "sends_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "sends_to" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "canary" smallint;--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "paused_because" text;--> statement-breakpoint
ALTER TABLE "outbox_batches" ADD COLUMN "held" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "broadcast_failovers" ADD CONSTRAINT "broadcast_failovers_broadcast_id_broadcasts_id_fk" FOREIGN KEY ("broadcast_id") REFERENCES "public"."broadcasts"("id") ON DELETE no action ON UPDATE no action;