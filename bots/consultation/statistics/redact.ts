/**
 * Takes out of a comment what leads to a person, as far as patterns find it: addresses of e-mail, telephone numbers,
 * South African identity numbers (13 digits, the last a Luhn check digit). Names are not found: a person reads every
 * comment before it is published.
 */
export function redact(text: string): string {
  return text
    .replace(/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/gu, "[e-mail]")
    .replace(/(?<!\d)(?:\+|00)?\d(?:[\s().-]?\d){8,14}(?!\d)/g, (found) => {
      const digits = found.replace(/\D/g, "");
      return digits.length === 13 && luhn(digits) ? "[identity number]" : "[number]";
    });
}

function luhn(digits: string): boolean {
  const sum = [...digits].toReversed().reduce((total, digit, i) => {
    const n = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return total + (n > 9 ? n - 9 : n);
  }, 0);
  return sum % 10 === 0;
}
