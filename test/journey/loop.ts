import { expect, it } from "vitest";
import type { Hand } from "./hand.ts";
import { broadcast, consultation, crisis, desk, interruptedBroadcast, whatsappNotice } from "./scenario.ts";
import type { Stage } from "./stage.ts";

/** The tests of the whole loop, one after the other, on whatever stage and by whatever hand. */
export function wholeLoop(on: () => { readonly stage: Stage; readonly hand: Hand }): void {
  it("opens a consultation and hears four citizens", async () => {
    await consultation(on().hand);
  });

  it("sends a broadcast that a second person approved, but not to whoever said STOP", async () => {
    await broadcast(on().hand);
  });

  it("reaches somebody on WhatsApp who has never written there", async () => {
    await whatsappNotice(on().hand);
  });

  it("runs a crisis from the declaration to the all-clear", async () => {
    await crisis(on().hand);
  });

  it("answers a resident and a journalist in threads, and shows at home what runs", async () => {
    await desk(on().hand);
  });

  it("pauses, resumes and cancels a broadcast that goes out", async () => {
    const { stage, hand } = on();
    await stage.client.turn({ latencyMs: 1_000 });
    await interruptedBroadcast(hand);
    const { total } = await stage.client.summary({ contains: "refuse is collected" });
    expect(total).toBeLessThan(2_000);
  });
}
