import { startPersonalizationHarness, type PersonalizationHarness } from "./personalization-harness.ts";

/** More durable writes than any card makes on its way; the sweep ends at the first that does not come. */
const MAX_WRITES = 200;

interface TornCard {
  readonly write: number;
  readonly when: "before" | "after";
  /** The step that was cut; null when the whole way went by without this write. */
  readonly step: string | null;
  readonly code: string | null;
  /** One card, one final deposit, one voucher of one unit with counter 1. */
  readonly whole: boolean;
}

/**
 * Tears a card at each of its durable writes, before and after it takes effect, and finishes it by running the same
 * command again. Prints one JSON line a card; exits 1 when one of them was not finished whole.
 */
async function sweep(harness: PersonalizationHarness): Promise<boolean> {
  let ok = true;
  for (let write = 1; write <= MAX_WRITES; write++) {
    for (const when of ["before", "after"] as const) {
      const torn = await tearAndFinish(harness, write, when);
      process.stdout.write(`${JSON.stringify({ schema: "tallystick.tear-sweep/1", ...torn })}\n`);
      ok &&= torn.whole;
      if (torn.step === null) return ok;
    }
  }
  return ok;
}

async function tearAndFinish(
  harness: PersonalizationHarness,
  write: number,
  when: "before" | "after",
): Promise<TornCard> {
  const issuer = await harness.issuer();
  const card = harness.card();
  try {
    await card.insert({ event: write, when });
    const first = await issuer.personalize();
    const last = first.lines.at(-1);
    const finished = first.exitCode === 0 ? first : await issuer.personalize();
    const { cards, fundings, vouchers } = issuer.settlement;
    const [voucher] = vouchers.values();
    const whole =
      finished.exitCode === 0 &&
      [cards.size, fundings.size, vouchers.size].every((count) => count === 1) &&
      voucher?.counter === 1 &&
      voucher.spent === 1n;
    const wasCut = first.exitCode !== 0;
    return {
      ...{ write, when, whole },
      step: wasCut ? String(last?.["step"] ?? "identify") : null,
      code: wasCut ? String(last?.["code"]) : null,
    };
  } finally {
    await card.remove();
    await issuer.close();
  }
}

const harness = await startPersonalizationHarness();
try {
  process.exitCode = (await sweep(harness)) ? 0 : 1;
} finally {
  await harness.close();
}
