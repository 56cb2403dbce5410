import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{bots,channels,flows,storage,templates,sandbox,console,test}/**/*.test.{ts,tsx}"],
    globalSetup: ["test/support/announce.ts", "test/support/pages.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
