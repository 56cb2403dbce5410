import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageClass } from "./broadcast.ts";
import { publicHolidays } from "./public-holidays.ts";
import { type SendingRules, sendingHours } from "./sending-hours.ts";

const rules: SendingRules = {
  timezone: "Africa/Johannesburg",
  quietHours: { from: "20:00", to: "08:00" },
  publicHolidays: ["2026-11-04"],
};

test("the holidays of 2026 and 2027, as government published them", () => {
  expect(publicHolidays(2026)).toEqual([
    "2026-01-01",
    "2026-03-21",
    "2026-04-03",
    "2026-04-06",
    "2026-04-27",
    "2026-05-01",
    "2026-06-16",
    "2026-08-09",
    "2026-08-10",
    "2026-09-24",
    "2026-12-16",
    "2026-12-25",
    "2026-12-26",
  ]);
  expect(publicHolidays(2027)).toContain("2027-03-26");
  expect(publicHolidays(2027)).toContain("2027-03-29");
  expect(publicHolidays(2027)).toContain("2027-03-22");
});

describe("when it may be sent", () => {
  test.each<[string, MessageClass, string, string | undefined, string?]>([
    ["an emergency at night", "emergency", "2026-11-22T23:00:00Z", undefined],
    ["a burst pipe on Sunday", "service", "2026-11-22T23:00:00Z", undefined],
    [
      "a campaign on Tuesday noon",
      "awareness",
      "2026-11-24T10:00:00Z",
      "2026-11-24T06:00:00.000Z",
      "2026-11-24T18:00:00.000Z",
    ],
    [
      "at 20:00 sharp it waits for the morning",
      "awareness",
      "2026-11-24T18:00:00Z",
      "2026-11-25T06:00:00.000Z",
    ],
    ["one second before 20:00 it goes", "awareness", "2026-11-24T17:59:59Z", "2026-11-24T06:00:00.000Z"],
    [
      "Friday night waits for Saturday 09:00",
      "awareness",
      "2026-11-20T19:00:00Z",
      "2026-11-21T07:00:00.000Z",
      "2026-11-21T11:00:00.000Z",
    ],
    ["Saturday 13:00 waits for Monday", "awareness", "2026-11-21T11:00:00Z", "2026-11-23T06:00:00.000Z"],
    ["Sunday waits for Monday", "awareness", "2026-11-22T10:00:00Z", "2026-11-23T06:00:00.000Z"],
    [
      "a consultation goes on Sunday by day",
      "consultation",
      "2026-11-22T10:00:00Z",
      "2026-11-22T06:00:00.000Z",
    ],
    ["… and waits at night", "consultation", "2026-11-22T22:30:00Z", "2026-11-23T06:00:00.000Z"],
    ["a declared holiday", "awareness", "2026-11-04T10:00:00Z", "2026-11-05T06:00:00.000Z"],
    [
      "from Christmas Eve over the holidays and Sunday",
      "awareness",
      "2026-12-24T19:00:00Z",
      "2026-12-28T06:00:00.000Z",
    ],
    ["the Monday of a holiday on Sunday", "awareness", "2026-08-08T12:00:00Z", "2026-08-11T06:00:00.000Z"],
  ])("%s", (_name, kind, now, from, to) => {
    const hours = sendingHours(kind, now, rules);
    expect(hours?.from).toBe(from);
    if (to) expect(hours?.to).toBe(to);
  });

  test("clocks that change: the day begins at 08:00 there, in summer and winter", () => {
    const berlin = { ...rules, timezone: "Europe/Berlin" };
    expect(sendingHours("consultation", "2026-03-28T22:00:00Z", berlin)?.from).toBe(
      "2026-03-29T06:00:00.000Z",
    );
    expect(sendingHours("consultation", "2026-10-24T22:00:00Z", berlin)?.from).toBe(
      "2026-10-25T07:00:00.000Z",
    );
  });

  test("the hours never end before now, and are open when now is within them", () => {
    const quiet = fc.constantFrom("20:00", "00:00", "12:00", "13:30", "23:59");
    const at = fc.date({ min: new Date("2026-01-01"), max: new Date("2030-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(at, quiet, quiet, fc.constantFrom("consultation", "awareness"), (now, from, to, kind) => {
        const hours = sendingHours(kind as MessageClass, now.toISOString(), {
          ...rules,
          quietHours: { from, to },
        });
        if (!hours) throw new Error("no hours");
        expect(hours.from < hours.to).toBe(true);
        expect(hours.to > now.toISOString()).toBe(true);
        const clock = now.toLocaleTimeString("en-GB", {
          timeZone: "Africa/Johannesburg",
          hour: "2-digit",
          minute: "2-digit",
        });
        const isQuiet =
          from === to ? false : from < to ? clock >= from && clock < to : clock >= from || clock < to;
        if (isQuiet) expect(hours.from > now.toISOString()).toBe(true);
        else if (kind === "consultation") expect(hours.from <= now.toISOString()).toBe(true);
      }),
    );
  });
});
