import { useEffect, useState } from "react";
import type { Snapshot } from "../../control/snapshot.ts";
import type { Notice, Post, Text } from "../../world.ts";
import { ask } from "./ask.ts";

export interface Problem {
  readonly id: number;
  readonly at: string;
  readonly where: string;
  readonly detail: string;
}

export interface Live extends Snapshot {
  readonly problems: readonly Problem[];
  readonly connected: boolean;
}

const MAX_PROBLEMS = 50;
const MAX_PER_LIST = 2_000;
let problems = 0;

/** The sandbox as it is now: a snapshot, then every change, applied once per frame. */
export function useLive(): Live | undefined {
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    let waiting: Notice[] = [];
    let _frame = 0;
    let closed = false;
    const load = async () => {
      waiting = [];
      const snapshot = await ask<Snapshot>("GET", "/state");
      if (!closed) setLive((before) => ({ ...snapshot, problems: before?.problems ?? [], connected: true }));
    };
    const flush = () => {
      _frame = 0;
      const notices = waiting;
      waiting = [];
      setLive((before) => (before ? notices.reduce(apply, before) : before));
    };
    const events = new EventSource("/sandbox/api/events");
    events.onopen = () =>
      void load().catch(() => setLive((before) => before && { ...before, connected: false }));
    events.onerror = () => setLive((before) => before && { ...before, connected: false });
    events.onmessage = ({ data }: MessageEvent<string>) => {
      waiting.push(JSON.parse(data) as Notice);
      // A hidden tab draws no frames; its changes are applied all the same.
      _frame ||= document.hidden ? window.setTimeout(flush, 100) : requestAnimationFrame(flush);
    };
    return () => {
      closed = true;
      events.close();
    };
  }, []);
  return live;
}

function apply(live: Live, notice: Notice): Live {
  switch (notice.kind) {
    case "text":
      return live.phones.some((p) => p.number === notice.text.phone)
        ? { ...live, texts: upsert(live.texts, notice.text, (t: Text) => t.id) }
        : live;
    case "text-gone":
      return { ...live, texts: live.texts.filter((t) => t.id !== notice.id) };
    case "phone":
      return { ...live, phones: upsert(live.phones, notice.phone, (p) => p.number) };
    case "channel":
      return { ...live, channels: upsert(live.channels, notice.channel, (c) => c.id) };
    case "post":
      return { ...live, posts: upsert(live.posts, notice.post, (p: Post) => `${p.channel}:${p.ts}`) };
    case "home":
      return { ...live, homes: upsert(live.homes, notice.view, (v) => v.user) };
    case "modals":
      return { ...live, modals: { ...live.modals, [notice.user]: notice.stack } };
    case "knobs":
      return { ...live, knobs: notice.knobs };
    case "problem": {
      problems += 1;
      const { where, detail } = notice;
      const at = new Date().toISOString();
      return {
        ...live,
        problems: [{ id: problems, at, where, detail }, ...live.problems].slice(0, MAX_PROBLEMS),
      };
    }
  }
}

function upsert<T>(all: readonly T[], one: T, key: (one: T) => string): readonly T[] {
  const wanted = key(one);
  const at = all.findLastIndex((other) => key(other) === wanted);
  return at >= 0 ? all.with(at, one) : [...all, one].slice(-MAX_PER_LIST);
}
