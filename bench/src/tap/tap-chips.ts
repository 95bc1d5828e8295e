import type { ReaderProvider } from "@tallystick/apdu";
import type { Card, DemoStack } from "@tallystick/demo";
import { type Cardhost, startCardhost } from "@tallystick/stack";
import { type ChipTap, chipRows, readChipTap } from "./chip-account.ts";
import type { Row } from "../row.ts";
import { tapOnce } from "./tap-once.ts";
import { CARD_WAIT_MS, CHIP_TAPS, WARM_TAPS } from "../limits.ts";

const CHIPS = ["jcop4", "jcop3"] as const;

/** The account of the tap that has just ended: the card's events up to the one of PAY. */
async function chipTap(host: Cardhost, elapsedMs: number): Promise<ChipTap> {
  for (;;) {
    const tap = readChipTap(await host.nextEvent("latency"), elapsedMs);
    if (tap !== undefined) return tap;
  }
}

/**
 * Taps of copies of a personalized card that take the time of a known chip over NFC, by cardhost's model of it. The row is
 * what the terminal waits in all; its account says where the time goes, `host` being everything that is no chip and no air.
 */
export async function benchChips(
  place: { readonly stack: DemoStack; readonly card: Card; readonly provider: ReaderProvider },
  emit: (row: Row) => void,
): Promise<void> {
  const { stack, card, provider } = place;
  const { name, cardhost } = stack.issuerSlot;
  await card.remove();
  for (const chip of CHIPS) {
    const reader = provider.reader(name);
    await reader.waitForRemoval({ timeoutMs: CARD_WAIT_MS });
    const host = await startCardhost({ ...cardhost, state: card.copy(chip).folder, latency: chip });
    await reader.waitForCard({ timeoutMs: CARD_WAIT_MS });
    const connection = await reader.connect();
    const taps: ChipTap[] = [];
    while (taps.length < WARM_TAPS + CHIP_TAPS) {
      const { ms } = await tapOnce(connection, stack.merchants.A.payee);
      taps.push(await chipTap(host, ms));
    }
    for (const row of chipRows(chip, taps.slice(WARM_TAPS))) emit(row);
    await connection.disconnect();
    await host.stop();
  }
}
