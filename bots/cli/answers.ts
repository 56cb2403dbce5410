import { loadOrCreateKey, openSecrets } from "#storage";
import type { Config } from "../config.ts";
import type { Reader } from "../consultation/index.ts";
import { openData } from "../open-app.ts";

/** Opens the data, and the key of what was sealed in it, for one command; lets go of both when `work` has ended. */
export async function withAnswers<T>(config: Config, work: (reader: Reader) => Promise<T>): Promise<T> {
  const { database, release } = await openData(config);
  try {
    const secrets = openSecrets(config.secretsKey ?? (await loadOrCreateKey(config.dataDir)));
    return await work({ db: database.db, secrets });
  } finally {
    await database.close();
    await release();
  }
}
