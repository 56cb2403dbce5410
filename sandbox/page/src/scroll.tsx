import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  readonly className: string;
  readonly label: string;
  /** `log`: new content is announced, and scrolled to when `newest` changes. */
  readonly role: "log" | "region";
  readonly newest?: string | undefined;
  readonly children: ReactNode;
}

/** A part of the page that scrolls by itself, by keyboard too. */
export function Scroll({ className, label, role, newest, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest content scrolls into view
  useEffect(() => {
    if (role === "log") box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [newest, role]);
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a label
    <div ref={box} className={className} role={role} aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
