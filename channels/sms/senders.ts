/** FNV-1a over UTF-16 units, with a last mix so that neighbouring numbers fall apart. 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * Which of several senders a person hears from: always the same one, whichever process sends. A sender that is added or
 * taken away changes it for its own share of the people only (rendezvous hashing).
 */
export function senderFor(to: string, senders: readonly string[]): string | undefined {
  let chosen: string | undefined;
  let highest = -1;
  for (const sender of senders) {
    const weight = hash(`${sender} ${to}`);
    if (weight > highest) [chosen, highest] = [sender, weight];
  }
  return chosen;
}
