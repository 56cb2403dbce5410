import type { Answer } from "../webhook.ts";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The texts that a TwiML answer asks Twilio to send back. */
export function repliesIn(answer: Answer): readonly string[] {
  if (!answer.contentType.includes("xml")) return [];
  return [...answer.body.matchAll(/<Message[^>]*>([\s\S]*?)<\/Message>/g)].map(([, inner = ""]) => {
    const body = /<Body[^>]*>([\s\S]*?)<\/Body>/.exec(inner)?.[1] ?? inner;
    return body.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => {
      if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
      return String.fromCodePoint(
        Number(name[1]?.toLowerCase() === "x" ? `0x${name.slice(2)}` : name.slice(1)),
      );
    });
  });
}
