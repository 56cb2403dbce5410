import { type Protocol, targetsOf } from "#flows";

/** Every duty that a protocol calls. */
export function dutiesOf(protocols: Iterable<Protocol>): readonly string[] {
  const targets = [...protocols].flatMap((protocol) => targetsOf(protocol));
  return [...new Set(targets.flatMap((one) => (one.startsWith("duty:") ? [one.slice(5)] : [])))].sort();
}
