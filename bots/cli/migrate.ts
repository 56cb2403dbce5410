import { migrate, openPostgres } from "#storage";
import { readConfig } from "../config.ts";
import { StartError, words } from "../open-app.ts";

/** `saypro migrate`. The embedded engine migrates itself at every start. */
export async function runMigrations(options: { readonly json?: boolean }): Promise<void> {
  const { databaseUrl } = readConfig(process.env);
  if (!databaseUrl)
    throw new StartError("DATABASE_URL: not set; the embedded database is brought up to date at every start");
  const database = openPostgres(databaseUrl, { max: 1 });
  try {
    await migrate(database);
    process.stdout.write(
      options.json ? `${JSON.stringify({ migrated: true })}\n` : "The database is up to date.\n",
    );
  } catch (error) {
    throw new StartError(`DATABASE_URL: cannot migrate: ${words(error)}`, { cause: error });
  } finally {
    await database.close();
  }
}
