import type { ReactNode } from "react";
import type { Loaded } from "./api.ts";

/** Shows a loaded value, or in words why it is not there. */
export function Show<T>({
  of,
  children,
}: {
  readonly of: Loaded<T>;
  readonly children: (value: T) => ReactNode;
}): ReactNode {
  switch (of.state) {
    case "loading":
      return (
        <p className="quiet" role="status">
          Loading…
        </p>
      );
    case "signed_out":
      return <p role="alert">Your session has ended. Type /saypro console in Slack for a new link.</p>;
    case "failed":
      return <p role="alert">This could not be read: {of.words} It is tried again by itself.</p>;
    case "ready":
      return children(of.value);
  }
}

const TONE: Readonly<Record<string, string>> = {
  active: "red",
  sending: "blue",
  drawing_up: "blue",
  open: "green",
  connected: "green",
  sent: "green",
  closed: "grey",
  awaiting_approval: "amber",
  paused: "amber",
  waiting_for_scan: "amber",
  cancelled: "grey",
  expired: "grey",
  all_clear: "green",
};

/** A status in words; the colour only repeats it. */
export function Status({ children }: { readonly children: string }): ReactNode {
  return <span className={`status ${TONE[children] ?? "grey"}`}>{children.replaceAll("_", " ")}</span>;
}

/** A table that a narrow window lets scroll sideways, with the keyboard too. */
export function Table({
  of,
  heads,
  children,
}: {
  /** What the rows are, for who cannot see it. */
  readonly of: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus (WCAG 2.1.1, Keyboard)
    <section className="scroll" aria-label={of} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** Bars with their figures in text, so that it reads without seeing them. */
export function Bars({
  title,
  rows,
  total,
}: {
  readonly title: string;
  readonly rows: readonly { readonly label: string; readonly n: number }[];
  readonly total: number;
}): ReactNode {
  const most = Math.max(1, ...rows.map((row) => row.n));
  return (
    <table className="bars">
      <caption>{title}</caption>
      <tbody>
        {rows.map(({ label, n }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td aria-hidden="true">
              <span style={{ width: `${(100 * n) / most}%` }} />
            </td>
            <td className="figure">
              {n.toLocaleString("en-ZA")}
              {total > 0 && ` (${Math.round((100 * n) / total)} %)`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const DATE = new Intl.DateTimeFormat("en-ZA", { dateStyle: "medium", timeStyle: "short" });

export function When({ at }: { readonly at: string | null }): ReactNode {
  return at ? <time dateTime={at}>{DATE.format(new Date(at))}</time> : "–";
}
