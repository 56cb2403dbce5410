import { credentials } from "../credentials.ts";
import { dmOf, postKey } from "../state.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Answer, accepted } from "../webhook.ts";
import type { Block, Post, Values, View } from "../world.ts";
import type { Delivery } from "./deliver.ts";
import {
  type Element,
  type Entry,
  elementsOf,
  entered,
  entryFaults,
  isInput,
  type OptionObject,
  stateKey,
  valuesOf,
} from "./inputs.ts";
import type { Posts } from "./posts.ts";
import { answerTo } from "./responses.ts";
import { interaction, messageJson, viewJson } from "./shapes.ts";
import type { Tickets } from "./tickets.ts";
import type { Views } from "./views.ts";

/** What came of something that a person did. `problem` is what Slack would tell that person. */
export interface Outcome {
  readonly ok: boolean;
  readonly problem?: string;
  /** A submission that was refused, by block id. */
  readonly errors?: Readonly<Record<string, string>>;
}

/** Where something is pressed: a message, the open modal, or App Home. */
export type Place =
  | { readonly kind: "message"; readonly channel: string; readonly ts: string }
  | { readonly kind: "modal" }
  | { readonly kind: "home" };

export interface Press {
  readonly user: string;
  readonly place: Place;
  readonly actionId: string;
  readonly blockId?: string;
  /** Tells buttons with the same action id apart. */
  readonly value?: string;
  /** For menus and inputs: what was chosen or typed. */
  readonly entry?: Entry;
}

/** Block id → action id → entry, or just action id → entry. */
export type Entries = Readonly<Record<string, Entry | Readonly<Record<string, Entry>>>>;

export interface People {
  command(user: string, channel: string, line: string): Promise<Outcome>;
  write(
    user: string,
    channel: string,
    text: string,
    threadTs?: string,
  ): Promise<Outcome & { readonly ts?: string }>;
  openHome(user: string): Promise<Outcome>;
  press(press: Press): Promise<Outcome>;
  options(user: string, place: Place, actionId: string, typed: string): Promise<readonly OptionObject[]>;
  fill(user: string, entries: Entries): Promise<Outcome>;
  submit(user: string, entries?: Entries): Promise<Outcome>;
  closeModal(user: string, all: boolean): Promise<Outcome>;
}

const TIMED_OUT = "We had some trouble connecting. Try again?";

