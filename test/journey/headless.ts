import type { Entries, SandboxClient, View } from "../../sandbox/client.ts";
import { ALL, type Fields, type Hand } from "./hand.ts";

interface Element {
  readonly type: string;
  readonly action_id?: string;
  readonly value?: string;
  readonly text?: { readonly text: string };
}

interface Block {
  readonly type: string;
  readonly block_id?: string;
  readonly label?: { readonly text: string };
  readonly element?: { readonly options?: readonly { readonly value: string }[] };
  readonly accessory?: Element;
  readonly elements?: readonly Element[];
}

const LIMIT_MS = 60_000;

/** Everything over the sandbox's control API. `numbers`: E.164 by the name of who owns the phone. */
export function headlessHand(client: SandboxClient, numbers: ReadonlyMap<string, string>): Hand {
  const number = (name: string): string => {
    const found = numbers.get(name);
    if (!found) throw new Error(`${name} has no phone`);
    return found;
  };
  return {
    say: async (name, channel, text) => void (await client.phone(number(name)).say({ channel, text })),
    reads: async (name, channel, words) =>
      (await client.phone(number(name)).receives(words, { channel, timeoutMs: LIMIT_MS })).body,
    neverRead: async (name, channel, words) => {
      const shown = await client.phone(number(name)).messages({ channel, direction: "out" });
      if (shown.length === 0) throw new Error(`${name} has no text at all`);
      const found = shown.find(({ body }) => words.some((word) => body.includes(word)));
      if (found) throw new Error(`${name} has the text "${found.body}"`);
    },
    command: async (user, line) => done(await client.slack(user).command(line, "#operations")),
    choose: async (user, title, label, value) => {
      const view = await formWith(client, user, title, { [label]: value });
      done(await client.slack(user).fill(byBlock(view, { [label]: value })));
    },
    submit: async (user, title, fields) => {
      const view = await formWith(client, user, title, fields);
      const outcome = await client.slack(user).submit(byBlock(view, fields));
      if (!outcome.ok || outcome.errors)
        throw new Error(`${title}: ${outcome.problem ?? ""} ${JSON.stringify(outcome.errors ?? {})}`);
    },
    press: async (user, channel, words, button) => {
      const { post, element } = await buttonOn(client, user, channel, words, button);
      done(
        await client.slack(user).press({
          place: { kind: "message", channel: post.channel, ts: post.ts },
          actionId: element.action_id,
          ...(element.value ? { value: element.value } : {}),
        }),
      );
    },
    sees: async (user, channel, words, timeoutMs = LIMIT_MS) =>
      void (await client.slack(user).sees(words, { channel, timeoutMs })),
    reply: async (user, channel, words, text) => {
      const { ts } = await client.slack(user).sees(words, { channel, timeoutMs: LIMIT_MS });
      done(await client.slack(user).write(channel, text, ts));
    },
    homeShows: async (user, words) => {
      const { view } = await client.slack(user).openHome();
      if (!JSON.stringify(view?.blocks).includes(words)) throw new Error(`${user}'s home has no "${words}"`);
    },
    isTold: async (user, words) => {
      const until = Date.now() + LIMIT_MS;
      for (;;) {
        const view = await client.slack(user).modal();
        if (view && JSON.stringify(view.blocks).includes(words)) return;
        const posts = await client.slack(user).messages({ contains: words });
        if (posts.length > 0) return;
        if (Date.now() > until)
          throw new Error(`${user} is not told "${words}", but ${JSON.stringify(view?.blocks)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    picture: async () => {},
  };
}

function done(outcome: { readonly ok: boolean; readonly problem?: string }): void {
  if (!outcome.ok) throw new Error(outcome.problem ?? "Slack refused it");
}

/** The newest message in the channel that has these words and this button. */
async function buttonOn(client: SandboxClient, user: string, channel: string, words: string, button: string) {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    const posts = await client.slack(user).messages({ channel, contains: words });
    for (const post of posts.toReversed()) {
      const element = ((post.blocks ?? []) as readonly Block[])
        .flatMap((block) => [...(block.elements ?? []), ...(block.accessory ? [block.accessory] : [])])
        .find((e) => e.type === "button" && e.text?.text === button);
      if (element?.action_id) return { post, element: { ...element, action_id: element.action_id } };
    }
    if (Date.now() > until)
      throw new Error(`no message with "${words}" in ${channel} has a button "${button}"`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The modal once it shows all these fields: one that was just chosen may bring others. */
async function formWith(client: SandboxClient, user: string, title: string, fields: Fields): Promise<View> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    const view = await client.slack(user).seesModal(title, LIMIT_MS);
    const labels = (view.blocks as readonly Block[]).map((block) => block.label?.text);
    if (Object.keys(fields).every((label) => labels.includes(label)) || Date.now() > until) return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Fields by label become values by block id. */
function byBlock(view: View, fields: Fields): Entries {
  const blocks = view.blocks as readonly Block[];
  return Object.fromEntries(
    Object.entries(fields).map(([label, value]) => {
      const block = blocks.find((b) => b.label?.text === label);
      if (!block?.block_id)
        throw new Error(
          `the form has no "${label}", but ${blocks.flatMap((b) => b.label?.text ?? []).join(", ")}`,
        );
      if (value === ALL)
        return [block.block_id, (block.element?.options ?? []).map((option) => option.value)];
      return [block.block_id, value];
    }),
  );
}
