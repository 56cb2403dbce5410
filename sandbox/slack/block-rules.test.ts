import { describe, expect, it } from "vitest";
import { blockFaults, viewFaults } from "./block-rules.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const button = (action_id: string, more: object = {}) => ({
  type: "button",
  action_id,
  text: plain("Go"),
  ...more,
});
const option = (value: string) => ({ text: plain(value), value });
const actions = (...elements: object[]) => ({ type: "actions", elements });
const input = (element: object, more: object = {}) => ({
  type: "input",
  label: plain("Label"),
  element,
  ...more,
});
const repeat = (n: number, make: (i: number) => object) => Array.from({ length: n }, (_, i) => make(i));

describe("blocks of a message", () => {
  it.each([
    [
      "a section with an accessory",
      [{ type: "section", text: { type: "mrkdwn", text: "x" }, accessory: button("a") }],
    ],
    ["fields alone", [{ type: "section", fields: [plain("a"), { type: "mrkdwn", text: "b" }] }]],
    ["25 buttons", [actions(...repeat(25, (i) => button(`a${i}`)))]],
    [
      "a confirm dialog",
      [
        actions(
          button("a", {
            confirm: {
              title: plain("Sure?"),
              text: plain("Really"),
              confirm: plain("Yes"),
              deny: plain("No"),
              style: "danger",
            },
          }),
        ),
      ],
    ],
    [
      "a menu with its choice",
      [
        actions({
          type: "static_select",
          action_id: "a",
          options: [option("1")],
          initial_option: option("1"),
        }),
      ],
    ],
    ["a context of 10", [{ type: "context", elements: repeat(10, () => ({ type: "mrkdwn", text: "x" })) }]],
    ["50 dividers", repeat(50, () => ({ type: "divider" }))],
  ])("may be %s", (_, blocks) => {
    expect(blockFaults(blocks, "message")).toEqual([]);
  });

  it.each([
    [
      "51 blocks",
      repeat(51, () => ({ type: "divider" })),
      "no more than 50 items allowed [json-pointer:/blocks]",
    ],
    [
      "26 buttons",
      [actions(...repeat(26, (i) => button(`a${i}`)))],
      "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ],
    [
      "3,001 characters",
      [{ type: "section", text: plain("x".repeat(3001)) }],
      "must be less than 3001 characters",
    ],
    ["an empty text", [{ type: "section", text: plain("") }], "must be more than 0 characters"],
    ["a section of nothing", [{ type: "section" }], "missing required field: text"],
    ["a misspelt key", [{ type: "divider", blok_id: "x" }], "invalid additional property: blok_id"],
    ["an unknown block", [{ type: "sektion" }], "unsupported type: sektion"],
    [
      "mrkdwn in a header",
      [{ type: "header", text: { type: "mrkdwn", text: "x" } }],
      "must be one of: plain_text",
    ],
    [
      "a long button",
      [actions(button("a", { text: plain("x".repeat(76)) }))],
      "must be less than 76 characters",
    ],
    ["a style that is none", [actions(button("a", { style: "blue" }))], "must be one of: primary, danger"],
    ["two actions with one id", [actions(button("a"), button("a"))], "action_id must be unique"],
    [
      "two blocks with one id",
      [
        { type: "divider", block_id: "a" },
        { type: "divider", block_id: "a" },
      ],
      "block_id must be unique",
    ],
    [
      "101 options",
      [actions({ type: "static_select", action_id: "a", options: repeat(101, (i) => option(`${i}`)) })],
      "no more than 100 items",
    ],
    [
      "options and groups at once",
      [actions({ type: "static_select", action_id: "a", options: [option("1")], option_groups: [] })],
      "exactly one of",
    ],
    [
      "an initial option that is not offered",
      [
        actions({
          type: "static_select",
          action_id: "a",
          options: [option("1")],
          initial_option: option("2"),
        }),
      ],
      "initial option must exactly match",
    ],
    [
      "an image without a description",
      [{ type: "image", image_url: "https://x/y.png" }],
      "missing required field: alt_text",
    ],
    [
      "a text input among actions",
      [actions({ type: "plain_text_input", action_id: "a" })],
      "unsupported type: plain_text_input",
    ],
    ["no array", {}, "must be an array"],
  ])("may not have %s", (_, blocks, words) => {
    expect(blockFaults(blocks, "message").join("\n")).toContain(words);
  });
});

describe("views", () => {
  const modal = (more: object = {}) => ({
    type: "modal",
    title: plain("Title"),
    blocks: [{ type: "divider" }],
    ...more,
  });
  it("may be a modal with inputs and a submit button, or a home", () => {
    const element = { type: "plain_text_input", action_id: "a", multiline: true, max_length: 1600 };
    expect(
      viewFaults(
        modal({ submit: plain("Send"), blocks: [input(element, { optional: true, hint: plain("h") })] }),
        "modal",
      ),
    ).toEqual([]);
    expect(viewFaults({ type: "home", blocks: [{ type: "divider" }] }, "home")).toEqual([]);
  });
  it.each([
    [
      "a title of 25",
      modal({ title: plain("x".repeat(25)) }),
      "must be less than 25 characters [json-pointer:/view/title/text]",
    ],
    [
      "inputs without submit",
      modal({ blocks: [input({ type: "plain_text_input", action_id: "a" })] }),
      "missing required field: submit",
    ],
    ["long metadata", modal({ private_metadata: "x".repeat(3001) }), "must be less than 3001 characters"],
    ["a key of a message", modal({ text: "x" }), "invalid additional property: text"],
    ["a home for a modal", { type: "home", blocks: [{ type: "divider" }] }, "must be modal"],
    ["no blocks", modal({ blocks: [] }), "no fewer than 1 items allowed [json-pointer:/view/blocks]"],
    [
      "a number input that leaves decimals open",
      modal({ submit: plain("s"), blocks: [input({ type: "number_input", action_id: "a" })] }),
      "missing required field: is_decimal_allowed",
    ],
  ])("may not have %s", (_, view, words) => {
    expect(viewFaults(view, "modal").join("\n")).toContain(words);
  });
});
