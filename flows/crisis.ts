/**
 * A crisis in motion, as a pure function: `(protocol, state, input, context) → { state, effects }`.
 * It decides who is called, when the next ones are, and when somebody must be reminded. It sends nothing.
 *
 * Glossary (beside protocol.ts)
 * - **Owner**: the person who acknowledged. Until there is one the crisis is `paging`.
 * - **Round**: a series of pages: one climb of the ladder, or one asking-again of the owner. Goes up only.
 * - **Epoch**: goes up with each change of state. A timer carries the epoch in which it was set; one of an older
 *   epoch does nothing. Every change sets the one timer anew: there is always exactly one that counts.
 * - **Lease**: an owner's silence is limited. Asked again and silent still, the ladder is climbed from its foot.
 * - **Exhausted**: the top of the ladder was passed and nobody has answered. Everyone is alarmed and the climb
 *   begins again: silence is never an end.
 */
import { isSlackTarget, type Protocol, severityOf, type Target } from "./protocol.ts";

export type CrisisPhase = "paging" | "acknowledged" | "standing_down" | "ended";

export interface CrisisState {
  readonly phase: CrisisPhase;
  readonly epoch: number;
  readonly severity: number;
  readonly round: number;
  /** Climbs of the ladder since the crisis last lost, or never had, an owner. */
  readonly climbs: number;
  /** Index in the ladder. */
  readonly tier: number;
  /** Those paged on this tier in this round, by staff id. */
  readonly paged: readonly string[];
  /** Those of them who can't, or whom no page reached. */
  readonly declined: readonly string[];
  /** Paging: when the next tier is called. ISO 8601, like every moment here. */
  readonly escalateAt?: string;
  readonly owner?: string;
  readonly acknowledgedAt?: string;
  /** Acknowledged: when the owner is asked again, or, once `asked`, when the owner loses it. */
  readonly leaseUntil?: string;
  readonly asked: boolean;
  /** Something has been released to the public. */
  readonly spoken: boolean;
  /** When the public was promised to hear next. */
  readonly updateDueAt?: string;
  /** When the next reminder of that promise is due. */
  readonly remindAt?: string;
}

/** Staff ids for each target of the protocol that names people. */
export type Roster = Readonly<Partial<Record<Target, readonly string[]>>>;

export interface CrisisContext {
  readonly now: string;
  readonly roster: Roster;
}

export type CrisisInput =
  | { readonly kind: "acknowledged"; readonly by: string }
  | { readonly kind: "declined"; readonly by: string }
  /** None of this person's pages could be handed over or delivered. */
  | { readonly kind: "unreachable"; readonly by: string }
  /** The owner did something that shows attention: a note, a statement. */
  | { readonly kind: "active"; readonly by: string }
  | { readonly kind: "severity"; readonly level: number; readonly by: string }
  /** The public was told something: the next update is promised from now. */
  | { readonly kind: "released" }
  /** `dueAt` is what the database's clock passed: a slower clock here does not make it early. */
  | { readonly kind: "tick"; readonly epoch: number; readonly dueAt: string }
  | { readonly kind: "all_clear"; readonly by: string }
  /** The all-clear was released, or staff closed it by hand. */
  | { readonly kind: "closed"; readonly by?: string }
  | { readonly kind: "cancelled"; readonly by: string };

export type CrisisRefusal =
  | "ended"
  | "standing_down"
  | "nothing_to_decline"
  | "unknown_severity"
  | "not_all_clear";

