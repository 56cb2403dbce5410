import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import type { StatementKind } from "#flows";
import {
  findCrisis,
  findVersion,
  listPendingVersions,
  listVersions,
  listVersionsOfCrisis,
  may,
  type StaffMember,
  type StatementVersion,
} from "#storage";
import {
  approveStatement,
  crisisOf,
  draftNextVersion,
  editStatement,
  type Outcome,
  reachOf,
  returnStatement,
  seenValue,
  statementName,
  submitStatement,
  whyNotDecide,
} from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import { button } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";
import {
  APPROVE_FORM,
  approveForm,
  EDIT_FORM,
  editForm,
  errorsOf,
  NEW_FORM,
  newForm,
  RETURN_FORM,
  returnForm,
  wordsOf,
} from "./statement-form.ts";
import { section } from "./views.ts";

/** Statements: their words, the decision of a second person. */
export const statementFeature: Feature = {
  actions: {
    "crisis.statement": { permission: "statements.draft", opens: true, looksOnly: true, run: begin },
    "statement.edit": { permission: "statements.draft", opens: true, looksOnly: true, run: edit },
    "statement.submit": {
      permission: "statements.draft",
      run: async (unit, { staff, value }) => told(await submitStatement(unit, staff, value)),
    },
    "statement.approve": {
      permission: "statements.approve",
      opens: true,
      looksOnly: true,
      run: askToApprove,
    },
    "statement.return": { permission: "statements.approve", opens: true, looksOnly: true, run: askForReason },
  },
  views: {
    [NEW_FORM]: { permission: "statements.draft", run: drafted },
    [EDIT_FORM]: { permission: "statements.draft", run: edited },
    [APPROVE_FORM]: {
      permission: "statements.approve",
      run: async (unit, { staff, form, metadata }) => {
        if (form.choices("understood").length === 0)
          return { kind: "errors", errors: { understood: "Tick this first." } };
        const { id, hash } = seen(metadata);
        return told(await approveStatement(unit, staff, id, hash));
      },
    },
    [RETURN_FORM]: {
      permission: "statements.approve",
      run: async (unit, { staff, form, metadata }) => {
        const { id, hash } = seen(metadata);
        const returned = await returnStatement(unit, staff, id, hash, form.text("reason"));
        return !returned.ok && returned.code === "no_reason"
          ? { kind: "errors", errors: { reason: returned.words } }
          : told(returned);
      },
    },
  },
  home,
};

const told = ({ words }: Outcome): Answer => whisper(escapeMrkdwn(words));

function seen(value: string): { readonly id: string; readonly hash: string } {
  const [id = "", hash = ""] = value.split(":", 2);
  return { id, hash };
}

// ── Words ───────────────────────────────────────────────────────────────────────────────────────────────

async function begin(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const crisis = await findCrisis(unit.tx, value);
  const versions = await listVersionsOfCrisis(unit.tx, value);
  const last = versions.at(-1);
  if (!crisis || !last) return whisper("This crisis has no statement to go on from.");
  const released = versions.findLast(({ releasedAt }) => releasedAt !== null);
  return { kind: "open", view: newForm(unit, last, released, crisis) };
}

async function edit(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const version = await findVersion(unit.tx, value);
  if (!version || version.status === "released" || version.status === "superseded")
    return whisper("It is out already: draft a new version instead.");
  return { kind: "open", view: editForm(unit, version, await crisisOf(unit, version)) };
}

async function edited(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const [id = "", hash = "", spoken = ""] = metadata.split(":");
  const languages = spoken.split(",");
  const changed = await editStatement(unit, staff, id, { ...wordsOf(form, languages), basedOn: hash });
  return changed.ok ? submitted(unit, staff, changed.version, languages) : refusedIn(changed, languages);
}

