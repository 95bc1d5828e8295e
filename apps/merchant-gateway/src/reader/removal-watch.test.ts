import { describe, expect, it } from "@jest/globals";
import { ReaderError, type ReaderStatus } from "@tallystick/apdu";
import { MAX_REMOVAL_LOOKS } from "./limits.ts";
import { RemovalWatch } from "./removal-watch.ts";

type Seen = ReaderStatus["card"] | "fault" | "busy";

/** A watch at a reader that shows these one after the other, and the last of them from then on. */
function make(...shown: readonly [Seen, ...Seen[]]) {
  let looks = -1;
  const now = (): Seen => shown[Math.min(looks, shown.length - 1)] ?? "fault";
  const status = (): Promise<ReaderStatus> => {
    const card = now();
    if (card === "busy") throw new Error("the reader is asked while it is busy");
    if (card === "fault") return Promise.reject(new ReaderError("READER_UNKNOWN", { reader: "r" }));
    return Promise.resolve({ name: "r", card, atr: null, inUse: false });
  };
  const watch = new RemovalWatch({
    reader: { status },
    isBusy: () => now() === "busy",
    pause: () => {
      looks += 1;
      return Promise.resolve();
    },
  });
  return { watch, looked: () => looks + 1 };
}

describe("the card of the last payment", () => {
  it("was taken away where the reader showed itself empty in two looks, also where it lies there again", async () => {
    const { watch, looked } = make("present", "present", "absent", "absent", "present");
    expect(watch.isGone).toBe(false);
    await watch.begin();
    expect([watch.isGone, looked()]).toEqual([true, 4]);
  });

  it.each<[string, readonly [Seen, ...Seen[]]]>([
    ["lies there", ["present"]],
    ["was lost for a moment", ["present", "absent", "present", "absent", "present"]],
    ["was lost for a moment, and once more after somebody asked it", ["absent", "busy", "absent", "present"]],
    ["is silent", ["mute"]],
    ["lies on a reader that cannot say it", ["fault"]],
    ["is asked by somebody else", ["busy"]],
  ])("counts as still there where it %s, and is not looked at without an end", async (_, shown) => {
    const { watch, looked } = make(...shown);
    await watch.begin();
    expect([watch.isGone, looked()]).toEqual([false, MAX_REMOVAL_LOOKS]);
  });

  it("is the newest: what was seen of the one before says nothing of it", async () => {
    const { watch } = make("absent", "absent", "present");
    await watch.begin();
    expect(watch.isGone).toBe(true);
    const next = watch.begin();
    expect(watch.isGone).toBe(false);
    watch.seenAway();
    await next;
    expect(watch.isGone).toBe(true);
  });
});
