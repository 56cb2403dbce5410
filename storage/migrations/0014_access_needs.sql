ALTER TABLE "meeting_attendees" ADD COLUMN "needs" text;--> statement-breakpoint
ALTER TABLE "meetings" ADD COLUMN "asks_needs" boolean DEFAULT false NOT NULL;