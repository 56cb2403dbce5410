import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CrisisContext,
  type CrisisEffect,
  type CrisisInput,
  type CrisisState,
  type CrisisTurn,
  crisisTurn,
  declareCrisis,
  type Roster,
} from "./crisis.ts";
import type { Protocol } from "./protocol.ts";

const MINUTE = 60_000;
const BORN = "2026-11-23T02:00:00.000Z";
const at = (minutes: number): string => new Date(Date.parse(BORN) + minutes * MINUTE).toISOString();

const protocol: Protocol = {
  id: "water",
  title: { en: "Water" },
  hazard: "water contamination",
  severities: [
    { level: 1, title: "Severe", criteria: "illness", updateEveryMs: 30 * MINUTE },
    { level: 2, title: "Moderate", criteria: "no illness", updateEveryMs: 60 * MINUTE },
  ],
  roles: [],
  escalation: {
    tiers: [
      { id: "duty", notify: ["duty:water"], acknowledgeWithinMs: 5 * MINUTE },
      { id: "head", notify: ["person:naledi", "slack:#operations"], acknowledgeWithinMs: 10 * MINUTE },
      { id: "lead", notify: ["role:crisis_lead"], acknowledgeWithinMs: 10 * MINUTE },
    ],
    repeat: 1,
    onExhausted: ["slack:#media-desk", "person:manager"],
    lease: { askAgainAfterMs: 60 * MINUTE, graceMs: 10 * MINUTE },
  },
  cadence: { firstStatementMs: 15 * MINUTE, warnBeforeMs: 5 * MINUTE },
  tasks: [],
  audience: { affectedWards: true },
  channels: ["sms"],
  holding: {},
  allClear: {},
  expiresAfterMs: 12 * 60 * MINUTE,
  drillGroup: "drill",
};

const FULL: Roster = {
  "duty:water": ["ann", "ben"],
  "person:naledi": ["naledi"],
  "role:crisis_lead": ["sam"],
  "person:manager": ["manager"],
};

const context = (minutes: number, roster: Roster = FULL): CrisisContext => ({ now: at(minutes), roster });

/** What was decided, one short line each: the table below compares these. */
function told(effects: readonly CrisisEffect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case "page":
        return [
          `page ${[...effect.people, ...effect.channels].join("+")} (${effect.why}, round ${effect.round})`,
        ];
      case "alarm":
        return [`alarm ${[...effect.people, ...effect.channels].join("+")}`];
      case "log":
        return [`log ${effect.event.kind}`];
      case "remind":
        return [`remind ${effect.people.join("+")} ${effect.what}`];
      case "wake":
        return [`wake ${(Date.parse(effect.at) - Date.parse(BORN)) / MINUTE}`];
      case "close_pages":
        return ["close_pages"];
      case "settle_page":
        return [`${effect.as} ${effect.by}`];
      case "refuse":
        return [`refuse ${effect.because}`];
      default:
        return [effect.kind];
    }
  });
}

type Step = readonly [minutes: number, input: "tick" | CrisisInput, ...told: string[]];
const ack = (by: string): CrisisInput => ({ kind: "acknowledged", by });
const cannot = (by: string): CrisisInput => ({ kind: "declined", by });
const missed = (by: string): CrisisInput => ({ kind: "unreachable", by });

const tick = (state: CrisisState, minutes: number): CrisisInput => ({
  kind: "tick",
  epoch: state.epoch,
  dueAt: at(minutes),
});

