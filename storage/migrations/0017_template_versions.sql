CREATE TABLE "template_versions" (
	"template" text NOT NULL,
	"version" integer NOT NULL,
	"hash" text NOT NULL,
	"definition" jsonb NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "template_versions_template_version_pk" PRIMARY KEY("template","version"),
	CONSTRAINT "template_versions_hash" UNIQUE("template","hash")
);
--> statement-breakpoint
ALTER TABLE "broadcasts" ADD COLUMN "template" jsonb;--> statement-breakpoint
CREATE TRIGGER template_versions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON template_versions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
