import type { ReaderProvider } from "@tallystick/apdu";
import type { Card, DemoStack } from "@tallystick/demo";
import { type Cardhost, startCardhost } from "@tallystick/stack";
import { accountIn, type ChipTap, chipRows, completesTap, readChipTap, sumOf } from "./chip-account.ts";
import { nextAllowance } from "./next-allowance.ts";
import { createRow, type Row } from "../row.ts";
import { tapOnce } from "./tap-once.ts";
import { CARD_WAIT_MS, CHIP_TAPS, WARM_TAPS } from "../limits.ts";

const CHIPS = ["jcop4", "jcop3"] as const;

/** What most readers speak unless they are told. */
const MEDIUM = "nfc106";

/** The account of the tap that has just ended: the card's events up to the one of PAY. */
async function chipTap(host: Cardhost, elapsedMs: number): Promise<ChipTap> {
  for (;;) {
    const tap = readChipTap(await host.nextEvent("latency"), elapsedMs);
    if (tap !== undefined) return tap;
  }
}

/** The account of all commands that cardhost has not told of yet, up to PAY's. */
async function wholeAccount(host: Cardhost): Promise<Readonly<Record<string, number>>> {
  for (let sum: Readonly<Record<string, number>> = {}; ;) {
    const event = await host.nextEvent("latency");
    sum = sumOf(sum, accountIn(event, "account"));
    if (completesTap(event)) return sum;
  }
}

/**
 * Taps of copies of a personalized card that take the time of a known chip at 106 kbit/s, the middle of the model's range. The
 * row is what the terminal waits in all; its account says where the time goes, `host` being all that is no chip and no air.
 */
export async function benchChips(
  place: {
    readonly stack: DemoStack;
    readonly card: Card;
    /** Of the card, on the chain. */
    readonly address: string;
    readonly provider: ReaderProvider;
  },
  emit: (row: Row) => void,
): Promise<void> {
  const { stack, card, address, provider } = place;
  const { name, cardhost } = stack.issuerSlot;
  await card.remove();
  for (const chip of CHIPS) {
    const reader = provider.reader(name);
    await reader.waitForRemoval({ timeoutMs: CARD_WAIT_MS });
    const host = await startCardhost({ ...cardhost, state: card.copy(chip).folder, latency: chip, medium: MEDIUM });
    await reader.waitForCard({ timeoutMs: CARD_WAIT_MS });
    const connection = await reader.connect();
    const taps: ChipTap[] = [];
    while (taps.length < WARM_TAPS + CHIP_TAPS) {
      const { ms } = await tapOnce(connection, stack.merchants.A.payee);
      taps.push(await chipTap(host, ms));
    }
    for (const row of chipRows(`${chip} ${MEDIUM} waited`, taps.slice(WARM_TAPS))) emit(row);
    const updates: ChipTap[] = [];
    let apdus = 0;
    while (updates.length < CHIP_TAPS) {
      const newer = await nextAllowance(stack, address);
      const tap = await tapOnce(connection, stack.merchants.A.payee, newer);
      apdus = Math.max(apdus, tap.apdus);
      updates.push({ elapsedMs: tap.ms, account: await wholeAccount(host) });
    }
    const what = "tap with update";
    emit(
      createRow({
        name: `${what} ${chip} ${MEDIUM} waited apdus`,
        unit: "APDUs",
        ours: apdus,
        samples: CHIP_TAPS,
        seed: null,
      }),
    );
    for (const row of chipRows(`${chip} ${MEDIUM} waited`, updates, what)) emit(row);
    await connection.disconnect();
    await host.stop();
  }
}
