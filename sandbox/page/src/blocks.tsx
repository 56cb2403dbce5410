import { memo } from "react";
import { type Block as LibraryBlock, Message } from "slack-blocks-to-jsx";
import type { Entry } from "../../slack/inputs.ts";
import type { Block, Values } from "../../world.ts";
import { type Act, Element, type ElementData } from "./element.tsx";
import type { Live } from "./live.ts";

interface Props {
  readonly blocks: readonly Block[];
  readonly live: Live;
  readonly act: Act;
  /** What inputs hold: their state in Slack's words, and what was typed since. */
  readonly values?: Values;
  readonly typed?: Readonly<Record<string, Entry>>;
  readonly onType?: (blockId: string, element: ElementData, entry: Entry) => void;
  readonly errors?: Readonly<Record<string, string>>;
}

interface TextObject {
  readonly text: string;
}

/** Block Kit: what only shows is drawn by slack-blocks-to-jsx, what can be pressed or filled in is ours. */
export function Blocks({ blocks, live, act, values, typed, onType, errors }: Props) {
  const element = (block: Block, data: ElementData, label?: string, describedBy?: string) => (
    <Element
      key={data.action_id}
      data={data}
      block={block}
      live={live}
      act={act}
      state={values?.[block.block_id ?? ""]?.[data.action_id ?? ""]}
      typed={typed?.[`${block.block_id} ${data.action_id}`]}
      onType={onType}
      invalid={Boolean(errors?.[block.block_id ?? ""])}
      {...(label ? { label } : {})}
      {...(describedBy ? { describedBy } : {})}
    />
  );
  return (
    <div className="blocks">
      {blocks.map((block, i) => {
        const key = block.block_id ?? String(i);
        if (block.type === "actions")
          return (
            <div key={key} className="actions">
              {(block.elements as readonly ElementData[]).map((data) => element(block, data))}
            </div>
          );
        if (block.type === "input") {
          const label = (block.label as TextObject).text;
          const hint = (block.hint as TextObject | undefined)?.text;
          const error = errors?.[key];
          const about = `about-${key}`;
          return (
            <div key={key} className={`input ${error ? "bad" : ""}`}>
              {element(
                block,
                block.element as ElementData,
                block.optional ? `${label} (optional)` : label,
                hint || error ? about : undefined,
              )}
              <div id={about}>
                {error ? (
                  <p className="error" role="alert">
                    {error}
                  </p>
                ) : null}
                {hint ? <p className="hint">{hint}</p> : null}
              </div>
            </div>
          );
        }
        const accessory = block.accessory as ElementData | undefined;
        if (block.type === "section" && accessory && accessory.type !== "image") {
          const { accessory: _, ...rest } = block;
          return (
            <div key={key} className="with-accessory">
              <Display block={rest as Block} live={live} />
              {element(block, accessory)}
            </div>
          );
        }
        return <Display key={key} block={block} live={live} />;
      })}
    </div>
  );
}

export function Mrkdwn({ text, live }: { readonly text: string; readonly live: Live }) {
  return <Display block={{ type: "section", text: { type: "mrkdwn", text: text || " " } }} live={live} />;
}

const Display = memo(
  function Display({ block, live }: { readonly block: Block; readonly live: Live }) {
    return (
      <Message
        withoutWrapper
        theme="light"
        logo=""
        name=""
        blocks={[block as unknown as LibraryBlock]}
        data={{
          users: live.users.map(({ id, name }) => ({ id, name })),
          channels: live.channels.map(({ id, name }) => ({ id, name })),
        }}
      />
    );
  },
  (a, b) => a.block === b.block || JSON.stringify(a.block) === JSON.stringify(b.block),
);