async function drafted(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const [statementId = "", spoken = ""] = metadata.split(":");
  const languages = spoken.split(",");
  const kind = (form.choice("kind") ?? "update") as StatementKind;
  const words = wordsOf(form, languages);
  const out = (await listVersions(unit.tx, statementId)).findLast(({ releasedAt }) => releasedAt !== null);
  const same = languages.filter(
    (language) => out?.texts[language] && out.texts[language] === words.texts[language],
  );
  if (same.length > 0)
    return {
      kind: "errors",
      errors: errorsOf(
        same.map((language) => `[${language}] This is what is out already.`).join("\n"),
        languages,
      ),
    };
  const next = await draftNextVersion(unit, staff, statementId, { ...words, kind });
  return next.ok ? submitted(unit, staff, next.version, languages) : refusedIn(next, languages);
}

/** Faults are shown in the form, and nothing is kept of what the form did. */
async function submitted(
  unit: Unit,
  staff: StaffMember,
  version: StatementVersion,
  languages: readonly string[],
): Promise<Answer> {
  const outcome = await submitStatement(unit, staff, version.id);
  return outcome.ok ? told(outcome) : refusedIn(outcome, languages);
}

function refusedIn({ code, words }: Extract<Outcome, { ok: false }>, languages: readonly string[]): Answer {
  if (code === "findings") return { kind: "errors", errors: errorsOf(words, languages) };
  if (code === "embargo_past") return { kind: "errors", errors: { embargo: words } };
  if (code === "nothing_to_follow") return { kind: "errors", errors: { kind: words } };
  return whisper(escapeMrkdwn(words));
}

// ── The second person ───────────────────────────────────────────────────────────────────────────────────

/** The version that a button is about, when this person may decide on what they saw; else why not. */
async function decidable(
  unit: Unit,
  { staff, value }: ActionAsked,
): Promise<{ readonly version: StatementVersion } | { readonly refusal: Answer }> {
  const { id, hash } = seen(value);
  const version = await findVersion(unit.tx, id);
  if (!version) return { refusal: whisper("This statement is not there any more.") };
  const no = whyNotDecide(staff, version, hash);
  return no ? { refusal: whisper(escapeMrkdwn(no.words)) } : { version };
}

async function askToApprove(unit: Unit, asked: ActionAsked): Promise<Answer> {
  const found = await decidable(unit, asked);
  if ("refusal" in found) return found.refusal;
  const { version } = found;
  const crisis = await crisisOf(unit, version);
  const reach = await reachOf(unit, version, crisis);
  return { kind: "open", view: approveForm(unit, version, crisis, reach) };
}

async function askForReason(unit: Unit, asked: ActionAsked): Promise<Answer> {
  const found = await decidable(unit, asked);
  if ("refusal" in found) return found.refusal;
  return { kind: "open", view: returnForm(found.version, await crisisOf(unit, found.version)) };
}

// ── App Home ────────────────────────────────────────────────────────────────────────────────────────────

async function home(unit: Unit, staff: StaffMember): Promise<readonly KnownBlock[]> {
  if (!(may(staff, "statements.approve") || may(staff, "statements.draft"))) return [];
  const pending = (await listPendingVersions(unit.tx)).slice(0, 10);
  if (pending.length === 0) return [];
  const blocks: KnownBlock[] = [section("*Statements*")];
  for (const version of pending) {
    const name = statementName(version, await crisisOf(unit, version));
    const decides = !whyNotDecide(staff, version, version.contentHash);
    const state =
      version.status === "approved" ? "approved, waits for its time" : "waits for a second person";
    blocks.push(section(`*${escapeMrkdwn(name)}*  ${escapeMrkdwn(version.title)}\n${state}`));
    const buttons = [
      ...(decides
        ? [
            button("statement.approve", "Approve …", seenValue(version), "primary"),
            button("statement.return", "Return …", seenValue(version)),
          ]
        : []),
      ...(may(staff, "statements.draft") ? [button("statement.edit", "Edit …", version.id)] : []),
    ];
    if (buttons.length > 0) blocks.push({ type: "actions", elements: buttons });
  }
  return blocks;
}
