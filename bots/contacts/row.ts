import { type Field, phoneAddress, TIME_ZONE } from "#storage";
import type { Deployment } from "#templates";
import { plainText } from "../csv.ts";
import { zoneNamed } from "../quiet-hours.ts";
import { FAILED_FORMULA } from "../table/index.ts";
import type { Column } from "./columns.ts";

/** Characters of one value. */
const MAX_VALUE = 500;
/** Groups of one person, and characters of a group's name. */
const MAX_GROUPS = 20;
const MAX_GROUP = 80;

export interface RowFault {
  readonly column: string;
  readonly value: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface RowPerson {
  readonly addresses: readonly string[];
  readonly name?: string;
  readonly language?: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Names. */
  readonly groups?: readonly string[];
  readonly consentAt?: string;
}

/** A row as a person, or all that is wrong with it. */
export function readRow(
  cells: readonly string[],
  columns: readonly Column[],
  deployment: Pick<Deployment, "country" | "languages" | "wards">,
  now: Date,
): RowPerson | readonly RowFault[] {
  const faults: RowFault[] = [];
  const addresses: string[] = [];
  const fields: Record<string, Field> = {};
  const person: { name?: string; language?: string; groups?: readonly string[]; consentAt?: string } = {};
  for (const { index, header, meaning } of columns) {
    const value = plainText((cells[index] ?? "").trim());
    if (value === "") continue;
    const fault = (reason: string, remedy: string): void =>
      void faults.push({ column: header, value, reason, remedy });
    if (value.length > MAX_VALUE) fault(`longer than ${MAX_VALUE} characters`, "shorten it");
    else if (value.includes("\0")) fault("has a character that is no text", "save the file as CSV UTF-8");
    else if (FAILED_FORMULA.test(value))
      fault(
        "a formula that has no value",
        "open the file in Excel, see that every formula works, and save it; or write the value in its place",
      );
    else if (meaning === "phone" || meaning === "whatsapp") {
      const address = phoneAddress(meaning === "phone" ? "sms" : "whatsapp", value, deployment.country);
      if (address) addresses.push(address);
      else if (/^\d+([.,]\d+)?e\+?\d+$/i.test(value))
        fault(
          "the spreadsheet shortened the number; its digits are lost",
          "format the column as text and enter it again",
        );
      else fault("not a phone number", "write it as 082 123 4567, or +27 82 123 4567");
    } else if (meaning === "name") person.name = value;
    else if (meaning === "language") {
      const said = value.toUpperCase();
      const language = deployment.languages.find(
        ({ code, name, keywords }) =>
          code.toUpperCase() === said || name.toUpperCase() === said || keywords.includes(said),
      );
      if (language) person.language = language.code;
      else
        fault(
          "not a language of this municipality",
          `one of: ${deployment.languages.map((l) => l.code).join(", ")}`,
        );
    } else if (meaning === "groups") {
      const groups = [
        ...new Set(value.split(/[,;|]/).map((name) => name.trim().replaceAll(/\s+/g, " "))),
      ].filter((name) => name !== "");
      if (groups.length > MAX_GROUPS) fault(`more than ${MAX_GROUPS} groups`, "leave some out");
      else if (groups.some((name) => name.length > MAX_GROUP))
        fault(
          `a group's name is longer than ${MAX_GROUP} characters`,
          "separate groups by commas or semicolons",
        );
      else person.groups = groups;
    } else if (meaning === TIME_ZONE) {
      const zone = zoneNamed(value);
      if (zone === undefined) fault("not a time zone", "write it as Africa/Johannesburg or Europe/London");
      else fields[TIME_ZONE] = zone;
    } else if (meaning === "consent_date") {
      const at = dateOf(value);
      if (!at && /^\d{5}([.,]\d+)?$/.test(value))
        fault("the number behind a date, not the date", "format the column as a date, or write 2026-03-31");
      else if (!at) fault("not a date", "write it as 2026-03-31");
      else if (at > now) fault("a date in the future", "write the day on which consent was given");
      else person.consentAt = at.toISOString();
    } else if (meaning === "ward") {
      const ward = Number(value.replace(/^ward\s*/i, ""));
      if (Number.isInteger(ward) && ward >= 1 && ward <= deployment.wards) fields.ward = ward;
      else fault("not a ward of this municipality", `a number from 1 to ${deployment.wards}`);
    } else fields[meaning] = value;
  }
  if (addresses.length === 0 && faults.length === 0)
    faults.push({
      column: columns.find(({ meaning }) => meaning === "phone" || meaning === "whatsapp")?.header ?? "",
      value: "",
      reason: "no phone number",
      remedy: "add one, or remove the row",
    });
  return faults.length > 0 ? faults : { ...person, addresses, fields };
}

/** 2026-03-31 with or without a time; other orders are ambiguous. */
function dateOf(text: string): Date | undefined {
  const [, year, month, day] = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ].*)?$/.exec(text) ?? [];
  if (!year || !month || !day) return undefined;
  const at = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day) ? undefined : at;
}