const cases: readonly { name: string; roster?: Roster; declared: string[]; steps: readonly Step[] }[] = [
  {
    name: "a silent tier passes the crisis on exactly at its time",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [
        5,
        "tick",
        "log tier_silent",
        "page naledi+slack:#operations (escalated, round 1)",
        "log tier_paged",
        "wake 10",
      ],
      [9, ack("naledi"), "acknowledged naledi", "close_pages", "log acknowledged", "wake 10"],
      [10, "tick", "remind naledi update_soon", "wake 15"],
    ],
  },
  {
    name: "a late acknowledgement of a lower tier counts: the crisis is hers",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [
        5,
        "tick",
        "log tier_silent",
        "page naledi+slack:#operations (escalated, round 1)",
        "log tier_paged",
        "wake 10",
      ],
      [6, ack("ann"), "acknowledged ann", "close_pages", "log acknowledged", "wake 10"],
      [6, ack("naledi"), "already_acknowledged"],
    ],
  },
  {
    name: "a tier that no page reached, or that can't, is passed over at once; one who is out of reach delays nobody",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, missed("ann"), "log unreachable", "wake 5"],
      [1, missed("ann")],
      [
        2,
        missed("ben"),
        "log unreachable",
        "log tier_skipped",
        "page naledi+slack:#operations (escalated, round 1)",
        "log tier_paged",
        "wake 10",
      ],
      [3, missed("ben")],
      [4, ack("ben"), "acknowledged ben", "close_pages", "log acknowledged", "wake 10"],
      [5, missed("naledi")],
    ],
  },
  {
    name: "can't passes on at once when all of a tier have said so",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, cannot("ann"), "declined ann", "log declined", "wake 5"],
      [
        2,
        cannot("ben"),
        "declined ben",
        "log declined",
        "log tier_declined",
        "page naledi+slack:#operations (escalated, round 1)",
        "log tier_paged",
        "wake 10",
      ],
    ],
  },
  {
    name: "an empty tier is skipped at once",
    roster: { "role:crisis_lead": ["sam"] },
    declared: [
      "log declared",
      "log tier_skipped",
      "page slack:#operations (declared, round 1)",
      "page sam (declared, round 1)",
      "log tier_paged",
      "wake 10",
    ],
    steps: [],
  },
  {
    name: "an exhausted ladder alarms everybody and begins again from its foot",
    roster: { "duty:water": ["ann"], "person:manager": ["manager"] },
    declared: ["log declared", "page ann (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [
        5,
        "tick",
        "log tier_silent",
        "page slack:#operations (escalated, round 1)",
        "log tier_skipped",
        "log exhausted",
        "page ann (exhausted, round 2)",
        "log tier_paged",
        "alarm manager+slack:#operations+slack:#media-desk",
        "wake 10",
      ],
      [7, ack("manager"), "acknowledged manager", "close_pages", "log acknowledged", "wake 10"],
    ],
  },
  {
    name: "with nobody anywhere it alarms the channels and tries again",
    roster: {},
    declared: [
      "log declared",
      "log tier_skipped",
      "page slack:#operations (declared, round 1)",
      "log tier_skipped",
      "log exhausted",
      "log tier_skipped",
      "page slack:#operations (exhausted, round 2)",
      "log tier_skipped",
      "alarm slack:#operations+slack:#media-desk",
      "wake 5",
    ],
    steps: [],
  },
  {
    name: "an owner who goes silent is asked again and then loses it",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, ack("ann"), "acknowledged ann", "close_pages", "log acknowledged", "wake 10"],
      [2, { kind: "released" }, "wake 57"],
      [57, "tick", "remind ann update_soon", "wake 61"],
      [61, "tick", "log asked_again", "page ann (ask_again, round 2)", "wake 62"],
      [62, "tick", "remind ann update_late", "log update_late", "wake 67"],
      [67, "tick", "remind ann update_late", "log update_late", "wake 71"],
      [
        71,
        "tick",
        "close_pages",
        "log owner_silent",
        "page ann+ben (escalated, round 3)",
        "log tier_paged",
        "wake 72",
      ],
    ],
  },
  {
    name: "an owner's activity or acknowledgement renews the lease",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, ack("ann"), "acknowledged ann", "close_pages", "log acknowledged", "wake 10"],
      [2, { kind: "released" }, "wake 57"],
      [50, { kind: "active", by: "ann" }, "wake 57"],
      [50, { kind: "active", by: "ben" }],
      [57, "tick", "remind ann update_soon", "wake 62"],
      [58, { kind: "released" }, "wake 110"],
      [110, "tick", "log asked_again", "page ann (ask_again, round 2)", "wake 113"],
      [111, ack("ann"), "acknowledged ann", "close_pages", "log acknowledged", "wake 113"],
    ],
  },
  {
    name: "an owner can hand it back",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, ack("ann"), "acknowledged ann", "close_pages", "log acknowledged", "wake 10"],
      [2, cannot("ben"), "refuse nothing_to_decline"],
      [
        3,
        cannot("ann"),
        "declined ann",
        "close_pages",
        "log handed_back",
        "page ann+ben (escalated, round 2)",
        "log tier_paged",
        "wake 8",
      ],
    ],
  },
  {
    name: "a worse severity brings the promised update forward",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, ack("ann"), "acknowledged ann", "close_pages", "log acknowledged", "wake 10"],
      [2, { kind: "released" }, "wake 57"],
      [3, { kind: "severity", level: 1, by: "ann" }, "log severity", "wake 28"],
      [4, { kind: "severity", level: 1, by: "ann" }],
      [4, { kind: "severity", level: 7, by: "ann" }, "refuse unknown_severity"],
    ],
  },
  {
    name: "the all-clear is reminded of until it is out, then everything is over",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, { kind: "closed", by: "ann" }, "refuse not_all_clear"],
      [4, { kind: "all_clear", by: "ann" }, "close_pages", "log all_clear", "draft_all_clear", "wake 19"],
      [5, ack("ben"), "refuse standing_down"],
      [19, "tick", "remind ann all_clear_waits", "wake 34"],
      [20, { kind: "closed" }, "close_pages", "log closed"],
      [21, ack("ben"), "refuse ended"],
      [22, "tick"],
    ],
  },
  {
    name: "cancelled is over",
    declared: ["log declared", "page ann+ben (declared, round 1)", "log tier_paged", "wake 5"],
    steps: [
      [1, { kind: "cancelled", by: "ann" }, "close_pages", "log cancelled"],
      [2, { kind: "all_clear", by: "ann" }, "refuse ended"],
    ],
  },
];

