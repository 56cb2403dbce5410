import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type GivenApproval,
  holdsLink,
  missingApprovals,
  type RiskFacts,
  type RiskRules,
  riskOf,
} from "./risk.ts";

const rules: RiskRules = {
  people: [
    { from: 1_000, points: 1 },
    { from: 100_000, points: 4 },
  ],
  cost: [{ from: 10_000, points: 1 }],
  classes: { emergency: 2 },
  sensitive: 3,
  night: 2,
  firstUse: 1,
  links: 1,
  approvals: [
    { from: 0, by: ["approver"] },
    { from: 8, by: ["approver", "crisis_lead"] },
    { from: 4, by: ["approver", "approver"] },
  ],
};
const plain: RiskFacts = {
  people: 20,
  cost: 6,
  messageClass: "service",
  sensitive: false,
  night: false,
  firstUse: false,
  links: false,
};

describe("the score", () => {
  test.each<[string, Partial<RiskFacts>, number, readonly string[]]>([
    ["nothing special", {}, 0, ["approver"]],
    ["just under many", { people: 999 }, 0, ["approver"]],
    ["many", { people: 1_000 }, 1, ["approver"]],
    ["the highest step counts alone", { people: 100_000 }, 4, ["approver", "approver"]],
    ["delicate and new", { sensitive: true, firstUse: true }, 4, ["approver", "approver"]],
    ["an emergency at night", { messageClass: "emergency", night: true }, 4, ["approver", "approver"]],
    [
      "everything",
      {
        people: 6e6,
        cost: 1.8e6,
        messageClass: "emergency",
        sensitive: true,
        night: true,
        firstUse: true,
        links: true,
      },
      14,
      ["approver", "crisis_lead"],
    ],
  ])("%s", (_name, change, points, needs) => {
    const risk = riskOf({ ...plain, ...change }, rules);
    expect(risk.points).toBe(points);
    expect(risk.needs).toEqual(needs);
    expect(risk.reasons.reduce((sum, reason) => sum + reason.points, 0)).toBe(points);
  });

  test("more of anything never needs less", () => {
    const facts = fc.record({
      people: fc.nat(10_000_000),
      cost: fc.nat(3_000_000),
      messageClass: fc.constantFrom("emergency", "service", "consultation", "awareness"),
      sensitive: fc.boolean(),
      night: fc.boolean(),
      firstUse: fc.boolean(),
      links: fc.boolean(),
    }) as fc.Arbitrary<RiskFacts>;
    fc.assert(
      fc.property(facts, fc.nat(10_000_000), (less, more) => {
        const worse = { ...less, people: less.people + more, sensitive: true, night: true };
        expect(riskOf(worse, rules).points).toBeGreaterThanOrEqual(riskOf(less, rules).points);
        expect(riskOf(worse, rules).needs.length).toBeGreaterThanOrEqual(riskOf(less, rules).needs.length);
      }),
    );
  });
});

describe("whose approval is wanting", () => {
  const by = (person: string, ...roles: string[]): GivenApproval => ({ person, roles });
  test.each<[string, readonly string[], readonly GivenApproval[], readonly string[]]>([
    ["nobody has approved", ["approver"], [], ["approver"]],
    ["one is enough", ["approver"], [by("a", "approver")], []],
    ["one of two", ["approver", "approver"], [by("a", "approver")], ["approver"]],
    [
      "two accounts are one person",
      ["approver", "approver"],
      [by("a", "approver"), by("a", "approver")],
      ["approver"],
    ],
    ["the wrong role", ["approver"], [by("a", "crisis_lead")], ["approver"]],
    [
      "somebody of both stands for what the other is not, in either order",
      ["approver", "crisis_lead"],
      [by("both", "approver", "crisis_lead"), by("a", "approver")],
      [],
    ],
    [
      "one person of both is still one person",
      ["approver", "crisis_lead"],
      [by("both", "approver", "crisis_lead")],
      ["crisis_lead"],
    ],
  ])("%s", (_name, needs, given, missing) => {
    expect(missingApprovals(needs, given)).toEqual(missing);
    expect(missingApprovals(needs, [...given].reverse())).toEqual(missing);
  });

  test("as few are wanting as trying every way to place people finds", () => {
    const role = fc.constantFrom("approver", "crisis_lead", "media_liaison");
    const given = fc.array(
      fc.record({ person: fc.constantFrom("a", "b", "c", "d"), roles: fc.uniqueArray(role) }),
      { maxLength: 6 },
    );
    const fewest = (
      needs: readonly string[],
      people: readonly (readonly [string, Set<string>])[],
    ): number => {
      const [need, ...rest] = needs;
      if (need === undefined) return 0;
      const placed = people
        .filter(([, roles]) => roles.has(need))
        .map(([name]) =>
          fewest(
            rest,
            people.filter(([other]) => other !== name),
          ),
        );
      return Math.min(1 + fewest(rest, people), ...placed);
    };
    fc.assert(
      fc.property(fc.array(role, { maxLength: 4 }), given, (needs, approvals) => {
        const people = new Map<string, Set<string>>();
        for (const { person, roles } of approvals)
          people.set(person, new Set([...(people.get(person) ?? []), ...roles]));
        expect(missingApprovals(needs, approvals)).toHaveLength(fewest(needs, [...people]));
      }),
    );
  });
});

test.each([
  ["See https://umhlanzi.gov.za/water", true],
  ["See www.umhlanzi.gov.za", true],
  ["See umhlanzi.gov.za/water", true],
  ["Water is off in ward 3.It is back at 16:00", false],
  ["Call 032 555 0100", false],
])("a link: %s", (text, held) => expect(holdsLink(text)).toBe(held));
