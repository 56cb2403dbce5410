import { describe, expect, test } from "vitest";
import { firstLoud, isQuiet, zoneNamed, zoneOf } from "./quiet-hours.ts";

const night = { quietHours: { from: "20:00", to: "08:00" } };
const quiet = (at: string, zone: string, hours = night) => isQuiet(new Date(at), zone, hours);

test.each([
  ["2026-11-23T05:59:00Z", true],
  ["2026-11-23T06:00:00Z", false],
  ["2026-11-23T17:59:00Z", false],
  ["2026-11-23T18:00:00Z", true],
  ["2026-11-23T23:30:00Z", true],
])("20:00 to 08:00 in Johannesburg: %s is quiet: %s", (now, expected) => {
  expect(quiet(now, "Africa/Johannesburg")).toBe(expected);
});

test("quiet hours within one day", () => {
  const noon = { quietHours: { from: "12:00", to: "14:00" } };
  const times = ["11:59", "12:00", "13:59", "14:00"];
  expect(times.map((at) => quiet(`2026-11-23T${at}:00Z`, "UTC", noon))).toEqual([false, true, true, false]);
});

// The European Union's and the United Kingdom's clocks change at 01:00 UTC on the last Sundays of March and October.
test.each([
  ["the day before summer time", "2027-03-27T07:59:00Z", "2027-03-27T08:00:00Z"],
  ["the first day of summer time", "2027-03-28T06:59:00Z", "2027-03-28T07:00:00Z"],
  ["the last day of summer time", "2026-10-24T06:59:00Z", "2026-10-24T07:00:00Z"],
  ["the first day of winter time", "2026-10-25T07:59:00Z", "2026-10-25T08:00:00Z"],
])("in London, %s: the quiet hours end at eight on the clocks", (_day, still, over) => {
  expect([quiet(still, "Europe/London"), quiet(over, "Europe/London")]).toEqual([true, false]);
  const found = firstLoud(Date.parse(over) - 8 * 3_600_000, Date.parse(over) + 1, "Europe/London", night);
  expect(new Date(found ?? 0).toISOString()).toBe(new Date(over).toISOString());
});

test("there may be no such moment", () => {
  const at = Date.parse("2026-11-23T22:00:00Z");
  expect(firstLoud(at, at + 4 * 3_600_000, "Africa/Johannesburg", night)).toBeUndefined();
});

describe("a person's zone", () => {
  const home = { timezone: "Africa/Johannesburg", country: "ZA" } as const;
  test.each([
    ["known of them", "sms:+27821234567", "Europe/London", "Europe/London"],
    ["known, typed as people type", "sms:+27821234567", "europe/london", "Europe/London"],
    ["unknown", "sms:+27821234567", null, "Africa/Johannesburg"],
    ["no zone at all", "sms:+27821234567", "Ward 4", "Africa/Johannesburg"],
    ["an offset, which knows no summer time", "sms:+27821234567", "+05:00", "Africa/Johannesburg"],
    ["of a country with one zone", "whatsapp:+263712345678", null, "Africa/Harare"],
    ["of a country with one zone and summer time", "sms:+447400123456", null, "Europe/London"],
    ["of a country with several", "sms:+12015550123", null, "Africa/Johannesburg"],
    ["of no country", "slack:U123", null, "Africa/Johannesburg"],
    ["known, against the number", "sms:+263712345678", "Africa/Johannesburg", "Africa/Johannesburg"],
  ])("%s", (_how, address, timeZone, zone) => {
    expect(zoneOf({ address, timeZone }, home)).toBe(zone);
  });

  test.each([
    ["Africa/Johannesburg", "Africa/Johannesburg"],
    ["america/new york", "America/New_York"],
    ["UTC", "UTC"],
    ["GMT+2", undefined],
    ["Johannesburg", undefined],
    ["", undefined],
  ])("%j is a zone: %s", (written, zone) => {
    expect(zoneNamed(written)).toBe(zone);
  });
});