describe("a crisis", () => {
  it.each(cases)("$name", ({ declared, steps, roster = FULL }) => {
    let turn = declareCrisis(protocol, 2, context(0, roster));
    expect(told(turn.effects)).toEqual(declared);
    for (const [minutes, input, ...expected] of steps) {
      const { state } = turn;
      const event = input === "tick" ? tick(state, minutes) : input;
      turn = crisisTurn(protocol, state, event, context(minutes, roster));
      expect(told(turn.effects), `at minute ${minutes}`).toEqual(expected);
      expect(turn.state.epoch).toBe(turn.state === state ? state.epoch : state.epoch + 1);
    }
  });

  it("fires nothing early when the clock here is behind the database's", () => {
    const { state } = declareCrisis(protocol, 2, context(0));
    const turn = crisisTurn(protocol, state, tick(state, 5), context(4.9));
    expect(told(turn.effects)).toContain("page naledi+slack:#operations (escalated, round 1)");
  });

  it("gives the next tier its full time after an outage", () => {
    const { state } = declareCrisis(protocol, 2, context(0));
    const { effects } = crisisTurn(protocol, state, tick(state, 5), context(600));
    expect(effects.filter((effect) => effect.kind === "page")).toHaveLength(1);
    expect(crisisTurn(protocol, state, tick(state, 5), context(600)).state.escalateAt).toBe(at(610));
  });
});

const person = fc.constantFrom("ann", "ben", "naledi", "sam", "manager", "stranger");
const roster: fc.Arbitrary<Roster> = fc.record({
  "duty:water": fc.uniqueArray(fc.constantFrom("ann", "ben")),
  "person:naledi": fc.uniqueArray(fc.constant("naledi")),
  "role:crisis_lead": fc.uniqueArray(fc.constantFrom("sam", "ann")),
  "person:manager": fc.uniqueArray(fc.constant("manager")),
});
const input = fc.oneof(
  { weight: 6, arbitrary: person.map((by) => ack(by)) },
  { weight: 6, arbitrary: person.map((by) => cannot(by)) },
  { weight: 2, arbitrary: person.map((by): CrisisInput => ({ kind: "active", by })) },
  { weight: 1, arbitrary: fc.constant<CrisisInput>({ kind: "released" }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 3 })
      .map((level): CrisisInput => ({ kind: "severity", level, by: "ann" })),
  },
  { weight: 20, arbitrary: fc.constant("due" as const) },
  { weight: 2, arbitrary: fc.nat(30).map((epoch): CrisisInput => ({ kind: "tick", epoch, dueAt: BORN })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<CrisisInput>(
      { kind: "all_clear", by: "ann" },
      { kind: "closed", by: "ann" },
      { kind: "cancelled", by: "ann" },
    ),
  },
);
const story = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 * MINUTE }), input, roster), { maxLength: 60 });

interface Moment {
  readonly now: string;
  readonly before: CrisisState;
  readonly event: CrisisInput;
  readonly turn: CrisisTurn;
  readonly context: CrisisContext;
  /** Timers that count: their epoch is the state's. */
  readonly pending: readonly Extract<CrisisEffect, { kind: "wake" }>[];
}

