import { type FormEvent, memo, useState } from "react";
import type { PhoneChannel, Phone as PhoneData, Text } from "../../world.ts";
import { ask, words } from "./ask.ts";
import { Bubble } from "./bubble.tsx";
import { fileAsBase64, samplePhoto } from "./photo.ts";
import { Scroll } from "./scroll.tsx";

interface Says {
  readonly text?: string;
  readonly choose?: string;
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly label: string };
  readonly photo?: { readonly contentType: string; readonly base64: string };
}

interface Props {
  readonly phone: PhoneData;
  readonly channel: PhoneChannel;
  readonly texts: readonly Text[];
  readonly line: string;
}

const NAME = { sms: "SMS", whatsapp: "WhatsApp" } as const;
const HERE = { latitude: -29.7257, longitude: 31.0857, label: "Corner of Main and Church Street" } as const;

/** What there is to do with a phone that has no messages yet. */
const HINT: Readonly<Record<PhoneData["role"], (line: string) => string>> = {
  citizen: (line) => `No messages yet. Text JOIN or HELP to ${line}.`,
  guest: (line) => `No messages yet. Text JOIN or HELP to ${line}.`,
  liaison: () => "No messages yet. Statements for the media arrive here.",
  officer: () => "No messages yet. Whoever is called in a crisis is paged here.",
};

/** One person's conversation with the municipality on one channel. */
export const Phone = memo(function Phone({ phone, channel, texts, line }: Props) {
  const [draft, setDraft] = useState("");
  const [problem, setProblem] = useState("");
  const title = `Phone of ${phone.name} (${NAME[channel]})`;
  const last = texts.at(-1)?.id;

  const say = async (says: Says) => {
    setProblem("");
    try {
      const said = await ask<Text>("POST", `/phones/${encodeURIComponent(phone.number)}/messages`, {
        channel,
        ...says,
      });
      if (said.handed === "refused") setProblem("Sent, but the municipality's server did not take it.");
    } catch (error) {
      setProblem(words(error));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = draft.trim();
    if (!text) return;
    setDraft("");
    void say({ text });
  };
  const look = () => {
    if (channel === "whatsapp" && texts.some((t) => t.status === "delivered"))
      void ask("POST", `/phones/${encodeURIComponent(phone.number)}/read`, {}).catch(() => {});
  };

  return (
    <section className={`phone ${channel}`} aria-label={title} onFocus={look}>
      <header>
        <span className="face" aria-hidden="true">
          {initials(phone.name)}
        </span>
        <div>
          <h3>{phone.name}</h3>
          <p>{phone.detail ?? phone.number}</p>
        </div>
        <span className="channel">{NAME[channel]}</span>
      </header>
      <Scroll className="log" role="log" label="Conversation" newest={last}>
        <ol>
          {texts.length === 0 ? <li className="empty">{HINT[phone.role](line)}</li> : null}
          {texts.map((text) => (
            <Bubble
              key={text.id}
              text={text}
              phone={phone}
              onChoose={(choose) => void say({ choose })}
              onPlace={() => void say({ location: HERE })}
            />
          ))}
        </ol>
      </Scroll>
      {problem ? (
        <p role="alert" className="problem">
          {problem}
        </p>
      ) : null}
      <form onSubmit={submit}>
        {channel === "whatsapp" ? (
          <>
            <button
              type="button"
              className="icon"
              aria-label="Send a location"
              title="Send a location"
              onClick={() => void say({ location: HERE })}
            >
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 9.5A2.5 2.5 0 1 1 12 6.500a2.5 2.5 0 0 1 0 5z" />
              </svg>
            </button>
            <button
              type="button"
              className="icon"
              aria-label="Send a photo"
              title="Send a photo (a drawn pothole; drop your own picture on the phone)"
              onClick={() =>
                void samplePhoto().then((photo) =>
                  say({ photo, ...(draft.trim() ? { text: draft.trim() } : {}) }),
                )
              }
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault();
                const file = event.dataTransfer.files[0];
                if (file) void fileAsBase64(file).then((photo) => say({ photo }));
              }}
            >
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M9 3 7.200 5H4a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V7a2 2 0 0 0-2-2h-3.200L15 3zm3 14.500a5 5 0 1 1 0-10 5 5 0 0 1 0 10z" />
              </svg>
            </button>
          </>
        ) : null}
        <input
          aria-label="Message"
          placeholder={channel === "sms" ? "Text message" : "Message"}
          value={draft}
          maxLength={4096}
          autoComplete="off"
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" className="icon send" aria-label="Send" disabled={!draft.trim()}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 20.500v-6.500l9-2-9-2V3.500L22 12z" />
          </svg>
        </button>
      </form>
    </section>
  );
});

function initials(name: string): string {
  const parts = name.split(/\s+/);
  return `${parts[0]?.[0] ?? ""}${parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : ""}`.toUpperCase();
}
