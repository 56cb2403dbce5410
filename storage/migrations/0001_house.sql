-- What drizzle's schema cannot say. In 0000 `messages` was given PARTITION BY RANGE ("id") by hand.

-- UUIDv7 with the fraction of the millisecond in rand_a (RFC 9562, 6.2 method 3), so that ids made one after
-- the other sort so. One expression without a table, so that the planner puts it into the calling query:
-- 60 bits of time in 1/4096 ms, the version pushed in behind the 48th, then 62 random bits and the variant.
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    overlay(
      uuid_send(gen_random_uuid())
      PLACING int8send(
        overlay(
          ((date_part('epoch', clock_timestamp()) * 1000000)::bigint * 512 / 125)::bit(60)
          PLACING B'0111' FROM 49 FOR 0
        )::bit(64)::bigint
      ) FROM 1 FOR 8
    ), 'hex')::uuid
$$;
--> statement-breakpoint
-- The lowest id of a moment: bounds of partitions, and "since" in queries by id.
CREATE FUNCTION uuid7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
--> statement-breakpoint
-- When an id was made, to the millisecond.
CREATE FUNCTION uuid7_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
$$;
--> statement-breakpoint
-- Takes what no month has been made for: an insert is never lost for want of a partition.
CREATE TABLE messages_default PARTITION OF messages DEFAULT;
--> statement-breakpoint
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER flow_versions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON flow_versions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER consent_ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- The chain's head: its row lock is what serialises appends, and it shows when the last entries are gone.
INSERT INTO settings (key, value) VALUES ('audit.head', '{"seq": 0, "hash": ""}');
--> statement-breakpoint
-- Room for updates in place (HOT), and early cleaning of what comes and goes quickly.
ALTER TABLE sessions SET (fillfactor = 70);
--> statement-breakpoint
ALTER TABLE addresses SET (fillfactor = 85);
--> statement-breakpoint
ALTER TABLE settings SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE outbox_batches SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
--> statement-breakpoint
ALTER TABLE timers SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