export type CrisisEffect =
  | {
      readonly kind: "page";
      readonly why: "declared" | "escalated" | "exhausted" | "ask_again";
      readonly round: number;
      readonly tier: number;
      readonly people: readonly string[];
      /** Slack channels of the tier. */
      readonly channels: readonly Target[];
    }
  /** Nobody has answered: every person and channel that the protocol knows. */
  | {
      readonly kind: "alarm";
      readonly round: number;
      readonly people: readonly string[];
      readonly channels: readonly Target[];
    }
  | { readonly kind: "close_pages"; readonly because: "acknowledged" | "ended" | "passed_on" }
  | { readonly kind: "settle_page"; readonly by: string; readonly as: "acknowledged" | "declined" }
  /** Exactly one is pending at a time: it replaces the earlier ones. */
  | { readonly kind: "wake"; readonly at: string; readonly epoch: number }
  | {
      readonly kind: "remind";
      readonly what: "update_soon" | "update_late" | "all_clear_waits";
      /** Nothing has been said to the public yet. */
      readonly first: boolean;
      readonly dueAt: string;
      readonly people: readonly string[];
    }
  | { readonly kind: "draft_all_clear"; readonly by: string }
  | { readonly kind: "log"; readonly event: CrisisEvent }
  /** Nothing changed; the person is told why. */
  | { readonly kind: "refuse"; readonly because: CrisisRefusal }
  | { readonly kind: "already_acknowledged"; readonly by: string; readonly at: string };

/** What the timeline records; the words are found by the bots. */
export type CrisisEvent =
  | { readonly kind: "declared" }
  | { readonly kind: "tier_paged"; readonly tier: string; readonly people: readonly string[] }
  | { readonly kind: "tier_skipped"; readonly tier: string }
  | { readonly kind: "tier_silent"; readonly tier: string }
  | { readonly kind: "tier_declined"; readonly tier: string }
  | { readonly kind: "acknowledged"; readonly by: string; readonly from?: string }
  | { readonly kind: "declined"; readonly by: string }
  | { readonly kind: "unreachable"; readonly by: string }
  | { readonly kind: "handed_back"; readonly by: string }
  | { readonly kind: "exhausted"; readonly climbs: number }
  | { readonly kind: "asked_again"; readonly owner: string }
  | { readonly kind: "owner_silent"; readonly owner: string }
  | { readonly kind: "severity"; readonly level: number; readonly by: string }
  | { readonly kind: "update_late"; readonly dueAt: string }
  | { readonly kind: "all_clear"; readonly by: string }
  | { readonly kind: "closed"; readonly by?: string }
  | { readonly kind: "cancelled"; readonly by: string };

export interface CrisisTurn {
  readonly state: CrisisState;
  readonly effects: readonly CrisisEffect[];
}

/** While an all-clear is not out, its people are reminded at this distance. */
export const ALL_CLEAR_REMINDER_MS = 15 * 60_000;

const plus = (moment: string, ms: number): string => new Date(Date.parse(moment) + ms).toISOString();
const latest = (...moments: readonly [string, string]): string => moments.toSorted()[1] ?? moments[0];
const earliest = (moments: readonly (string | undefined)[]): string | undefined =>
  moments.reduce((a, b) => (b !== undefined && (a === undefined || b < a) ? b : a), undefined);

/** Begins: the lowest tier that has anybody is called. */
export function declareCrisis(protocol: Protocol, severity: number, context: CrisisContext): CrisisTurn {
  const { now } = context;
  const updateDueAt = plus(now, protocol.cadence.firstStatementMs);
  const born: CrisisState = {
    phase: "paging",
    epoch: 0,
    severity: severityOf(protocol, severity).level,
    round: 0,
    climbs: 0,
    tier: 0,
    paged: [],
    declined: [],
    asked: false,
    spoken: false,
    updateDueAt,
    remindAt: warning(protocol, now, updateDueAt),
  };
  const climb = startClimb(protocol, born, context, "declared");
  return settled({ ...climb, effects: [log({ kind: "declared" }), ...climb.effects] });
}

