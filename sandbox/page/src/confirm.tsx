import { useEffect, useId, useRef } from "react";

export interface ConfirmObject {
  readonly title: { readonly text: string };
  readonly text: { readonly text: string };
  readonly confirm: { readonly text: string };
  readonly deny: { readonly text: string };
  readonly style?: string;
}

/** Slack's "Are you sure?". */
export function Confirm({
  confirm,
  onAnswer,
}: {
  readonly confirm: ConfirmObject;
  readonly onAnswer: (yes: boolean) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="kit-dialog"
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        onAnswer(false);
      }}
    >
      <h3 id={id}>{confirm.title.text}</h3>
      <p>{confirm.text.text}</p>
      <div className="dialog-foot">
        <button type="button" className="kit" onClick={() => onAnswer(false)}>
          {confirm.deny.text}
        </button>
        <button
          type="button"
          className={`kit ${confirm.style === "danger" ? "danger" : "primary"}`}
          onClick={() => onAnswer(true)}
        >
          {confirm.confirm.text}
        </button>
      </div>
    </dialog>
  );
}
