import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { draftAllClear, draftHolding, inLanguage, type PerLanguage, type Protocol } from "#flows";
import {
  type Audience,
  type Db,
  insertStatement,
  insertVersion,
  markReleased,
  PRIORITY,
  type StaffMember,
  type StatementKind,
  type TimelineEntry,
} from "#storage";
import type { Content } from "#templates";
import type { DatedAudit } from "./dated-audit.ts";
import type { Dice } from "./dice.ts";
import { addPastMessages, type PastMessage } from "./past-messages.ts";
import type { Liaison, Resident } from "./people.ts";

export interface PastStatement {
  readonly crisisId: string;
  readonly protocol: Protocol;
  readonly content: Content;
  readonly audience: Audience;
  readonly time: (minute: number) => Date;
  readonly author: StaffMember;
  readonly approver: StaffMember;
  readonly residents: readonly Resident[];
  readonly liaisons: readonly Liaison[];
}

/** When the public was told, in minutes after the declaration; the all-clear is apart. */
export const RELEASES: readonly { readonly minute: number; readonly kind: StatementKind }[] = [
  { minute: 19, kind: "holding" },
  { minute: 78, kind: "update" },
  { minute: 1_638, kind: "update" },
];
export const ALL_CLEAR_MINUTE = 2_905;
/** An approval takes this long, and the draft before it. */
const APPROVING = 1;
const DRAFTING = 8;

/** The three versions, whom they reached, who approved them, and who acknowledged. */
export async function addPastStatement(
  tx: Db,
  dice: Dice,
  past: PastStatement,
): Promise<{ readonly timeline: readonly TimelineEntry[]; readonly audits: readonly DatedAudit[] }> {
  const { crisisId, audience, time, author, approver, liaisons } = past;
  const timeline: TimelineEntry[] = [];
  const audits: DatedAudit[] = [];
  const messages: PastMessage[] = [];
  const statementId = dice.id(time(9));
  await insertStatement(tx, { id: statementId, crisisId, title: "Drinking water in Riverbend" });
  let replaces: string | undefined;
  for (const { minute, kind } of [...RELEASES, { minute: ALL_CLEAR_MINUTE, kind: "all_clear" } as const]) {
    const texts = wording(past, minute, kind);
    const [drafted, approved, released] = [time(minute - DRAFTING), time(minute - APPROVING), time(minute)];
    const contentHash = createHash("sha256").update(JSON.stringify({ texts, audience })).digest("hex");
    const version = await insertVersion(tx, {
      id: dice.id(drafted),
      statementId,
      kind,
      texts,
      audience,
      contentHash,
      createdBy: author.id,
      ...(replaces === undefined ? {} : { replaces }),
    });
    await markReleased(tx, version, released);
    await tx.execute(sql`
      update statement_versions set created_at = ${drafted.toISOString()}::timestamptz where id = ${version.id}`);
    await tx.execute(sql`
      insert into approvals (id, subject, subject_id, content_hash, decision, decided_by, at)
      values (${dice.id(approved)}, 'statement', ${version.id}, ${contentHash}, 'approved', ${approver.id},
              ${approved.toISOString()}::timestamptz)`);
    for (const [n, liaison] of liaisons.entries())
      await tx.execute(sql`
        insert into statement_acknowledgements (version_id, liaison_id, at)
        values (${version.id}, ${liaison.id}, ${time(minute + 3 + 9 * n).toISOString()}::timestamptz)`);
    const subject = `statement:${version.id}`;
    const data = { version: version.version, contentHash };
    audits.push(
      { at: drafted, entry: { actor: `staff:${author.id}`, action: "statement.submitted", subject, data } },
      { at: approved, entry: { actor: `staff:${approver.id}`, action: "statement.approved", subject, data } },
      { at: released, entry: { actor: "system", action: "statement.released", subject, data } },
    );
    timeline.push(
      {
        at: approved,
        actor: `staff:${approver.id}`,
        kind: "statement_approved",
        words: `${approver.name} approved statement version ${version.version}.`,
      },
      {
        at: released,
        actor: "system",
        kind: "statement_released",
        words: `Statement version ${version.version} (${kind.replace("_", "-")}) was released to media liaisons and the public of ward ${audience.wards?.join(", ")}.`,
      },
    );
    messages.push(...copies(dice, past, texts, version.id, released));
    replaces = version.id;
  }
  await tx.execute(sql`
    update statements set created_at = ${time(9).toISOString()}::timestamptz where id = ${statementId}`);
  await addPastMessages(tx, dice, messages);
  return { timeline, audits };
}