/** One turn. What changes nothing returns the same state; what changes raises the epoch and sets the timer. */
export function crisisTurn(
  protocol: Protocol,
  state: CrisisState,
  input: CrisisInput,
  context: CrisisContext,
): CrisisTurn {
  if (input.kind === "tick" && input.epoch !== state.epoch) return unchanged(state);
  if (state.phase === "ended") return input.kind === "tick" ? unchanged(state) : refused(state, "ended");
  const turn = decide(protocol, state, input, context);
  return turn.state === state ? turn : settled(turn);
}

function decide(
  protocol: Protocol,
  state: CrisisState,
  input: CrisisInput,
  context: CrisisContext,
): CrisisTurn {
  switch (input.kind) {
    case "acknowledged":
      return acknowledge(protocol, state, input.by, context);
    case "declined":
      return decline(protocol, state, input.by, context);
    case "unreachable":
      return missUnreachable(protocol, state, input.by, context);
    case "active":
      return state.phase === "acknowledged" && state.owner === input.by
        ? { state: { ...state, ...newLease(protocol, context.now) }, effects: [] }
        : unchanged(state);
    case "severity":
      return changeSeverity(protocol, state, input, context);
    case "released":
      return { state: promise(protocol, state, state.severity, context.now), effects: [] };
    case "tick":
      return tick(protocol, state, {
        ...context,
        now: latest(context.now, input.dueAt),
      });
    case "all_clear":
      return allClear(state, input.by, context);
    case "closed":
      return state.phase === "standing_down"
        ? ended(state, { kind: "closed", ...(input.by === undefined ? {} : { by: input.by }) })
        : refused(state, "not_all_clear");
    case "cancelled":
      return ended(state, { kind: "cancelled", by: input.by });
  }
}

function acknowledge(protocol: Protocol, state: CrisisState, by: string, context: CrisisContext): CrisisTurn {
  const { now } = context;
  if (state.phase === "standing_down") return refused(state, "standing_down");
  if (state.phase === "acknowledged" && state.owner !== by && state.owner && state.acknowledgedAt)
    return {
      state,
      effects: [{ kind: "already_acknowledged", by: state.owner, at: state.acknowledgedAt }],
    };
  const again = state.phase === "acknowledged";
  return {
    state: {
      ...without(state, "escalateAt"),
      phase: "acknowledged",
      owner: by,
      acknowledgedAt: again ? (state.acknowledgedAt ?? now) : now,
      paged: [],
      declined: [],
      climbs: 0,
      ...newLease(protocol, now),
    },
    effects: [
      { kind: "settle_page", by, as: "acknowledged" },
      { kind: "close_pages", because: "acknowledged" },
      ...(again && !state.asked ? [] : [log({ kind: "acknowledged", by })]),
    ],
  };
}

function decline(protocol: Protocol, state: CrisisState, by: string, context: CrisisContext): CrisisTurn {
  if (state.phase === "standing_down") return refused(state, "standing_down");
  if (state.phase === "acknowledged") {
    if (state.owner !== by) return refused(state, "nothing_to_decline");
    const climb = startClimb(protocol, lost(state), context, "escalated");
    return {
      state: climb.state,
      effects: [
        { kind: "settle_page", by, as: "declined" },
        { kind: "close_pages", because: "passed_on" },
        log({ kind: "handed_back", by }),
        ...climb.effects,
      ],
    };
  }
  const said: CrisisEffect[] = [{ kind: "settle_page", by, as: "declined" }, log({ kind: "declined", by })];
  // An earlier tier's page stays open while the ladder is climbed: taking it back moves nothing.
  if (!state.paged.includes(by)) return { state: { ...state }, effects: said };
  if (state.declined.includes(by)) return unchanged(state);
  const declined = [...state.declined, by];
  if (state.paged.some((person) => !declined.includes(person)))
    return { state: { ...state, declined }, effects: said };
  const tier = protocol.escalation.tiers[state.tier];
  const next = climbFrom(protocol, { ...state, declined }, state.tier + 1, context, "escalated");
  return {
    state: next.state,
    effects: [...said, ...(tier ? [log({ kind: "tier_declined", tier: tier.id })] : []), ...next.effects],
  };
}

