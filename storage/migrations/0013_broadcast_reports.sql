CREATE TABLE "broadcast_reports" (
	"broadcast_id" uuid PRIMARY KEY NOT NULL,
	"report" jsonb NOT NULL,
	"took_ms" integer NOT NULL,
	"settled" boolean NOT NULL,
	"counted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "broadcast_reports" ADD CONSTRAINT "broadcast_reports_broadcast_id_broadcasts_id_fk" FOREIGN KEY ("broadcast_id") REFERENCES "public"."broadcasts"("id") ON DELETE cascade ON UPDATE no action;