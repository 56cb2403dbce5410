CREATE TABLE "workers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "outbox_batches" DROP COLUMN "lease_until";--> statement-breakpoint
ALTER TABLE "outbox_batches" DROP COLUMN "lease_token";