/**
 * Nobody waits for somebody whom no page reached: when the whole tier is out of reach or can't, the next is called at
 * once. Only on the first climb: when all carriers are down, going round ever faster would help nobody.
 */
function missUnreachable(
  protocol: Protocol,
  state: CrisisState,
  by: string,
  context: CrisisContext,
): CrisisTurn {
  if (state.phase !== "paging" || !state.paged.includes(by) || state.declined.includes(by))
    return unchanged(state);
  const missed = { ...state, declined: [...state.declined, by] };
  const said = log({ kind: "unreachable", by });
  const tier = protocol.escalation.tiers[state.tier];
  if (state.climbs > 1 || !tier || missed.paged.some((person) => !missed.declined.includes(person)))
    return { state: missed, effects: [said] };
  const next = climbFrom(protocol, missed, state.tier + 1, context, "escalated");
  return {
    state: next.state,
    effects: [said, log({ kind: "tier_skipped", tier: tier.id }), ...next.effects],
  };
}

function changeSeverity(
  protocol: Protocol,
  state: CrisisState,
  { level, by }: { readonly level: number; readonly by: string },
  { now }: CrisisContext,
): CrisisTurn {
  if (state.phase === "standing_down") return refused(state, "standing_down");
  if (!protocol.severities.some((severity) => severity.level === level))
    return refused(state, "unknown_severity");
  if (level === state.severity) return unchanged(state);
  const { updateDueAt } = state;
  const sooner = plus(now, severityOf(protocol, level).updateEveryMs);
  // Worse means sooner: a promise already given is brought forward, never put off.
  const due = updateDueAt === undefined || sooner < updateDueAt ? sooner : updateDueAt;
  return {
    state: { ...state, severity: level, updateDueAt: due, remindAt: warning(protocol, now, due) },
    effects: [log({ kind: "severity", level, by })],
  };
}

function allClear(state: CrisisState, by: string, { now }: CrisisContext): CrisisTurn {
  if (state.phase === "standing_down") return refused(state, "standing_down");
  return {
    state: {
      ...without(state, "escalateAt", "leaseUntil", "updateDueAt"),
      phase: "standing_down",
      owner: state.owner ?? by,
      paged: [],
      declined: [],
      asked: false,
      remindAt: plus(now, ALL_CLEAR_REMINDER_MS),
    },
    effects: [
      { kind: "close_pages", because: "ended" },
      log({ kind: "all_clear", by }),
      { kind: "draft_all_clear", by },
    ],
  };
}

function ended(state: CrisisState, event: CrisisEvent): CrisisTurn {
  return {
    state: {
      ...without(state, "escalateAt", "leaseUntil", "updateDueAt", "remindAt"),
      phase: "ended",
      paged: [],
      declined: [],
      asked: false,
    },
    effects: [{ kind: "close_pages", because: "ended" }, log(event)],
  };
}

/** Everything that is due by now, each at most one step: after an outage nobody is passed over. */
function tick(protocol: Protocol, state: CrisisState, context: CrisisContext): CrisisTurn {
  let now: CrisisState = { ...state };
  const effects: CrisisEffect[] = [];
  const due = (moment: string | undefined): boolean => moment !== undefined && moment <= context.now;
  const take = (turn: CrisisTurn): void => {
    now = turn.state;
    effects.push(...turn.effects);
  };
  if (now.phase === "paging" && due(now.escalateAt)) take(escalate(protocol, now, context));
  else if (now.phase === "acknowledged" && due(now.leaseUntil)) take(lapse(protocol, now, context));
  if (due(now.remindAt)) take(remind(protocol, now, context));
  return { state: now, effects };
}

