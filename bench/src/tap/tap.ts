import { createPcscProvider } from "@tallystick/apdu/pcsc";
import { createNarrator, createDemoStack, issueCard } from "@tallystick/demo";
import { createRow, percentile, type Row } from "../row.ts";
import { benchChips } from "./tap-chips.ts";
import { benchOutside } from "./tap-outside.ts";
import { benchPrices } from "./tap-prices.ts";
import { tapOnce, type TapSample } from "./tap-once.ts";
import { TAP_SAMPLES } from "../limits.ts";

/**
 * `bench tap`: taps of a personalized simulated card through PC/SC. The card's own computing is a simulation's; what is
 * measured is the number and size of the APDUs and the time of host, daemon and driver. Two chips' own time comes from a model.
 */
export async function benchTap(emit: (row: Row) => void): Promise<void> {
  const narrator = createNarrator(
    (text) => process.stderr.write(text),
    () => performance.now(),
  );
  const stack = await createDemoStack({ direct: false, say: narrator.line });
  const { card, address } = await issueCard(stack, narrator, "bench");
  await card.insert(stack.issuerSlot);
  process.env["PCSCLITE_CSOCK_NAME"] = stack.pcscd?.socket ?? "";
  const provider = createPcscProvider();
  const reader = provider.reader(stack.issuerSlot.name);
  await reader.waitForCard({ timeoutMs: 10_000 });
  const connection = await reader.connect();
  const payee = stack.merchants.A.payee;
  for (let warm = 0; warm < 20; warm += 1) await tapOnce(connection, payee);
  const samples: TapSample[] = [];
  while (samples.length < TAP_SAMPLES) samples.push(await tapOnce(connection, payee));
  await connection.disconnect();
  const row = (name: string, unit: string, ours: number): void => {
    emit(createRow({ name, unit, ours, samples: TAP_SAMPLES, seed: null }));
  };
  const times = samples.map(({ ms }) => ms);
  row("tap apdus", "APDUs", Math.max(...samples.map(({ apdus }) => apdus)));
  row("tap select answer", "bytes", Math.max(...samples.map(({ selectBytes }) => selectBytes)));
  row("tap pay answer", "bytes", Math.max(...samples.map(({ payBytes }) => payBytes)));
  row("tap p50", "ms", percentile(times, 0.5));
  row("tap p99", "ms", percentile(times, 0.99));
  await benchPrices({ stack, card }, emit);
  await benchOutside(emit);
  await benchChips({ stack, card, address, provider }, emit);
  await provider.close();
}
