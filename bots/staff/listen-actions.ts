import type { BlockAction, App as BoltApp } from "@slack/bolt";
import { findStaffBySlackUser } from "#storage";
import type { App } from "../app.ts";
import { chosen, formOf, type StateValues } from "./form.ts";
import { answer, type Place } from "./give.ts";
import { publishHome } from "./home.ts";
import { inOrder } from "./in-order.ts";
import { perform, performForGuest } from "./perform.ts";
import type { Action, ActionAsked, Feature } from "./registry.ts";

type GuestAction = NonNullable<Feature["guestActions"]>[string];

/** Clicks and choices, in messages, in modals and on App Home. */
export function listenForActions(
  app: App,
  bolt: BoltApp,
  actions: ReadonlyMap<string, Action>,
  guestActions: ReadonlyMap<string, GuestAction>,
  features: readonly Feature[],
): void {
  const newest = inOrder();
  bolt.action<BlockAction>(/.*/s, async ({ ack, body, action: element, client, respond }) => {
    await ack();
    const action = actions.get(element.action_id);
    const guestAction = guestActions.get(element.action_id);
    // Links and inputs that are read on submission have no handler.
    if (!action && !guestAction) return;
    const key = keyOf(body, element);
    const view = body.view;
    const place: Place = {
      slack: client,
      triggerId: body.trigger_id,
      ...(view?.type === "modal" ? { viewId: view.id } : {}),
      ...(view ? {} : { respond }),
    };
    const value = chosen(element);
    if (guestAction && !(action && (await isStaff(app, body.user.id)))) {
      const message = messageOf(body);
      await answer(app, place, element.action_id, false, () =>
        performForGuest(app, key, (unit) =>
          guestAction(unit, {
            slackUserId: body.user.id,
            channel: body.channel?.id ?? "",
            providerId: message ?? "",
            text: value,
          }),
        ),
      );
      return;
    }
    if (!action) return;
    const turn = view ? newest.next(`${view.id} ${element.action_id}`) : undefined;
    await answer(app, place, element.action_id, action.opens ?? false, async () => {
      const given = await perform(
        app,
        {
          slackUserId: body.user.id,
          ...(action.looksOnly ? {} : { key }),
          ...(action.permission ? { permission: action.permission } : {}),
        },
        (unit, staff) => action.run(unit, { ...askedOf(body, value), staff }),
      );
      // Somebody who types fast asks faster than we answer: only the latest look is shown.
      return given?.kind === "update" && turn?.isOver() ? undefined : given;
    });
    if (view?.type === "home") await publishHome(app, client, features, body.user.id);
  });
}

async function isStaff(app: App, slackUserId: string): Promise<boolean> {
  return (await findStaffBySlackUser(app.database.db, slackUserId)) !== undefined;
}

function askedOf(body: BlockAction, value: string): Omit<ActionAsked, "staff"> {
  const message = messageOf(body);
  const view = body.view;
  return {
    slackUserId: body.user.id,
    value,
    onHome: view?.type === "home",
    ...(body.channel ? { channel: body.channel.id } : {}),
    ...(message ? { message } : {}),
    ...(view?.type === "modal"
      ? { view: { form: formOf(view.state.values as StateValues), metadata: view.private_metadata } }
      : {}),
  };
}

function messageOf(body: BlockAction): string | undefined {
  const channel = body.channel?.id;
  const ts = body.message?.ts;
  return channel && ts ? `${channel}:${ts}` : undefined;
}

function keyOf(body: BlockAction, element: { action_id: string; action_ts: string }): string {
  const where = body.view ? `${body.view.id}:${body.view.hash}` : messageOf(body);
  return [
    "slack:action",
    body.team?.id,
    body.user.id,
    where,
    element.action_id,
    chosen(element),
    element.action_ts,
  ].join(":");
}
