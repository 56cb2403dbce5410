/** Names as flows write them, one for each name of the form: small letters, digits and single underscores. */
export class Names {
  private readonly taken = new Set<string>();

  take(written: string, otherwise: string): string {
    const plain = written
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "");
    const base = /^[a-z]/.test(plain)
      ? plain
      : `${otherwise}${plain && /^\d/.test(plain) ? "" : "_"}${plain}`.replace(/_$/, "");
    let name = base;
    for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }
}
