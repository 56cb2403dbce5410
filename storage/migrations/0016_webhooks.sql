CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event" text NOT NULL,
	"subject" text NOT NULL,
	"data" jsonb NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"said" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_once" UNIQUE("endpoint_id","event","subject")
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"secret" text NOT NULL,
	"old_secret" text,
	"old_secret_until" timestamp with time zone,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_webhook_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."webhook_endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("due_at") WHERE status = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_endpoints_name" ON "webhook_endpoints" USING btree ("name") WHERE active;--> statement-breakpoint
-- What happened is written down for other systems in the transaction in which it happens: a change that is taken back
-- is told to nobody, one that commits is not forgotten. The triggers on `messages` are there only while somebody
-- listens to them (storage/webhooks.ts): they cost on the way that every message goes.
CREATE FUNCTION tell_systems(event text, subject text, data jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO webhook_deliveries (id, endpoint_id, event, subject, data)
  SELECT uuid7(), e.id, $1, $2, $3 FROM webhook_endpoints e WHERE e.active AND $1 = ANY (e.events)
  ON CONFLICT DO NOTHING
$$;
--> statement-breakpoint
CREATE FUNCTION tell_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.direction = 'in' THEN
    PERFORM tell_systems('inbound', new.id::text, jsonb_build_object(
      'message', new.id, 'from', new.address, 'text', new.text, 'at', to_char(new.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  ELSE
    PERFORM tell_systems('message.status', new.id || ':' || new.status, jsonb_build_object(
      'message', new.id, 'broadcast', new.ref, 'to', new.address, 'status', new.status, 'failure', new.failure,
      'at', to_char(new.status_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION tell_of_broadcast() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_systems('broadcast.finished', new.id::text, jsonb_build_object(
    'broadcast', new.id, 'title', new.title, 'status', new.status,
    'at', to_char(new.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER broadcasts_tell AFTER UPDATE ON broadcasts FOR EACH ROW
  WHEN (old.finished_at IS NULL AND new.finished_at IS NOT NULL) EXECUTE FUNCTION tell_of_broadcast();
