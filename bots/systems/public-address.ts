import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Addresses that are not of the public Internet (IANA special-purpose registries, RFC 6890): a webhook to one would let
 * whoever names its address reach into our own network.
 */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.addSubnet(net, prefix, "ipv4");
/** Of IPv6 only what is handed out is public, less what carries IPv4 or is for documents. */
const PUBLIC_6 = new BlockList();
PUBLIC_6.addSubnet("2000::", 3, "ipv6");
for (const [net, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  PRIVATE.addSubnet(net, prefix, "ipv6");

/** Whether an IP address is one of the public Internet. */
export function isPublic(address: string): boolean {
  const kind = isIP(address);
  if (kind === 4) return !PRIVATE.check(address, "ipv4");
  return kind === 6 && PUBLIC_6.check(address, "ipv6") && !PRIVATE.check(address, "ipv6");
}

export class NotPublic extends Error {}

/** Resolves a name to public addresses only, at the moment of connecting: what it names may change between two looks. */
export const lookupPublic: LookupFunction = (host, options, done) =>
  lookup(host, { ...options, all: true }, (error, found) => {
    const usable = error ? [] : found.filter(({ address }) => isPublic(address));
    const [first] = usable;
    if (error || !first) return done(error ?? new NotPublic(`${host} is not on the public Internet`), []);
    if (options.all) return done(null, usable);
    done(null, first.address, first.family);
  });

/** Why this address may not be called; undefined when it may. */
export function whyNotCalled(written: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(written)) return "not an address: write https://…";
  const { protocol, hostname, username, password } = new URL(written);
  if (username || password) return "no name and password in the address: the signature says who calls";
  if (protocol !== "https:" && !(allowPrivate && protocol === "http:"))
    return "only https:// keeps what is told private";
  const host = hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && !isPublic(host))
    return "not on the public Internet; WEBHOOKS_TO_PRIVATE=true allows it";
  return undefined;
}
