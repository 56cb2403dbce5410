import { useMemo, useState } from "react";
import type { PhoneChannel, Phone as PhoneData, Text } from "../../world.ts";
import type { Live } from "./live.ts";
import { Phone } from "./phone.tsx";

const GROUPS = [
  ["all", "Everybody"],
  ["citizen", "Citizens"],
  ["liaison", "Media liaisons"],
  ["officer", "Officers"],
] as const;
type Group = (typeof GROUPS)[number][0];

/** A phone for each person and channel, citizens first. */
export function Phones({ live }: { readonly live: Live }) {
  const [group, setGroup] = useState<Group>("all");
  const screens = useMemo(
    () => live.phones.flatMap((phone) => phone.channels.map((channel) => ({ phone, channel }))),
    [live.phones],
  );
  const texts = useMemo(() => byScreen(live.texts), [live.texts]);
  const shown = screens.filter(({ phone }) => group === "all" || groupOf(phone) === group);
  return (
    <section className="phones" id="phones" aria-labelledby="phones-title">
      <div className="phones-bar">
        <h2 id="phones-title">Phones</h2>
        <fieldset className="chips">
          <legend className="hidden">Whose phones</legend>
          {GROUPS.map(([id, label]) => (
            <button key={id} type="button" aria-pressed={group === id} onClick={() => setGroup(id)}>
              {label}
            </button>
          ))}
        </fieldset>
      </div>
      <div className="phone-grid">
        {shown.map(({ phone, channel }) => (
          <Phone
            key={`${phone.number} ${channel}`}
            phone={phone}
            channel={channel}
            texts={texts.get(screenKey(phone.number, channel)) ?? NONE}
            line={live.lines[channel]}
          />
        ))}
      </div>
    </section>
  );
}

const NONE: readonly Text[] = [];

function groupOf(phone: PhoneData): Group {
  return phone.role === "guest" ? "citizen" : phone.role;
}

function screenKey(number: string, channel: PhoneChannel): string {
  return `${number} ${channel}`;
}

function byScreen(texts: readonly Text[]): ReadonlyMap<string, readonly Text[]> {
  const map = new Map<string, Text[]>();
  for (const text of texts) {
    const key = screenKey(text.phone, text.channel);
    const list = map.get(key);
    if (list) list.push(text);
    else map.set(key, [text]);
  }
  return map;
}
