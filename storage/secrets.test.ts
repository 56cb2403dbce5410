import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadOrCreateKey, openSecrets, Undecryptable } from "./secrets.ts";

const secrets = openSecrets("0123456789abcdef".repeat(4));
const others = openSecrets("0123456789abcdee".repeat(4));
const text = fc.string({ unit: "grapheme" });

test("what is encrypted comes back in its own context only, and never looks the same twice", () => {
  fc.assert(
    fc.property(text, text, text, (words, context, other) => {
      fc.pre(context !== other);
      const sealed = secrets.encrypt(words, context);
      expect(secrets.decrypt(sealed, context)).toBe(words);
      expect(secrets.encrypt(words, context)).not.toBe(sealed);
      expect(() => secrets.decrypt(sealed, other)).toThrow(Undecryptable);
      expect(() => others.decrypt(sealed, context)).toThrow(Undecryptable);
    }),
  );
});

test("a single changed bit is noticed, and so is anything shorter", () => {
  const sealed = secrets.encrypt("The pump station failed at 04:10.", "enquiries.question:1");
  const bytes = Buffer.from(sealed.slice(3), "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => secrets.decrypt(`v1.${changed.toString("base64url")}`, "enquiries.question:1")).toThrow(
      Undecryptable,
    );
  }
  for (let length = 0; length < sealed.length; length++)
    expect(() => secrets.decrypt(sealed.slice(0, length), "enquiries.question:1")).toThrow(Undecryptable);
});

test("a mac holds for its purpose, text and key", () => {
  const mac = secrets.mac("status", "message-1");
  expect(secrets.verifyMac("status", "message-1", mac)).toBe(true);
  expect(secrets.verifyMac("status", "message-2", mac)).toBe(false);
  expect(secrets.verifyMac("console", "message-1", mac)).toBe(false);
  expect(others.verifyMac("status", "message-1", mac)).toBe(false);
  expect(secrets.verifyMac("status", "message-1", "")).toBe(false);
  expect(secrets.verifyMac("status", "message-1", mac.slice(0, -2))).toBe(false);
});

test.each(["", "abc", "g".repeat(64), "0".repeat(63)])("the key %j is refused", (key) => {
  expect(() => openSecrets(key)).toThrow("64 hexadecimal digits");
});

test("the embedded key is made once, for its owner only, and kept", () => {
  const folder = mkdtempSync(join(tmpdir(), "saypro-key-"));
  try {
    const key = loadOrCreateKey(join(folder, "data"));
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(folder, "data", "secrets.key")).mode & 0o777).toBe(0o600);
    expect(loadOrCreateKey(join(folder, "data"))).toBe(key);
    expect(readdirSync(join(folder, "data"))).toEqual(["secrets.key"]);
    writeFileSync(join(folder, "secrets.key"), "damaged");
    expect(() => openSecrets(loadOrCreateKey(folder))).toThrow("64 hexadecimal digits");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