function escalate(protocol: Protocol, state: CrisisState, context: CrisisContext): CrisisTurn {
  const silent = protocol.escalation.tiers[state.tier];
  const next = climbFrom(protocol, state, state.tier + 1, context, "escalated");
  const heard = silent && state.paged.length > 0 ? [log({ kind: "tier_silent", tier: silent.id })] : [];
  return { state: next.state, effects: [...heard, ...next.effects] };
}

function lapse(protocol: Protocol, state: CrisisState, context: CrisisContext): CrisisTurn {
  const owner = state.owner ?? "";
  if (!state.asked) {
    const round = state.round + 1;
    const { graceMs } = protocol.escalation.lease;
    return {
      state: { ...state, round, asked: true, leaseUntil: plus(context.now, graceMs) },
      effects: [
        log({ kind: "asked_again", owner }),
        { kind: "page", why: "ask_again", round, tier: state.tier, people: [owner], channels: [] },
      ],
    };
  }
  const climb = startClimb(protocol, lost(state), context, "escalated");
  return {
    state: climb.state,
    effects: [
      { kind: "close_pages", because: "passed_on" },
      log({ kind: "owner_silent", owner }),
      ...climb.effects,
    ],
  };
}

function remind(protocol: Protocol, state: CrisisState, { now }: CrisisContext): CrisisTurn {
  // Whoever is being paged has the page; only an owner is reminded in person.
  const people = state.owner ? [state.owner] : [];
  const again = (ms: number): CrisisState => ({ ...state, remindAt: plus(now, ms) });
  const { updateDueAt: dueAt } = state;
  const first = !state.spoken;
  if (dueAt === undefined)
    return {
      state: again(ALL_CLEAR_REMINDER_MS),
      effects: [{ kind: "remind", what: "all_clear_waits", first, dueAt: now, people }],
    };
  if (now < dueAt) {
    return {
      state: { ...state, remindAt: dueAt },
      effects: [{ kind: "remind", what: "update_soon", first, dueAt, people }],
    };
  }
  return {
    state: again(protocol.cadence.warnBeforeMs),
    effects: [
      { kind: "remind", what: "update_late", first, dueAt, people },
      log({ kind: "update_late", dueAt }),
    ],
  };
}

/** A new round from the foot of the ladder. */
function startClimb(
  protocol: Protocol,
  state: CrisisState,
  context: CrisisContext,
  why: "declared" | "escalated",
): CrisisTurn {
  const fresh = { ...state, round: state.round + 1, climbs: 1 };
  return climbFrom(protocol, fresh, 0, context, why);
}

/**
 * Calls the first tier from `tier` on that has anybody. Past the top everyone is alarmed and the climb begins
 * again from the foot; when no tier has anybody, the next try is one acknowledgement time away.
 */
function climbFrom(
  protocol: Protocol,
  state: CrisisState,
  tier: number,
  context: CrisisContext,
  why: "declared" | "escalated",
): CrisisTurn {
  const effects: CrisisEffect[] = [];
  const reached = callFirst(protocol, state, tier, context, why, effects);
  if (reached) return { state: reached, effects };

  const { repeat } = protocol.escalation;
  const round = state.round + 1;
  const exhausted = state.climbs % repeat === 0;
  if (exhausted) effects.push(log({ kind: "exhausted", climbs: state.climbs }));
  const anew: CrisisState = { ...state, round, climbs: state.climbs + 1 };
  const again = callFirst(protocol, anew, 0, context, exhausted ? "exhausted" : "escalated", effects);
  if (exhausted) effects.push(alarm(protocol, context, round, again?.paged ?? []));
  if (again) return { state: again, effects };
  const waitMs = protocol.escalation.tiers[0]?.acknowledgeWithinMs ?? protocol.cadence.warnBeforeMs;
  return {
    state: { ...anew, tier: 0, paged: [], declined: [], escalateAt: plus(context.now, waitMs) },
    effects,
  };
}

