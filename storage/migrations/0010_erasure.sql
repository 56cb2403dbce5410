CREATE TABLE "erased_numbers" (
	"hash" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
-- The ledger only grows, with one exception: whoever is erased leaves the proof of what they said, without their number.
DROP TRIGGER consent_ledger_append_only ON consent_ledger;
--> statement-breakpoint
CREATE FUNCTION refuse_all_but_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.address LIKE 'erased:%'
    AND (new.id, new.contact_id, new.kind, new.source, new.message_id, new.at)
      IS NOT DISTINCT FROM (old.id, old.contact_id, old.kind, old.source, old.message_id, old.at)
  THEN RETURN new;
  END IF;
  RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER consent_ledger_append_only BEFORE DELETE OR TRUNCATE ON consent_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER consent_ledger_erasing_only BEFORE UPDATE ON consent_ledger
  FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasing();
