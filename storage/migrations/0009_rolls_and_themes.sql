CREATE TABLE "electoral_rolls" (
	"consultation_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	CONSTRAINT "electoral_rolls_consultation_id_contact_id_pk" PRIMARY KEY("consultation_id","contact_id")
);
--> statement-breakpoint
CREATE TABLE "theme_names" (
	"id" uuid PRIMARY KEY NOT NULL,
	"consultation_id" uuid NOT NULL,
	"question" text NOT NULL,
	"language" text NOT NULL,
	"terms" text[] NOT NULL,
	"name" text NOT NULL,
	"named_by" uuid NOT NULL,
	"named_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "electoral_rolls" ADD CONSTRAINT "electoral_rolls_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "theme_names" ADD CONSTRAINT "theme_names_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "theme_names" ADD CONSTRAINT "theme_names_named_by_staff_id_fk" FOREIGN KEY ("named_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "theme_names_consultation" ON "theme_names" USING btree ("consultation_id","question");--> statement-breakpoint
ALTER TABLE "anonymous_responses" DROP COLUMN "late";