/** What was said, in the languages of the protocol. */
function wording(
  { protocol, content, time }: PastStatement,
  minute: number,
  kind: StatementKind,
): PerLanguage {
  const { municipality, contactLine, timezone } = content.deployment;
  const clock = (at: number) =>
    new Intl.DateTimeFormat("en-ZA", {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZone: timezone,
    }).format(time(at));
  const facts = {
    area: { en: "Riverbend and Lower Riverbend", af: "Riverbend en Lower Riverbend" },
    time: clock(minute),
    next_update: clock(minute + 60),
    municipality,
    contact: contactLine,
  };
  if (kind === "holding") return draftHolding(protocol.holding, facts);
  if (kind === "all_clear") return draftAllClear(protocol.allClear, facts);
  const head = `${municipality}, ${clock(minute)}:`;
  return minute === RELEASES[1]?.minute
    ? {
        en: `${head} E. coli was found in the reservoir that supplies Riverbend and Lower Riverbend (ward 4). It is shut off. Keep boiling water for 1 full minute. Tankers: Riverbend Primary School and the clinic. Next update tomorrow at 09:00.`,
        zu: `${head} Kutholwe i-E. coli echibini elinikeza iRiverbend neLower Riverbend (iwadi 4) amanzi. Livaliwe. Qhubekani nibilise amanzi umzuzu ongu-1 ogcwele. Amaloli amanzi: Riverbend Primary School nasemtholampilo. Ulwazi olulandelayo kusasa ngo-09:00.`,
        xh: `${head} Kufunyenwe i-E. coli kwidama elinika iRiverbend neLower Riverbend (iwadi 4) amanzi. Livaliwe. Qhubekani nibilisa amanzi umzuzu o-1 opheleleyo. Iilori zamanzi: Riverbend Primary School nasekliniki. Ulwazi olulandelayo ngomso ngo-09:00.`,
        af: `${head} E. coli is gevind in die reservoir wat Riverbend en Lower Riverbend (wyk 4) voorsien. Dit is afgesluit. Hou aan om water vir 1 volle minuut te kook. Tenkwaens: Riverbend Primary School en die kliniek. Volgende nuus môre om 09:00.`,
      }
    : {
        en: `${head} The first laboratory test after flushing is clear in Riverbend and Lower Riverbend (ward 4). A second one is needed. Keep boiling water for 1 full minute until then. Next update tomorrow at 07:00.`,
        zu: `${head} Uvivinyo lokuqala lwaselabhorethri luhlanzekile eRiverbend naseLower Riverbend (iwadi 4). Kudingeka olwesibili. Qhubekani nibilise amanzi umzuzu ongu-1 ogcwele kuze kube yileso sikhathi. Ulwazi olulandelayo kusasa ngo-07:00.`,
        xh: `${head} Uvavanyo lokuqala lwaselabhoratri lucocekile eRiverbend naseLower Riverbend (iwadi 4). Kufuneka olwesibini. Qhubekani nibilisa amanzi umzuzu o-1 opheleleyo de kube ngelo xesha. Ulwazi olulandelayo ngomso ngo-07:00.`,
        af: `${head} Die eerste laboratoriumtoets in Riverbend en Lower Riverbend (wyk 4) is skoon. 'n Tweede een is nodig. Hou tot dan aan om water vir 1 volle minuut te kook. Volgende nuus môre om 07:00.`,
      };
}

/** One message for each liaison, and for each of the ward who was on the list then. */
function copies(
  dice: Dice,
  { audience, content, residents, liaisons }: PastStatement,
  texts: PerLanguage,
  ref: string,
  released: Date,
): readonly PastMessage[] {
  const reached = residents.filter(
    ({ ward, joinedAt, optedOutAt }) =>
      audience.wards?.includes(ward) &&
      joinedAt < released &&
      (optedOutAt === undefined || optedOutAt > released),
  );
  const recipients = [
    ...liaisons.map(({ contactId, language, addresses }) => ({
      contactId,
      language,
      address: addresses[0] ?? "",
    })),
    ...reached.map(({ id, language, sms, whatsapp }) => ({
      contactId: id,
      language,
      address: sms === undefined ? `whatsapp:${whatsapp}` : `sms:${sms}`,
    })),
  ];
  const { defaultLanguage } = content.deployment;
  return recipients.map(({ contactId, language, address }) => ({
    direction: "out",
    address,
    contactId,
    text: inLanguage(texts, language ?? defaultLanguage, defaultLanguage),
    kind: "statement",
    ref,
    priority: PRIORITY.crisis,
    at: new Date(released.getTime() + dice.between(100, 9_000)),
  }));
}
