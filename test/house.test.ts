import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path));
const source = (path: string): string => readFileSync(path, "utf8");

describe("the house", () => {
  it.each(["flows/", "channels/", "storage/", "templates/"])("%s has neither clock nor chance nor environment", (folder) => {
    const forbidden = /\bDate\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|process\.env/;
    const offenders = tracked
      .filter((path) => path.startsWith(folder) && !path.endsWith("config.ts"))
      .filter((path) => forbidden.test(source(path)));
    expect(offenders).toEqual([]);
  });

  it("the lockfile names no registry", () => {
    expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved": "http/);
  });

  it("whatsapp-web.js brings no browser", () => {
    expect(readFileSync("package-lock.json", "utf8")).toMatch(/"node_modules\/puppeteer": \{\s*"name": "puppeteer-core"/);
  });
});
