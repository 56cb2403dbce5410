import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const tracked = globSync("{flows,channels,storage,templates}/**/*.ts").filter(
  (path) => !/\.test\.ts$/.test(path),
);
const source = (path: string): string => readFileSync(path, "utf8");

describe("the house", () => {
  it.each(["flows/", "channels/", "storage/", "templates/"])(
    "%s has neither clock nor chance nor environment",
    (folder) => {
      const forbidden = /\bDate\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|process\.env/;
      const offenders = tracked
        .filter((path) => path.startsWith(folder) && !path.endsWith("config.ts"))
        .filter((path) => forbidden.test(source(path)));
      expect(offenders).toEqual([]);
    },
  );

  it("the lockfile names no registry", () => {
    expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved": "http/);
  });

  it("whatsapp-web.js brings no browser", () => {
    expect(readFileSync("package-lock.json", "utf8")).toMatch(
      /"node_modules\/puppeteer": \{\s*"name": "puppeteer-core"/,
    );
  });
});
