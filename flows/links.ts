/** A link in a text, and where it leads. */
export interface Link {
  /** As it stands. */
  readonly text: string;
  /** Small letters, without `www.`. */
  readonly domain: string;
  readonly insecure: boolean;
}

/** With a scheme; or a name that ends as addresses do here and on the web. */
const LINK =
  /\b(?:(https?):\/\/)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:za|com|org|net|info|africa|gov|edu|io|co|me|ly|gl|gd|gy|app|online|site|xyz|link|page|int|eu|uk|us|ru|cn|su|top|shop))\b(?![.\w]*@)(?:[/?#][^\s<>"']*)?/gi;
const ANY_WITH_SCHEME = /\bhttps?:\/\/([^\s/?#<>"']+)[^\s<>"']*/gi;

/** Every link in a text, each once. An e-mail address is none. */
export function linksIn(text: string): readonly Link[] {
  const found = new Map<string, Link>();
  const add = (whole: string, host: string): void => {
    // What stands before an @ in a host is a disguise: the browser goes to what follows.
    const domain = host
      .slice(host.lastIndexOf("@") + 1)
      .replace(/:\d+$/, "")
      .replace(/\.$/, "")
      .toLowerCase()
      .replace(/^www\./, "");
    const shown = whole.replace(/[.,;:!?)\]]+$/, "");
    if (!found.has(shown)) found.set(shown, { text: shown, domain, insecure: /^http:/i.test(whole) });
  };
  for (const [whole, host = ""] of text.matchAll(ANY_WITH_SCHEME)) add(whole, host);
  for (const match of text.replace(ANY_WITH_SCHEME, " ").matchAll(LINK)) {
    const [whole, , host = ""] = match;
    const before = match.input[match.index - 1];
    if (before !== "@") add(whole, host);
  }
  return [...found.values()];
}

/** Services whose short addresses hide where they lead. */
const SHORTENERS = new Set([
  "bit.ly",
  "bitly.com",
  "buff.ly",
  "cutt.ly",
  "goo.gl",
  "is.gd",
  "lnkd.in",
  "ow.ly",
  "rb.gy",
  "rebrand.ly",
  "shorturl.at",
  "t.co",
  "t.ly",
  "tiny.cc",
  "tinyurl.com",
  "v.gd",
]);

export const isShortener = ({ domain }: Link): boolean => SHORTENERS.has(domain);

/** Whether a domain is one of these or below one of them. */
export const isWithin = ({ domain }: Link, allowed: readonly string[]): boolean =>
  allowed.some((one) => domain === one || domain.endsWith(`.${one}`));
