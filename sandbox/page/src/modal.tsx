import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Entry } from "../../slack/inputs.ts";
import type { Outcome } from "../../slack/people.ts";
import type { View } from "../../world.ts";
import { ask, words } from "./ask.ts";
import { Blocks } from "./blocks.tsx";
import type { Desk } from "./desk.ts";
import type { Act, ElementData } from "./element.tsx";
import { Scroll } from "./scroll.tsx";

type Typed = Readonly<Record<string, Entry>>;

/** The newest view of a modal. What is typed stays over updates, as long as block and action ids stay. */
export function Modal({ desk, stack }: { readonly desk: Desk; readonly stack: readonly View[] }) {
  const { live, user } = desk;
  const view = stack.at(-1);
  const dialog = useRef<HTMLDialogElement>(null);
  const [typedBy, setTypedBy] = useState<Readonly<Record<string, Typed>>>({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  if (!view) return null;
  const typed = typedBy[view.id] ?? {};
  const errors = view.errors ?? {};

  const onType = (blockId: string, element: ElementData, entry: Entry) =>
    setTypedBy((before) => ({
      ...before,
      [view.id]: { ...before[view.id], [`${blockId} ${element.action_id}`]: entry },
    }));
  /** What was typed into inputs that do not tell the product themselves. */
  const pending = (): Record<string, Record<string, Entry>> => {
    const values: Record<string, Record<string, Entry>> = {};
    for (const block of view.blocks) {
      if (block.type !== "input" || block.dispatch_action || !block.block_id) continue;
      const { action_id: actionId = "" } = block.element as ElementData;
      const entry = typed[`${block.block_id} ${actionId}`];
      if (entry !== undefined) values[block.block_id] = { [actionId]: entry };
    }
    return values;
  };
  const attempt = async (work: () => Promise<Outcome>) => {
    setProblem("");
    setBusy(true);
    try {
      const outcome = await work();
      if (!outcome.ok && !outcome.errors) setProblem(outcome.problem ?? "Slack could not do that.");
    } catch (error) {
      setProblem(words(error));
    } finally {
      setBusy(false);
    }
  };
  const act: Act = ({ actionId, blockId, value, entry }) =>
    attempt(async () => {
      const values = pending();
      if (Object.keys(values).length > 0) await ask("PUT", "/slack/modal", { user: user.id, values });
      return ask<Outcome>("POST", "/slack/actions", {
        user: user.id,
        place: { kind: "modal" },
        actionId,
        ...(blockId ? { blockId } : {}),
        ...(value !== undefined ? { value } : {}),
        ...(entry !== undefined ? { entry } : {}),
      });
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(() =>
      ask<Outcome>("POST", "/slack/modal/submit", {
        user: user.id,
        values: dispatched(view, typed, pending()),
      }),
    );
  };
  const close = (all: boolean) =>
    void attempt(() => ask<Outcome>("POST", "/slack/modal/close", { user: user.id, all }));

  return (
    <dialog
      ref={dialog}
      className="kit-dialog modal"
      aria-labelledby="modal-title"
      onCancel={(e) => {
        e.preventDefault();
        close(true);
      }}
    >
      <form onSubmit={submit} noValidate>
        <header>
          <h3 id="modal-title">{view.title?.text}</h3>
          <button type="button" className="icon" aria-label="Close modal" onClick={() => close(true)}>
            ✕
          </button>
        </header>
        <Scroll className="modal-body" role="region" label="Content">
          {problem ? (
            <p role="alert" className="problem">
              {problem}
            </p>
          ) : null}
          <Blocks
            blocks={view.blocks}
            live={live}
            act={act}
            values={view.values}
            typed={typed}
            onType={onType}
            errors={errors}
          />
        </Scroll>
        <div className="dialog-foot">
          <button type="button" className="kit" onClick={() => close(false)}>
            {view.close?.text ?? "Close"}
          </button>
          {view.submit ? (
            <button type="submit" className="kit primary" disabled={busy}>
              {view.submit.text}
            </button>
          ) : null}
        </div>
      </form>
    </dialog>
  );
}

/** Text that a telling input holds but has not told yet goes along with the submission. */
function dispatched(view: View, typed: Typed, values: Record<string, Record<string, Entry>>): object {
  const all = { ...values };
  for (const block of view.blocks) {
    if (block.type !== "input" || !block.dispatch_action || !block.block_id) continue;
    const element = block.element as ElementData;
    const entry = typed[`${block.block_id} ${element.action_id}`];
    const known = view.values[block.block_id]?.[element.action_id ?? ""]?.value ?? "";
    if (typeof entry === "string" && element.type.endsWith("_input") && entry !== known)
      all[block.block_id] = { [element.action_id ?? ""]: entry };
  }
  return all;
}
