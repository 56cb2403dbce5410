import { slackId } from "../carrier-ids.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Block, PlainText, Values, View } from "../world.ts";
import { viewFaults } from "./block-rules.ts";
import { elementsOf, isInput, valuesOf } from "./inputs.ts";
import type { Tickets } from "./tickets.ts";

/** A view as the product writes it. */
export interface ViewRequest {
  readonly type: "modal" | "home";
  readonly title?: PlainText;
  readonly submit?: PlainText;
  readonly close?: PlainText;
  readonly blocks: readonly Block[];
  readonly private_metadata?: string;
  readonly callback_id?: string;
  readonly external_id?: string;
  readonly clear_on_close?: boolean;
  readonly notify_on_close?: boolean;
}

export type Shown =
  | { readonly view: View }
  | { readonly error: string; readonly messages?: readonly string[] };

export interface Views {
  open(triggerId: string, view: unknown): Shown;
  push(triggerId: string, view: unknown): Shown;
  update(
    which: { readonly viewId?: string; readonly externalId?: string; readonly hash?: string },
    view: unknown,
  ): Shown;
  publish(user: string, view: unknown, hash?: string): Shown;
  stack(user: string): readonly View[];
  find(viewId: string): View | undefined;
  /** Replaces the stack; for what a person or a submission's answer does. */
  setStack(user: string, stack: readonly View[]): void;
  replace(view: View): void;
  pushFor(user: string, view: unknown): Shown;
  enter(view: View, blockId: string, actionId: string, state: Readonly<Record<string, unknown>>): View;
}

/** Modals are stacked three deep at most. */
const MAX_STACK = 3;

export function openViews(around: Surroundings, tickets: Tickets): Views {
  const { state } = around;
  const stacks = new Map<string, readonly View[]>();

  const setStack = (user: string, stack: readonly View[]) => {
    stacks.set(user, stack);
    state.notify({ kind: "modals", user, stack });
  };
  const refuse = (view: unknown, type: "modal" | "home"): Shown | undefined => {
    const messages = viewFaults(view, type);
    return messages.length > 0 ? { error: "invalid_arguments", messages } : undefined;
  };
  const all = () => [...stacks.values()].flat();
  const replace = (view: View) => {
    if (view.type === "home") return state.change({ kind: "home", view });
    const stack = stacks.get(view.user) ?? [];
    setStack(
      view.user,
      stack.map((v) => (v.id === view.id ? view : v)),
    );
  };
  const pushFor = (user: string, view: unknown): Shown => {
    const stack = stacks.get(user) ?? [];
    if (stack.length >= MAX_STACK) return { error: "push_limit_reached" };
    const refused = refuse(view, "modal");
    if (refused) return refused;
    const made = build(view as ViewRequest, user, stack[0]?.id, stack.at(-1)?.id);
    if (made.externalId && all().some((v) => v.externalId === made.externalId))
      return { error: "duplicate_external_id" };
    setStack(user, [...stack, made]);
    return { view: made };
  };

  return {
    open: (triggerId, view) => {
      const who = tickets.exchange(triggerId);
      if ("error" in who) return who;
      const refused = refuse(view, "modal");
      if (refused) return refused;
      const made = build(view as ViewRequest, who.user);
      setStack(who.user, [made]);
      return { view: made };
    },
    push: (triggerId, view) => {
      const who = tickets.exchange(triggerId);
      return "error" in who ? who : pushFor(who.user, view);
    },
    update: ({ viewId, externalId, hash }, view) => {
      const old = [...all(), ...state.homes.values()].find(
        (v) =>
          (viewId !== undefined && v.id === viewId) ||
          (externalId !== undefined && v.externalId === externalId),
      );
      if (!old) return { error: "not_found" };
      if (hash && hash !== old.hash) return { error: "hash_conflict" };
      const refused = refuse(view, old.type);
      if (refused) return refused;
      const made = rebuild(old, view as ViewRequest);
      replace(made);
      return { view: made };
    },
    publish: (user, view, hash) => {
      const old = state.homes.get(user);
      if (hash && old && hash !== old.hash) return { error: "hash_conflict" };
      const refused = refuse(view, "home");
      if (refused) return refused;
      const made = old ? rebuild(old, view as ViewRequest) : build(view as ViewRequest, user);
      state.change({ kind: "home", view: made });
      return { view: made };
    },
    stack: (user) => stacks.get(user) ?? [],
    find: (viewId) => all().find((v) => v.id === viewId),
    setStack,
    replace,
    pushFor,
    enter: (view, blockId, actionId, value) => {
      const values: Values = { ...view.values, [blockId]: { ...view.values[blockId], [actionId]: value } };
      const entered = { ...view, values };
      replace(entered);
      return entered;
    },
  };
}

let builds = 0;

function hashOf(): string {
  builds += 1;
  return `${Math.floor(Date.now() / 1000)}.${builds.toString(36)}`;
}

function build(request: ViewRequest, user: string, rootId?: string, previousId?: string): View {
  const id = slackId("V");
  const blocks = withIds(request.blocks);
  return {
    id,
    user,
    type: request.type,
    hash: hashOf(),
    blocks,
    values: valuesOf(blocks),
    callbackId: request.callback_id ?? "",
    privateMetadata: request.private_metadata ?? "",
    externalId: request.external_id ?? "",
    clearOnClose: request.clear_on_close ?? false,
    notifyOnClose: request.notify_on_close ?? false,
    rootId: rootId ?? id,
    ...(previousId ? { previousId } : {}),
    ...(request.title ? { title: request.title } : {}),
    ...(request.submit ? { submit: request.submit } : {}),
    ...(request.close ? { close: request.close } : {}),
  };
}

/** An update keeps the view's id and what was entered, where block and action ids are the same. */
function rebuild(old: View, request: ViewRequest): View {
  const fresh = build(request, old.user, old.rootId, old.previousId);
  return { ...fresh, id: old.id, rootId: old.rootId, values: valuesOf(fresh.blocks, old.values) };
}

/** Slack gives ids to blocks and actions that have none. */
export function withIds(blocks: readonly Block[]): readonly Block[] {
  return blocks.map((block, i) => {
    const missing = elementsOf(block).some((e) => !e.action_id && (isInput(e) || e.type === "button"));
    const named: Block = { ...block, block_id: block.block_id ?? `b${i}${slackId("").slice(1, 5)}` };
    if (!missing) return named;
    const fill = (e: unknown) =>
      typeof e === "object" && e !== null && !("action_id" in e)
        ? { ...e, action_id: slackId("a").slice(0, 5) }
        : e;
    return {
      ...named,
      ...("element" in named ? { element: fill(named.element) } : {}),
      ...("accessory" in named ? { accessory: fill(named.accessory) } : {}),
      ...(named.type === "actions" ? { elements: (named.elements as unknown[]).map(fill) } : {}),
    };
  });
}