/** Plays a story, with the state written to JSON and read back between all steps. */
function play(
  events: readonly (readonly [number, "due" | CrisisInput, Roster])[],
  check: (moment: Moment) => void,
): void {
  let now = Date.parse(BORN);
  let turn = declareCrisis(protocol, 2, { now: BORN, roster: FULL });
  let wakes = turn.effects.filter((effect) => effect.kind === "wake");
  for (const [ms, what, people] of events) {
    const before = JSON.parse(JSON.stringify(turn.state)) as CrisisState;
    const next = wakes.find((wake) => wake.epoch === before.epoch);
    let event: CrisisInput;
    if (what === "due") {
      if (!next) continue;
      now = Math.max(now, Date.parse(next.at));
      event = { kind: "tick", epoch: next.epoch, dueAt: next.at };
    } else {
      now += ms;
      event = what;
    }
    const given = { now: new Date(now).toISOString(), roster: people };
    const frozen = JSON.stringify(before);
    turn = crisisTurn(protocol, before, event, given);
    expect(JSON.stringify(before)).toBe(frozen);
    wakes = [...wakes, ...turn.effects.filter((effect) => effect.kind === "wake")];
    check({
      now: given.now,
      before,
      event,
      turn,
      context: given,
      pending: wakes.filter((wake) => wake.epoch === turn.state.epoch),
    });
  }
}

describe("whatever happens to a crisis", () => {
  it("is never silent: until it has ended exactly one timer counts, and in paging it is not after the deadline", () => {
    fc.assert(
      fc.property(story, (events) =>
        play(events, ({ turn: { state }, pending }) => {
          expect(pending).toHaveLength(state.phase === "ended" ? 0 : 1);
          if (state.phase === "paging") {
            expect(state.escalateAt).toBeDefined();
            expect((pending[0]?.at ?? "") <= (state.escalateAt ?? "")).toBe(true);
          }
          if (state.phase === "acknowledged") expect(state.owner && state.leaseUntil).toBeTruthy();
        }),
      ),
    );
  });

  it("always moves on when its timer fires: something is said or somebody is called", () => {
    fc.assert(
      fc.property(story, (events) =>
        play(events, ({ event, before, turn, now }) => {
          if (event.kind !== "tick" || event.epoch !== before.epoch || before.phase === "ended") return;
          if (event.dueAt === BORN) return;
          expect(turn.effects.some(({ kind }) => ["page", "alarm", "remind", "log"].includes(kind))).toBe(
            true,
          );
          const wake = turn.effects.find((effect) => effect.kind === "wake");
          expect((wake?.at ?? "") > now).toBe(true);
        }),
      ),
    );
  });

  it("a stale timer changes nothing", () => {
    fc.assert(
      fc.property(story, fc.nat(200), (events, epoch) =>
        play(events, ({ turn, context: given, now }) => {
          if (epoch === turn.state.epoch) return;
          const stale = crisisTurn(protocol, turn.state, { kind: "tick", epoch, dueAt: now }, given);
          expect(stale.state).toBe(turn.state);
          expect(stale.effects).toEqual([]);
        }),
      ),
    );
  });

  it("what changes raises the epoch by one, and what does not is the same state", () => {
    fc.assert(
      fc.property(story, (events) =>
        play(events, ({ before, turn }) => {
          expect(turn.state.epoch).toBe(turn.state === before ? before.epoch : before.epoch + 1);
        }),
      ),
    );
  });

  it("an end is an end: every later word is refused", () => {
    fc.assert(
      fc.property(story, (events) =>
        play(events, ({ before, event, turn }) => {
          if (before.phase !== "ended") return;
          expect(turn.state).toBe(before);
          expect(turn.effects).toEqual(event.kind === "tick" ? [] : [{ kind: "refuse", because: "ended" }]);
        }),
      ),
    );
  });

  it("nobody is paged in an acknowledged or ended crisis, the owner's asking-again aside", () => {
    fc.assert(
      fc.property(story, (events) =>
        play(events, ({ turn: { state, effects } }) => {
          if (state.phase === "paging") return;
          for (const effect of effects) {
            if (effect.kind === "page") expect(effect.people).toEqual([state.owner]);
            expect(effect.kind).not.toBe("alarm");
          }
        }),
      ),
    );
  });

  it("no person is paged twice in one round", () => {
    fc.assert(
      fc.property(story, (events) => {
        const seen = new Set<string>();
        play(events, ({ turn: { effects } }) => {
          for (const effect of effects) {
            if (effect.kind !== "page" && effect.kind !== "alarm") continue;
            for (const who of effect.people) {
              const key = `${effect.round}/${effect.kind === "page" ? effect.tier : "alarm"}/${who}`;
              expect(seen.has(key)).toBe(false);
              seen.add(key);
            }
          }
        });
      }),
    );
  });
});
