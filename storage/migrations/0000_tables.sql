CREATE TYPE "public"."message_status" AS ENUM('received', 'processed', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'cancelled', 'expired');--> statement-breakpoint
CREATE TABLE "actions" (
	"key" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "addresses" (
	"address" text PRIMARY KEY NOT NULL,
	"contact_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"preference" smallint DEFAULT 0 NOT NULL,
	"last_inbound_at" timestamp with time zone,
	"bad_since" timestamp with time zone,
	"bad_reason" text
);
--> statement-breakpoint
CREATE TABLE "answers" (
	"session_id" uuid NOT NULL,
	"question" text NOT NULL,
	"consultation_id" uuid,
	"contact_id" uuid NOT NULL,
	"value" jsonb NOT NULL,
	"said" text NOT NULL,
	"language" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "answers_session_id_question_pk" PRIMARY KEY("session_id","question")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"content_hash" text NOT NULL,
	"decision" text NOT NULL,
	"reason" text,
	"decided_by" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "approvals_once" UNIQUE("subject_id","content_hash","decided_by")
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "broadcasts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"audience" jsonb NOT NULL,
	"texts" jsonb NOT NULL,
	"channels" text[] NOT NULL,
	"priority" smallint NOT NULL,
	"content_hash" text NOT NULL,
	"expected_recipients" integer DEFAULT 0 NOT NULL,
	"created_by" uuid NOT NULL,
	"send_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"drawn_up_to" uuid,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consent_ledger" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contact_id" uuid NOT NULL,
	"address" text NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"message_id" uuid,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "console_sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"staff_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consultations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"flow" text NOT NULL,
	"flow_version" integer NOT NULL,
	"title" text NOT NULL,
	"keywords" text[] NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"opened_by" uuid,
	"opened_at" timestamp with time zone,
	"closes_at" timestamp with time zone,
	"closed_by" uuid,
	"closed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text,
	"language" text,
	"fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"opted_out_at" timestamp with time zone,
	"handed_over_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "crises" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint GENERATED ALWAYS AS IDENTITY (sequence name "crises_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"protocol" text NOT NULL,
	"protocol_hash" text NOT NULL,
	"definition" jsonb NOT NULL,
	"title" text NOT NULL,
	"severity" smallint NOT NULL,
	"mode" text DEFAULT 'live' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"audience" jsonb NOT NULL,
	"state" jsonb NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"summary_message_id" uuid,
	"declared_by" uuid,
	"declared_at" timestamp with time zone DEFAULT now() NOT NULL,
	"acknowledged_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "crisis_timeline" (
	"crisis_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"kind" text NOT NULL,
	"words" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "crisis_timeline_crisis_id_seq_pk" PRIMARY KEY("crisis_id","seq")
);
--> statement-breakpoint
CREATE TABLE "enquiries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint GENERATED ALWAYS AS IDENTITY (sequence name "enquiries_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"liaison_id" uuid NOT NULL,
	"address" text NOT NULL,
	"statement_version_id" uuid,
	"question" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flow_versions" (
	"flow" text NOT NULL,
	"version" integer NOT NULL,
	"hash" text NOT NULL,
	"definition" jsonb NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "flow_versions_flow_version_pk" PRIMARY KEY("flow","version"),
	CONSTRAINT "flow_versions_hash" UNIQUE("flow","hash")
);
--> statement-breakpoint
CREATE TABLE "group_members" (
	"group_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "group_members_group_id_contact_id_pk" PRIMARY KEY("group_id","contact_id")
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "groups_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "inbound_failures" (
	"message_id" uuid PRIMARY KEY NOT NULL,
	"attempts" smallint NOT NULL,
	"error" text NOT NULL,
	"retry_at" timestamp with time zone NOT NULL,
	"set_aside_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "inbound_keys" (
	"channel" text NOT NULL,
	"provider_id" text NOT NULL,
	"message_id" uuid NOT NULL,
	CONSTRAINT "inbound_keys_channel_provider_id_pk" PRIMARY KEY("channel","provider_id")
);
--> statement-breakpoint
CREATE TABLE "liaisons" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contact_id" uuid NOT NULL,
	"outlet" text NOT NULL,
	"beat" text,
	"active" boolean DEFAULT true NOT NULL,
	"registered_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "liaisons_contact_id_unique" UNIQUE("contact_id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"direction" text NOT NULL,
	"status" "message_status" NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"contact_id" uuid,
	"text" text NOT NULL,
	"extras" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"kind" text NOT NULL,
	"ref" uuid,
	"batch_id" uuid,
	"priority" smallint,
	"on_doubt" text,
	"consent_exempt" boolean DEFAULT false NOT NULL,
	"provider_id" text,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"possible_duplicates" smallint DEFAULT 0 NOT NULL,
	"failure" text,
	"code" text,
	"detail" text,
	"segments" smallint,
	"expires_at" timestamp with time zone,
	"handed_over_at" timestamp with time zone,
	"status_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "outbox_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"priority" smallint NOT NULL,
	"ref" uuid,
	"paused" boolean DEFAULT false NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_until" timestamp with time zone,
	"lease_token" uuid
);
--> statement-breakpoint
CREATE TABLE "pages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"crisis_id" uuid NOT NULL,
	"staff_id" uuid NOT NULL,
	"tier" integer NOT NULL,
	"round" integer NOT NULL,
	"code" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "pages_once" UNIQUE("crisis_id","round","tier","staff_id")
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"channel" text NOT NULL,
	"provider_id" text NOT NULL,
	"status" text NOT NULL,
	"message_id" uuid,
	"failure" text,
	"code" text,
	"detail" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "receipts_channel_provider_id_status_pk" PRIMARY KEY("channel","provider_id","status")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contact_id" uuid NOT NULL,
	"address" text NOT NULL,
	"consultation_id" uuid,
	"flow" text NOT NULL,
	"flow_version" integer NOT NULL,
	"state" jsonb NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"turn" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "staff" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"slack_user_id" text,
	"phone" text,
	"language" text DEFAULT 'en' NOT NULL,
	"roles" text[] DEFAULT '{}' NOT NULL,
	"handle" text NOT NULL,
	"duties" text[] DEFAULT '{}' NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "staff_slack_user_id_unique" UNIQUE("slack_user_id"),
	CONSTRAINT "staff_phone_unique" UNIQUE("phone"),
	CONSTRAINT "staff_handle_unique" UNIQUE("handle")
);
--> statement-breakpoint
CREATE TABLE "statement_acknowledgements" (
	"version_id" uuid NOT NULL,
	"liaison_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "statement_acknowledgements_version_id_liaison_id_pk" PRIMARY KEY("version_id","liaison_id")
);
--> statement-breakpoint
CREATE TABLE "statement_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"statement_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"texts" jsonb NOT NULL,
	"audience" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"embargo_until" timestamp with time zone,
	"created_by" uuid NOT NULL,
	"replaces" uuid,
	"released_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "statement_versions_number" UNIQUE("statement_id","version")
);
--> statement-breakpoint
CREATE TABLE "statements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"crisis_id" uuid,
	"title" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "timers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"ref" uuid NOT NULL,
	"epoch" integer NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"error" text,
	"done_at" timestamp with time zone,
	CONSTRAINT "timers_once" UNIQUE("kind","ref","epoch")
);
--> statement-breakpoint
ALTER TABLE "addresses" ADD CONSTRAINT "addresses_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answers" ADD CONSTRAINT "answers_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_decided_by_staff_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "broadcasts" ADD CONSTRAINT "broadcasts_created_by_staff_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "console_sessions" ADD CONSTRAINT "console_sessions_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consultations" ADD CONSTRAINT "consultations_opened_by_staff_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consultations" ADD CONSTRAINT "consultations_closed_by_staff_id_fk" FOREIGN KEY ("closed_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crises" ADD CONSTRAINT "crises_declared_by_staff_id_fk" FOREIGN KEY ("declared_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crisis_timeline" ADD CONSTRAINT "crisis_timeline_crisis_id_crises_id_fk" FOREIGN KEY ("crisis_id") REFERENCES "public"."crises"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enquiries" ADD CONSTRAINT "enquiries_liaison_id_liaisons_id_fk" FOREIGN KEY ("liaison_id") REFERENCES "public"."liaisons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_group_id_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."groups"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "liaisons" ADD CONSTRAINT "liaisons_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "liaisons" ADD CONSTRAINT "liaisons_registered_by_staff_id_fk" FOREIGN KEY ("registered_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pages" ADD CONSTRAINT "pages_crisis_id_crises_id_fk" FOREIGN KEY ("crisis_id") REFERENCES "public"."crises"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pages" ADD CONSTRAINT "pages_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_consultation_id_consultations_id_fk" FOREIGN KEY ("consultation_id") REFERENCES "public"."consultations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_acknowledgements" ADD CONSTRAINT "statement_acknowledgements_version_id_statement_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."statement_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_acknowledgements" ADD CONSTRAINT "statement_acknowledgements_liaison_id_liaisons_id_fk" FOREIGN KEY ("liaison_id") REFERENCES "public"."liaisons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_versions" ADD CONSTRAINT "statement_versions_statement_id_statements_id_fk" FOREIGN KEY ("statement_id") REFERENCES "public"."statements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_versions" ADD CONSTRAINT "statement_versions_created_by_staff_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statements" ADD CONSTRAINT "statements_crisis_id_crises_id_fk" FOREIGN KEY ("crisis_id") REFERENCES "public"."crises"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "addresses_contact" ON "addresses" USING btree ("contact_id");--> statement-breakpoint
CREATE INDEX "answers_consultation" ON "answers" USING btree ("consultation_id","question");--> statement-breakpoint
CREATE INDEX "consent_contact" ON "consent_ledger" USING btree ("contact_id","at");--> statement-breakpoint
CREATE INDEX "consultations_status" ON "consultations" USING btree ("status");--> statement-breakpoint
CREATE INDEX "contacts_ward" ON "contacts" USING btree (("fields"->>'ward'));--> statement-breakpoint
CREATE INDEX "group_members_contact" ON "group_members" USING btree ("contact_id");--> statement-breakpoint
CREATE INDEX "messages_batch" ON "messages" USING btree ("batch_id") WHERE status in ('queued', 'sending');--> statement-breakpoint
CREATE INDEX "messages_ref" ON "messages" USING btree ("ref","status");--> statement-breakpoint
CREATE INDEX "messages_address" ON "messages" USING btree ("address","id");--> statement-breakpoint
CREATE INDEX "messages_provider" ON "messages" USING btree ("provider_id") WHERE provider_id is not null;--> statement-breakpoint
CREATE INDEX "messages_received" ON "messages" USING btree ("id") WHERE status = 'received';--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox_batches" USING btree ("channel","priority","due_at","id") WHERE not paused;--> statement-breakpoint
CREATE INDEX "outbox_ref" ON "outbox_batches" USING btree ("ref");--> statement-breakpoint
CREATE UNIQUE INDEX "pages_code" ON "pages" USING btree ("code") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "pages_staff" ON "pages" USING btree ("staff_id","status");--> statement-breakpoint
CREATE INDEX "sessions_active" ON "sessions" USING btree ("contact_id","updated_at") WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "sessions_consultation" ON "sessions" USING btree ("consultation_id","status");--> statement-breakpoint
CREATE INDEX "timers_due" ON "timers" USING btree ("due_at") WHERE done_at is null;