function callFirst(
  protocol: Protocol,
  state: CrisisState,
  from: number,
  { now, roster }: CrisisContext,
  why: "declared" | "escalated" | "exhausted",
  effects: CrisisEffect[],
): CrisisState | undefined {
  const { tiers } = protocol.escalation;
  for (let index = from; index < tiers.length; index++) {
    const tier = tiers[index];
    if (!tier) continue;
    const people = peopleOf(tier.notify, roster);
    const channels = tier.notify.filter(isSlackTarget);
    if (people.length === 0) {
      // A tier of channels only informs; nobody in it can acknowledge, so nobody is waited for.
      effects.push(
        channels.length > 0
          ? { kind: "page", why, round: state.round, tier: index, people: [], channels }
          : log({ kind: "tier_skipped", tier: tier.id }),
      );
      continue;
    }
    effects.push(
      { kind: "page", why, round: state.round, tier: index, people, channels },
      log({ kind: "tier_paged", tier: tier.id, people }),
    );
    return {
      ...state,
      tier: index,
      paged: people,
      declined: [],
      escalateAt: plus(now, tier.acknowledgeWithinMs),
    };
  }
  return undefined;
}

/** Those whom the new climb pages in the same moment are not called twice. */
function alarm(
  protocol: Protocol,
  { roster }: CrisisContext,
  round: number,
  paged: readonly string[],
): CrisisEffect {
  const { tiers, onExhausted } = protocol.escalation;
  const targets = [...tiers.flatMap((tier) => tier.notify), ...onExhausted];
  return {
    kind: "alarm",
    round,
    people: peopleOf(targets, roster).filter((person) => !paged.includes(person)),
    channels: [...new Set(targets.filter(isSlackTarget))],
  };
}

function peopleOf(targets: readonly Target[], roster: Roster): readonly string[] {
  return [...new Set(targets.flatMap((target) => roster[target] ?? []))];
}

function promise(protocol: Protocol, state: CrisisState, level: number, now: string): CrisisState {
  if (state.phase === "standing_down") return { ...state, spoken: true };
  const updateDueAt = plus(now, severityOf(protocol, level).updateEveryMs);
  return { ...state, spoken: true, updateDueAt, remindAt: warning(protocol, now, updateDueAt) };
}

/** Reminded ahead of the promise, or at once when the promise is nearer than that. */
function warning(protocol: Protocol, now: string, dueAt: string): string {
  const ahead = plus(dueAt, -protocol.cadence.warnBeforeMs);
  return ahead > now ? ahead : dueAt;
}

function newLease(protocol: Protocol, now: string): Pick<CrisisState, "leaseUntil" | "asked"> {
  return { leaseUntil: plus(now, protocol.escalation.lease.askAgainAfterMs), asked: false };
}

/** Back to paging, nobody's. */
function lost(state: CrisisState): CrisisState {
  return { ...without(state, "owner", "acknowledgedAt", "leaseUntil"), phase: "paging", asked: false };
}

/** Raises the epoch and sets the one timer to the earliest moment at which something is due. */
function settled({ state, effects }: CrisisTurn): CrisisTurn {
  const epoch = state.epoch + 1;
  const at = earliest([state.escalateAt, state.leaseUntil, state.remindAt]);
  return {
    state: { ...state, epoch },
    effects: at === undefined ? effects : [...effects, { kind: "wake", at, epoch }],
  };
}

const unchanged = (state: CrisisState): CrisisTurn => ({ state, effects: [] });
const refused = (state: CrisisState, because: CrisisRefusal): CrisisTurn => ({
  state,
  effects: [{ kind: "refuse", because }],
});
const log = (event: CrisisEvent): CrisisEffect => ({ kind: "log", event });

function without<K extends keyof CrisisState>(
  state: CrisisState,
  ...keys: readonly K[]
): Omit<CrisisState, K> {
  const rest: Partial<CrisisState> = { ...state };
  for (const key of keys) delete rest[key];
  return rest as Omit<CrisisState, K>;
}
