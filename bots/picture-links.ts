import type { Secrets } from "#storage";
import type { App } from "./app.ts";

/** What has a picture. */
export type Pictured = "consultation" | "broadcast";
/** An address works for as long; Slack fetches it once and keeps the picture. */
const FOR_MS = 7 * 24 * 3600_000;
const DAY_MS = 24 * 3600_000;

/**
 * Where the picture of a consultation's results or a broadcast's report is fetched, for a week: Slack's servers come without a login, so whoever
 * has the address sees it, and nobody can guess one. `state` makes it another address when the figures are others.
 */
export function chartUrl(
  {
    config,
    secrets,
    clock,
  }: { readonly config: App["config"]; readonly secrets: Secrets; readonly clock: App["clock"] },
  of: Pictured,
  id: string,
  state: string,
): string {
  // Whole days: the same figures have the same address, so that Slack need not fetch them again.
  const until = Math.ceil((clock().getTime() + FOR_MS) / DAY_MS) * DAY_MS;
  const mac = secrets.mac(`chart ${of}`, `${id} ${until}`);
  return `${config.publicUrl}/charts/${of}/${id}/${mac}.png?until=${until}&v=${encodeURIComponent(state)}`;
}

/** Whether an address with this `mac` was made here and still works. `until`: milliseconds since 1970. */
export const isChartUrl = (
  { secrets, clock }: Pick<App, "secrets" | "clock">,
  of: Pictured,
  id: string,
  mac: string,
  until: number,
): boolean => until > clock().getTime() && secrets.verifyMac(`chart ${of}`, `${id} ${until}`, mac);
