import { setTimeout as pause } from "node:timers/promises";
import type { App as BoltApp, ViewSubmitAction } from "@slack/bolt";
import type { App } from "../app.ts";
import { faultOf } from "./fault.ts";
import { formOf, type StateValues } from "./form.ts";
import { sorry } from "./give.ts";
import { perform } from "./perform.ts";
import type { Answer, View } from "./registry.ts";
import { noteOf, oneMoment } from "./views.ts";

/** The acknowledgement carries the answer while there is time; Slack gives up after 3 seconds. */
const PATIENCE_MS = 2_000;

type Acknowledgement =
  | undefined
  | { response_action: "errors"; errors: Record<string, string> }
  | { response_action: "update" | "push"; view: Extract<Answer, { kind: "update" }>["view"] }
  | { response_action: "clear" };

/** Modals that were submitted. */
export function listenForViews(app: App, bolt: BoltApp, views: ReadonlyMap<string, View>): void {
  bolt.view<ViewSubmitAction>(/.*/s, async ({ ack, body, client }) => {
    const view = views.get(body.view.callback_id);
    if (!view) return void (await ack());
    const work = perform(
      app,
      {
        slackUserId: body.user.id,
        key: `slack:view:${body.view.id}:${body.view.hash}`,
        ...(view.permission ? { permission: view.permission } : {}),
      },
      (unit, staff) =>
        view.run(unit, {
          staff,
          slackUserId: body.user.id,
          form: formOf(body.view.state.values as StateValues),
          metadata: body.view.private_metadata,
        }),
    ).catch((error: unknown) => sorry(app, `view ${body.view.callback_id}`, error));
    const soon = await Promise.race([
      work.then((given) => ({ given })),
      pause(PATIENCE_MS, undefined, { ref: false }),
    ]);
    if (soon) return void (await ack(acknowledgement(soon.given)));
    await ack({ response_action: "update", view: oneMoment });
    try {
      await client.views.update({ view_id: body.view.id, view: lateView(await work) });
    } catch (error) {
      app.log.warn(
        { what: body.view.callback_id, ...faultOf(error) },
        "an answer could not be shown in Slack",
      );
    }
  });
}

function acknowledgement(given: Answer | undefined): Acknowledgement {
  switch (given?.kind) {
    case undefined:
      return undefined;
    case "errors":
      return { response_action: "errors", errors: { ...given.errors } };
    case "open":
      return { response_action: "push", view: given.view };
    case "update":
      return { response_action: "update", view: given.view };
    case "whisper":
      return { response_action: "update", view: noteOf(given) };
    case "close":
      return { response_action: "clear" };
  }
}

/** The form is gone by now: its faults are told in words. */
function lateView(given: Answer | undefined): Extract<Answer, { kind: "update" }>["view"] {
  switch (given?.kind) {
    case "update":
    case "open":
      return given.view;
    case "whisper":
      return noteOf(given);
    case "errors":
      return noteOf({
        kind: "whisper",
        text: `Nothing was changed. ${Object.values(given.errors).join(" ")} Please begin again.`,
      });
    default:
      return noteOf({ kind: "whisper", text: "Done. You can close this window." });
  }
}
