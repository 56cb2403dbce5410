CREATE TABLE "electoral_rolls" (
	"consultation_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	CONSTRAINT "electoral_rolls_consultation_id_contact_id_pk" PRIMARY KEY("consultation_id","contact_id")
);
--> statement-breakpoint
ALTER TABLE "electoral_rolls" ADD CONSTRAINT "electoral_rolls_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "anonymous_responses" DROP COLUMN "late";