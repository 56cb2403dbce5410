/** What a number does by its last four digits, on both carriers. README.md lists them; a test holds it to that. */
export const magic = {
  "9001": "unreachable",
  "9002": "invalid",
  "9003": "opted-out",
  "9004": "landline",
  "9005": "first-fails",
  "9006": "answer-lost",
  "9007": "answer-and-callbacks-lost",
} as const;

export type Magic = (typeof magic)[keyof typeof magic];

export function magicOf(phone: string): Magic | undefined {
  return magic[phone.slice(-4) as keyof typeof magic];
}

const MAX_REMEMBERED = 10_000;

/** For `first-fails`: true the first time that it is asked about a key. */
export function createFirstTime(): (key: string) => boolean {
  const seen = new Set<string>();
  return (key) => {
    if (seen.has(key)) return false;
    seen.add(key);
    const oldest = seen.values().next().value;
    if (seen.size > MAX_REMEMBERED && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
