import { useEffect, useState } from "react";

/** Pages refresh themselves: what staff see is at most this old. */
const REFRESH_MS = 3000;

export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "signed_out" }
  | { readonly state: "failed"; readonly words: string }
  | { readonly state: "ready"; readonly value: T };

/** Reads `/api/<path>` and reads it again while the page is looked at. The last good answer stays on a failure. */
export function useApi<T>(path: string): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: "loading" });
  useEffect(() => {
    const controller = new AbortController();
    setLoaded({ state: "loading" });
    const read = async (): Promise<void> => {
      try {
        const response = await fetch(`/api/${path}`, { signal: controller.signal });
        if (response.status === 401) return setLoaded({ state: "signed_out" });
        if (!response.ok) throw new Error(`The server answered ${response.status}.`);
        setLoaded({ state: "ready", value: (await response.json()) as T });
      } catch (error) {
        if (controller.signal.aborted) return;
        const words = error instanceof Error ? error.message : String(error);
        setLoaded((before) => (before.state === "ready" ? before : { state: "failed", words }));
      }
    };
    void read();
    const timer = setInterval(() => document.visibilityState === "visible" && void read(), REFRESH_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [path]);
  return loaded;
}

export interface Me {
  readonly name: string;
  readonly roles: readonly string[];
  readonly sandbox: boolean;
}
export interface Overview {
  readonly municipality: string;
  readonly contacts: number;
  readonly optedOut: number;
  readonly openConsultations: number;
  readonly activeSessions: number;
  readonly runningBroadcasts: number;
  readonly activeCrises: number;
  readonly waitingMessages: number;
  readonly inDoubt: number;
  readonly setAside: number;
}
export interface ChannelState {
  readonly name: string;
  readonly carrier: string;
  readonly perSecond: number;
  readonly state: string;
  readonly qr?: string;
  readonly warning?: string;
}
export interface Consultation {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly keywords: readonly string[];
  readonly openedAt: string | null;
  readonly closesAt: string | null;
  readonly closedAt: string | null;
  readonly started: number;
  readonly completed: number;
}
export interface Broadcast {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expectedRecipients: number;
  readonly channels: readonly string[];
  readonly texts: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly possibleDuplicates: number;
}
export interface Crisis {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly protocol: string;
  readonly severity: number;
  readonly mode: string;
  readonly status: string;
  readonly declaredAt: string;
  readonly acknowledgedAt: string | null;
  readonly endedAt: string | null;
}
export interface TimelineEntry {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly words: string;
}
export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
}
export type Verification =
  | { readonly ok: true; readonly entries: number }
  | { readonly ok: false; readonly seq: number; readonly fault: string };
