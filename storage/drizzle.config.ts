import { defineConfig } from "drizzle-kit";

/** `npm run migration -- --name <what>` writes the next numbered migration from schema.ts. */
export default defineConfig({
  dialect: "postgresql",
  schema: "storage/schema.ts",
  out: "storage/migrations",
});