export function openPeople(
  around: Surroundings,
  parts: {
    readonly delivery: Delivery;
    readonly posts: Posts;
    readonly views: Views;
    readonly tickets: Tickets;
  },
): People {
  const { state } = around;
  const { delivery, posts, views, tickets } = parts;
  /** Entries in messages live only until the restart, as in Slack's own client. */
  const inMessages = new Map<string, Values>();
  /** Options that an external menu was given, so that they can be chosen. */
  const loaded = new Map<string, readonly OptionObject[]>();

  const outcome = (answer: Answer): Outcome => {
    if (accepted(answer)) return { ok: true };
    const problem =
      answer.status === 0 ? `${TIMED_OUT} (${answer.problem})` : `${TIMED_OUT} (answered ${answer.status})`;
    return { ok: false, problem };
  };

  const placed = (
    user: string,
    place: Place,
  ): { blocks: readonly Block[]; view?: View; post?: Post } | undefined => {
    if (place.kind === "message") {
      const post = posts.find(place.channel, place.ts);
      const hidden = post?.ephemeralTo && post.ephemeralTo !== user;
      return post && !hidden ? { blocks: post.blocks ?? [], post } : undefined;
    }
    const view = place.kind === "home" ? state.homes.get(user) : views.stack(user).at(-1);
    return view ? { blocks: view.blocks, view } : undefined;
  };

  const seek = (blocks: readonly Block[], press: Pick<Press, "actionId" | "blockId" | "value">) => {
    for (const block of blocks)
      for (const element of elementsOf(block))
        if (
          element.action_id === press.actionId &&
          (!press.blockId || block.block_id === press.blockId) &&
          (press.value === undefined || element.value === undefined || element.value === press.value)
        )
          return { block, element };
    return undefined;
  };

  const press = async (request: Press): Promise<Outcome> => {
    const { user, place, entry } = request;
    const where = placed(user, place);
    if (!where) return { ok: false, problem: `${user} sees no such ${place.kind}` };
    const found = seek(where.blocks, request);
    if (!found)
      return {
        ok: false,
        problem: `there is no ${request.actionId} to press; there are ${known(where.blocks)}`,
      };
    const { block, element } = found;
    const key = `${user} ${place.kind === "message" ? postKey(place.channel, place.ts) : place.kind}`;
    let view = where.view;
    let value: Readonly<Record<string, unknown>> = {};
    try {
      if (entry !== undefined || isInput(element))
        value = entered(element, entry ?? null, loaded.get(loadedKey(user, element)));
    } catch (error) {
      return { ok: false, problem: error instanceof Error ? error.message : String(error) };
    }
    if (isInput(element) && block.block_id && element.action_id) {
      if (view) view = views.enter(view, block.block_id, element.action_id, value);
      else {
        const before = valuesOf(where.blocks, inMessages.get(key));
        inMessages.set(key, {
          ...before,
          [block.block_id]: { ...before[block.block_id], [element.action_id]: value },
        });
      }
      if (block.type === "input" && !block.dispatch_action) return { ok: true };
    }
    const action = {
      ...value,
      type: element.type,
      action_id: element.action_id,
      block_id: block.block_id,
      ...(element.type === "button"
        ? { text: element.text, ...("value" in element ? { value: element.value } : {}) }
        : {}),
      action_ts: (Date.now() / 1000).toFixed(6),
    };
    const payload = {
      type: "block_actions",
      ...interaction(around, user),
      trigger_id: tickets.trigger(user),
      actions: [action],
      ...(view ? inView(view) : {}),
      ...(where.post ? inMessage(where.post, user, valuesOf(where.blocks, inMessages.get(key))) : {}),
    };
    return outcome(await delivery.request("interactive", payload));
  };

  const inView = (view: View) => ({ container: { type: "view", view_id: view.id }, view: viewJson(view) });
  const inMessage = (post: Post, user: string, values: Values) => {
    const channel = state.channels.get(post.channel);
    return {
      container: {
        type: "message",
        message_ts: post.ts,
        channel_id: post.channel,
        is_ephemeral: post.ephemeralTo !== undefined,
        ...(post.threadTs ? { thread_ts: post.threadTs } : {}),
      },
      channel: { id: post.channel, name: channel?.kind === "dm" ? "directmessage" : channel?.name },
      ...(post.ephemeralTo ? {} : { message: messageJson(post) }),
      state: { values },
      response_url: tickets.responseUrl(around.url(), { channel: post.channel, user, ts: post.ts }),
    };
  };

  const options = async (
    user: string,
    place: Place,
    actionId: string,
    typed: string,
  ): Promise<readonly OptionObject[]> => {
    const where = placed(user, place);
    const found = where && seek(where.blocks, { actionId });
    if (!where || !found) return [];
    const answer = await delivery.request("interactive", {
      type: "block_suggestion",
      ...interaction(around, user),
      action_id: actionId,
      block_id: found.block.block_id,
      value: typed,
      ...(where.view ? inView(where.view) : {}),
      ...(where.post ? inMessage(where.post, user, {}) : {}),
    });
    const body =
      accepted(answer) && answer.body
        ? (JSON.parse(answer.body) as {
            options?: OptionObject[];
            option_groups?: { options: OptionObject[] }[];
          })
        : {};
    const all = [...(body.options ?? []), ...(body.option_groups ?? []).flatMap((g) => g.options)];
    loaded.set(loadedKey(user, found.element), all);
    return all;
  };

  const fill = async (user: string, entries: Entries): Promise<Outcome> => {
    for (const [blockId, actionId, entry] of flatten(entries)) {
      const view = views.stack(user).at(-1);
      if (!view) return { ok: false, problem: `${user} has no modal open` };
      const found = seek(view.blocks, { actionId, ...(blockId ? { blockId } : {}) });
      const byBlock = !found && !blockId ? view.blocks.find((b) => b.block_id === actionId) : undefined;
      const element = found?.element ?? (byBlock && elementsOf(byBlock)[0]);
      const block = found?.block ?? byBlock;
      if (!block || !element?.action_id)
        return { ok: false, problem: `there is no ${actionId} to fill in; there are ${known(view.blocks)}` };
      if (element.type.endsWith("external_select"))
        await options(user, { kind: "modal" }, element.action_id, String(entry));
      const done = await press({
        user,
        place: { kind: "modal" },
        actionId: element.action_id,
        ...(block.block_id ? { blockId: block.block_id } : {}),
        entry,
      });
      if (!done.ok) return done;
    }
    return { ok: true };
  };

  return {
    press,
    options,
    fill,
    command: async (user, channel, line) => {
      const where = posts.channel(channel);
      const [, command, text = ""] = /^(\/\S+)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
      if (!where) return { ok: false, problem: `there is no channel ${channel}` };
      if (!command) return { ok: false, problem: `a command begins with a slash: ${line}` };
      const { teamId, appId } = credentials.slack;
      const { user: who } = interaction(around, user) as { user: { username: string } };
      const answer = await delivery.request("slash_commands", {
        token: "sandbox-verification-token",
        team_id: teamId,
        team_domain: "sandbox",
        channel_id: where.id,
        channel_name: where.kind === "dm" ? "directmessage" : where.name,
        user_id: user,
        user_name: who.username,
        command,
        text,
        api_app_id: appId,
        is_enterprise_install: "false",
        response_url: tickets.responseUrl(around.url(), { channel: where.id, user }),
        trigger_id: tickets.trigger(user),
      });
      if (!accepted(answer))
        return { ok: false, problem: `${command} failed: ${answer.problem ?? `answered ${answer.status}`}` };
      const problem = answerTo(posts, around, { channel: where.id, user }, answer.body);
      return problem ? { ok: false, problem } : { ok: true };
    },
    write: async (user, channel, text, threadTs) => {
      const where = posts.channel(channel);
      if (!where) return { ok: false, problem: `there is no channel ${channel}` };
      const added = posts.add(
        { channel: where.id, text, ...(threadTs ? { thread_ts: threadTs } : {}) },
        { user },
      );
      if ("error" in added) return { ok: false, problem: added.error };
      const { post } = added;
      const parent = post.threadTs ? posts.find(where.id, post.threadTs) : undefined;
      const message = {
        ...messageJson(post),
        channel: where.id,
        channel_type: where.kind === "dm" ? "im" : "channel",
        client_msg_id: post.ts,
        ...(parent ? { parent_user_id: parent.user } : {}),
      };
      const answer = await delivery.event(message);
      if (text.includes(`<@${credentials.slack.botUserId}>`))
        await delivery.event({ ...message, type: "app_mention" });
      return { ...outcome(answer), ts: post.ts };
    },
    openHome: async (user) => {
      const view = state.homes.get(user);
      return outcome(
        await delivery.event({
          type: "app_home_opened",
          user,
          channel: dmOf(user),
          tab: "home",
          ...(view ? { view: viewJson(view) } : {}),
        }),
      );
    },
    submit: async (user, entries) => {
      if (entries) {
        const filled = await fill(user, entries);
        if (!filled.ok) return filled;
      }
      const stack = views.stack(user);
      const view = stack.at(-1);
      if (!view) return { ok: false, problem: `${user} has no modal open` };
      const refuse = (errors: Readonly<Record<string, string>>): Outcome => {
        views.replace({ ...view, errors });
        return { ok: false, problem: Object.values(errors).join(" "), errors };
      };
      const own = entryFaults(view.blocks, view.values);
      if (Object.keys(own).length > 0) return refuse(own);
      const answer = await delivery.request("interactive", {
        type: "view_submission",
        ...interaction(around, user),
        trigger_id: tickets.trigger(user),
        view: viewJson(view),
        response_urls: [],
      });
      if (!accepted(answer)) return outcome(answer);
      return afterSubmission(user, view, answer.body, refuse);
    },
    closeModal: async (user, all) => {
      const stack = views.stack(user);
      const view = stack.at(-1);
      if (!view) return { ok: false, problem: `${user} has no modal open` };
      const gone = all || view.clearOnClose ? stack : [view];
      views.setStack(
        user,
        stack.filter((v) => !gone.includes(v)),
      );
      let result: Outcome = { ok: true };
      for (const closed of gone.toReversed())
        if (closed.notifyOnClose)
          result = outcome(
            await delivery.request("interactive", {
              type: "view_closed",
              ...interaction(around, user),
              view: viewJson(closed),
              is_cleared: gone.length > 1,
            }),
          );
      return result;
    },
  };

  function afterSubmission(
    user: string,
    view: View,
    body: string,
    refuse: (errors: Readonly<Record<string, string>>) => Outcome,
  ): Outcome {
    const answer = (body.trim() ? JSON.parse(body) : {}) as {
      response_action?: "errors" | "update" | "push" | "clear";
      errors?: Readonly<Record<string, string>>;
      view?: unknown;
    };
    const refusal = (shown: object): Outcome => {
      if (!("error" in shown)) return { ok: true };
      const { error, messages } = shown as { error: string; messages?: readonly string[] };
      const detail = `The view in the answer was refused: ${error} ${messages?.join("; ") ?? ""}`;
      around.problem("slack", detail);
      return { ok: false, problem: detail };
    };
    switch (answer.response_action) {
      case "errors": {
        const errors = answer.errors ?? {};
        const unknown = Object.keys(errors).filter(
          (id) => !view.blocks.some((b) => b.block_id === id && b.type === "input"),
        );
        if (unknown.length > 0)
          around.problem("slack", `Errors for blocks that are no inputs: ${unknown.join(", ")}`);
        return refuse(errors);
      }
      case "update":
        return refusal(views.update({ viewId: view.id }, answer.view));
      case "push":
        return refusal(views.pushFor(user, answer.view));
      case "clear":
        views.setStack(user, []);
        return { ok: true };
      default:
        // The view closes; whatever the product opened or changed meanwhile stays.
        views.setStack(
          user,
          views.stack(user).filter((v) => v.id !== view.id),
        );
        return { ok: true };
    }
  }
}

function loadedKey(user: string, element: Element): string {
  return `${user} ${element.action_id}`;
}

function known(blocks: readonly Block[]): string {
  const ids = blocks.flatMap((b) =>
    elementsOf(b).map((e) => `${b.block_id}/${e.action_id} (${e.type} ${stateKey(e)})`),
  );
  return ids.join(", ") || "none";
}

function flatten(entries: Entries): readonly (readonly [string | undefined, string, Entry])[] {
  const flat: (readonly [string | undefined, string, Entry])[] = [];
  for (const [key, value] of Object.entries(entries))
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      for (const [action, entry] of Object.entries(value as Readonly<Record<string, Entry>>))
        flat.push([key, action, entry]);
    else flat.push([undefined, key, value as Entry]);
  return flat;
}
