/**
 * A reply as it is compared: lower case, no accents, no punctuation, single spaces. Apostrophes and hyphens
 * inside words stay, as in "don't" and "u-okthoba".
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[\u2018\u2019`\u00b4]/g, "'")
    .replace(/[^\p{L}\p{N}'-]+/gu, " ")
    .replace(/(^|\s)['-]+|['-]+(?=\s|$)/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}
