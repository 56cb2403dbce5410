import { z } from "zod";
import type { RiskRules } from "#flows";
import type { YamlFile } from "./yaml.ts";

/** How broadcasts are approved. */
export interface ApprovalRules {
  /** So many days an approval counts, and a request for one waits. */
  readonly days: number;
  /** Hours between reminders of a review that nobody has closed. */
  readonly remindHours: number;
  readonly risk: RiskRules;
}

const points = z.int().min(0).max(100);
const steps = z.array(z.strictObject({ from: z.number().nonnegative(), points })).max(20);
const MAX_APPROVALS = 4;
/** Roles that may approve when a level names them. */
const APPROVING = ["approver", "crisis_lead"] as const;

/** What counts where deployment.yaml says nothing. docs/broadcasts.md has the table. */
const DEFAULT_RISK = {
  people: [
    { from: 1_000, points: 1 },
    { from: 10_000, points: 2 },
    { from: 100_000, points: 4 },
  ],
  cost: [
    { from: 10_000, points: 1 },
    { from: 100_000, points: 2 },
  ],
  classes: { emergency: 2 },
  sensitive: 3,
  night: 2,
  firstUse: 1,
  links: 1,
  approvals: [
    { from: 0, by: ["approver" as const] },
    { from: 5, by: ["approver" as const, "approver" as const] },
    { from: 9, by: ["approver" as const, "approver" as const, "crisis_lead" as const] },
  ],
};

export const approvalSchema = z
  .strictObject({
    days: z.int().min(1).max(366).default(30),
    remindHours: z.number().min(0.1).max(168).default(4),
    risk: z
      .strictObject({
        people: steps.default(DEFAULT_RISK.people),
        cost: steps.default(DEFAULT_RISK.cost),
        classes: z
          .partialRecord(z.enum(["emergency", "service", "consultation", "awareness"]), points)
          .default(DEFAULT_RISK.classes),
        sensitive: points.default(DEFAULT_RISK.sensitive),
        night: points.default(DEFAULT_RISK.night),
        firstUse: points.default(DEFAULT_RISK.firstUse),
        links: points.default(DEFAULT_RISK.links),
        approvals: z
          .array(
            z.strictObject({
              from: z.int().min(0),
              by: z.array(z.enum(APPROVING)).min(1, "nobody would have to approve").max(MAX_APPROVALS),
            }),
          )
          .min(1)
          .max(10)
          .default(DEFAULT_RISK.approvals),
      })
      .default(DEFAULT_RISK),
  })
  .default({ days: 30, remindHours: 4, risk: DEFAULT_RISK });

/** A level for every score, and more points never ask for fewer people. */
export function checkApproval(file: YamlFile, { risk }: ApprovalRules): void {
  const levels = [...risk.approvals].sort((a, b) => a.from - b.from);
  const place = ["approval", "risk", "approvals"];
  if (levels[0]?.from !== 0)
    file.fault(place, "there is no level from 0 on", "add one: - { from: 0, by: [approver] }");
  levels.forEach((level, index) => {
    const before = levels[index - 1];
    if (before?.from === level.from)
      file.fault(place, `there are two levels from ${level.from} on`, "remove one");
    if (before && level.by.length < before.by.length)
      file.fault(
        place,
        `from ${level.from} points on fewer people approve than from ${before.from} on`,
        "name at least as many",
      );
  });
}
