CREATE TABLE "anonymous_pools" (
	"consultation_id" uuid PRIMARY KEY NOT NULL,
	"responses" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "anonymous_responses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"consultation_id" uuid NOT NULL,
	"answers" jsonb NOT NULL,
	"late" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"consultation_id" uuid NOT NULL,
	"medium" text NOT NULL,
	"details" text NOT NULL,
	"published_on" text NOT NULL,
	"proof" text,
	"recorded_by" uuid NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "participations" (
	"consultation_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	CONSTRAINT "participations_consultation_id_contact_id_pk" PRIMARY KEY("consultation_id","contact_id")
);
--> statement-breakpoint
CREATE TABLE "register_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"consultation_id" uuid NOT NULL,
	"asked" text NOT NULL,
	"decision" text NOT NULL,
	"reason" text NOT NULL,
	"owner" text,
	"recorded_by" uuid NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unsaid" (
	"session_id" uuid PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "consultations" ALTER COLUMN "status" SET DEFAULT 'open';--> statement-breakpoint
ALTER TABLE "consultations" ADD COLUMN "reported_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "consultations" ADD COLUMN "reported_by" uuid;--> statement-breakpoint
ALTER TABLE "consultations" ADD COLUMN "report_waived" text;--> statement-breakpoint
ALTER TABLE "consultations" ADD COLUMN "dissolved" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "promised" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "quotas" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "anonymous_pools" ADD CONSTRAINT "anonymous_pools_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "anonymous_responses" ADD CONSTRAINT "anonymous_responses_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_recorded_by_staff_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participations" ADD CONSTRAINT "participations_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participations" ADD CONSTRAINT "participations_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "register_entries" ADD CONSTRAINT "register_entries_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "register_entries" ADD CONSTRAINT "register_entries_recorded_by_staff_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "anonymous_consultation" ON "anonymous_responses" USING btree ("consultation_id","id");--> statement-breakpoint
CREATE INDEX "notices_consultation" ON "notices" USING btree ("consultation_id");--> statement-breakpoint
CREATE INDEX "register_consultation" ON "register_entries" USING btree ("consultation_id");--> statement-breakpoint
ALTER TABLE "consultations" ADD CONSTRAINT "consultations_reported_by_staff_id_fk" FOREIGN KEY ("reported_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sessions_person" ON "sessions" USING btree ("consultation_id","contact_id");--> statement-breakpoint
CREATE INDEX "sessions_promised" ON "sessions" USING btree ("id") WHERE promised is not null and status <> 'active';