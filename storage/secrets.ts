import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Everything that is done with SECRETS_KEY. The key itself is used for nothing: each use has a key derived from it. */
export interface Secrets {
  /** `context` says where the value lives (`enquiries.question:<id>`): moved elsewhere it does not decrypt. */
  encrypt(text: string, context: string): string;
  /** Throws {@link Undecryptable}. */
  decrypt(sealed: string, context: string): string;
  /** A keyed hash in base64url; `purpose` keeps what is signed for one thing from passing for another. */
  mac(purpose: string, text: string): string;
  /** In constant time. */
  verifyMac(purpose: string, text: string, mac: string): boolean;
}

/** The value was changed, belongs elsewhere, or was encrypted with another SECRETS_KEY. */
export class Undecryptable extends Error {}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Before each value, so that a later format or key can be told apart. */
const FORMAT = "v1.";

/** `keyHex`: 64 hexadecimal digits. */
export function openSecrets(keyHex: string): Secrets {
  if (!/^[0-9a-f]{64}$/i.test(keyHex)) throw new Error("SECRETS_KEY must be 64 hexadecimal digits");
  const master = Buffer.from(keyHex, "hex");
  const derived = new Map<string, Buffer>();
  const keyFor = (purpose: string): Buffer => {
    const known = derived.get(purpose);
    if (known !== undefined) return known;
    const key = Buffer.from(hkdfSync("sha256", master, "saypro", purpose, KEY_BYTES));
    derived.set(purpose, key);
    return key;
  };
  const digest = (purpose: string, text: string) =>
    createHmac("sha256", keyFor(`mac:${purpose}`))
      .update(text)
      .digest();
  return {
    encrypt(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keyFor("encrypt"), nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return FORMAT + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64url");
    },
    decrypt(sealed, context) {
      const bytes = Buffer.from(sealed.slice(FORMAT.length), "base64url");
      if (!sealed.startsWith(FORMAT) || bytes.length < NONCE_BYTES + TAG_BYTES)
        throw new Undecryptable("not a value that was encrypted here");
      try {
        const decipher = createDecipheriv("aes-256-gcm", keyFor("encrypt"), bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        })
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(-TAG_BYTES));
        const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([body, decipher.final()]).toString("utf8");
      } catch {
        throw new Undecryptable(
          "the value was changed, belongs elsewhere, or was encrypted with another SECRETS_KEY",
        );
      }
    },
    mac: (purpose, text) => digest(purpose, text).toString("base64url"),
    verifyMac(purpose, text, mac) {
      const given = Buffer.from(mac, "base64url");
      const right = digest(purpose, text);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}

/**
 * The embedded mode's key: `secrets.key` in `folder`, made at the first start, readable by its owner only. A backup
 * of the folder without it cannot decrypt what is confidential.
 */
export function loadOrCreateKey(folder: string): string {
  const file = join(folder, "secrets.key");
  const read = () => readFileSync(file, "utf8").trim();
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  mkdirSync(folder, { recursive: true });
  // Written aside and linked: never half a key under its name, never one key over another.
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString("hex")}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read();
}
