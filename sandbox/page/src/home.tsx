import { useState } from "react";
import type { Outcome } from "../../slack/people.ts";
import { ask, words } from "./ask.ts";
import { Blocks } from "./blocks.tsx";
import type { Desk } from "./desk.ts";
import type { Act } from "./element.tsx";
import { Scroll } from "./scroll.tsx";

/** App Home as the product published it for this user. */
export function Home({ desk }: { readonly desk: Desk }) {
  const { live, user } = desk;
  const view = live.homes.find((v) => v.user === user.id);
  const [problem, setProblem] = useState("");
  const act: Act = async ({ actionId, blockId, value, entry }) => {
    setProblem("");
    try {
      const outcome = await ask<Outcome>("POST", "/slack/actions", {
        user: user.id,
        place: { kind: "home" },
        actionId,
        ...(blockId ? { blockId } : {}),
        ...(value !== undefined ? { value } : {}),
        ...(entry !== undefined ? { entry } : {}),
      });
      if (!outcome.ok) setProblem(outcome.problem ?? "Slack could not do that.");
    } catch (error) {
      setProblem(words(error));
    }
  };
  return (
    <div className="slack-main">
      <header>
        <h3>{live.bot.name} home</h3>
      </header>
      <Scroll className="home" role="region" label={`Home of ${live.bot.name}`}>
        {problem ? (
          <p role="alert" className="problem">
            {problem}
          </p>
        ) : null}
        {view ? (
          <Blocks blocks={view.blocks} live={live} act={act} values={view.values} />
        ) : (
          <p className="empty">The app has not published its home yet.</p>
        )}
      </Scroll>
    </div>
  );
}
