import { expect, it } from "vitest";
import { loadTown, phonesOf } from "./town.ts";

const path = (file: string) => new URL(file, import.meta.url).pathname;

it("reads the example town: its people, its numbers, and one phone for each number", () => {
  const town = loadTown(path("../bots/demo-town/town.json"));
  const phones = phonesOf(town);
  expect(new Set(phones.map((p) => p.number)).size).toBe(phones.length);
  for (const role of ["citizen", "liaison", "officer"])
    expect(phones.filter((p) => p.role === role).length).toBeGreaterThanOrEqual(2);
  expect(town.slackUsers.length).toBeGreaterThanOrEqual(2);
  expect(phones.map((p) => p.number)).not.toContain(town.lines.sms);
});

it("gives a person with SMS and WhatsApp on one number one phone with both", () => {
  const nomsa = phonesOf(loadTown(path("./fixture-town.json"))).filter((p) => p.name === "Nomsa Dlamini");
  expect(nomsa.map((p) => p.channels)).toEqual([["sms", "whatsapp"]]);
});
