import { expect, test } from "vitest";
import { chartPng, chartSvg, hasChart } from "./chart.ts";
import type { ConsultationResults } from "./results.ts";

const results: ConsultationResults = {
  id: "01a20a33-364e-73b7-9d7e-ef923ca9cb99",
  title: 'Roads & <script>"water"</script>',
  status: "open",
  privacy: "identified",
  quotas: [],
  sent: [],
  reached: 0,
  withheld: 0,
  over: false,
  byGroup: [],
  byWard: [],
  started: 30,
  repeated: 0,
  completed: 20,
  screened: 0,
  active: 10,
  medianSeconds: 60,
  byLanguage: [],
  byChannel: [],
  questions: [
    {
      question: "first",
      title: "What should come first?\u0007",
      answered: 20,
      counts: [
        { label: "Water", n: 15, low: 0.53, high: 0.89 },
        { label: "Roads ṱ", n: 5, low: 0.11, high: 0.47 },
      ],
      latest: [],
      left: 0,
    },
    { question: "why", title: "Why?", answered: 3, counts: [], latest: ["because"], left: 0 },
  ],
};

test("the picture has every choice with its share, and words that mean something in SVG mean nothing", () => {
  const svg = chartSvg(results);
  expect(svg).toContain("Water");
  expect(svg).toContain("15  75 %");
  expect(svg).toContain("Roads &amp; &lt;script&gt;");
  expect(svg).not.toContain("because");
  expect(svg).not.toContain("\u0007");
});

test("it is a PNG of some size", async () => {
  const png = Buffer.from(await chartPng(results));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBe(800);
  expect(png.readUInt32BE(20)).toBeGreaterThan(150);
});

test("without a question with choices there is nothing to draw", () => {
  expect(hasChart(results)).toBe(true);
  expect(hasChart({ ...results, questions: results.questions.slice(1) })).toBe(false);
});
