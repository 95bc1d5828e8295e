import { randomBytes } from "node:crypto";
import type { CardConnection } from "@tallystick/apdu";
import { createPcscProvider } from "@tallystick/apdu/pcsc";
import { createNarrator, createWorld, issueCard } from "@tallystick/demo";
import {
  decodeSelectAnswer,
  encodePayRequest,
  instanceAid,
  parseAddress,
  type SelectAnswer,
} from "@tallystick/protocol";
import { createRow, percentile, type Row } from "./row.ts";

const SAMPLES = 200;

/** SELECT of the first instance (ISO 7816-4 §11.2.2) with Le. */
function selectCommand(): Uint8Array {
  const aid = instanceAid(1);
  return Uint8Array.from([0x00, 0xa4, 0x04, 0x00, aid.length, ...aid, 0x00]);
}

function payCommand(card: SelectAnswer, payee: string): Uint8Array {
  const data = encodePayRequest({
    cardTag: card.cardTag,
    counter: card.counter + 1,
    payee: parseAddress(payee),
    amount: 1n,
    time: Math.floor(Date.now() / 1000),
    challenge: randomBytes(16),
    terminalId: randomBytes(8),
    category: 3,
  });
  return Uint8Array.from([0x80, 0x10, 0x00, 0x00, data.length, ...data, 0x00]);
}

function answerData(response: Uint8Array): Uint8Array {
  const status = Buffer.from(response.subarray(-2)).toString("hex");
  if (status !== "9000") throw new Error(`the card answered ${status}`);
  return response.subarray(0, -2);
}

interface Sample {
  readonly ms: number;
  readonly apdus: number;
  readonly selectBytes: number;
  readonly payBytes: number;
}

/** One tap as a terminal does it, without its decision: what card, reader and host take. */
async function sample(connection: CardConnection, payee: string): Promise<Sample> {
  let apdus = 0;
  const send = async (command: Uint8Array): Promise<Uint8Array> => {
    apdus += 1;
    return answerData(await connection.transmit(command));
  };
  const start = performance.now();
  const selected = await send(selectCommand());
  const paid = await send(payCommand(decodeSelectAnswer(selected), payee));
  return { ms: performance.now() - start, apdus, selectBytes: selected.length, payBytes: paid.length };
}

/**
 * `bench tap`: taps of a personalized simulated card through PC/SC. The card's own computing is a simulation's; what is
 * measured is the number and size of the APDUs and the time of host, daemon and driver.
 */
export async function benchTap(emit: (row: Row) => void): Promise<void> {
  const narrator = createNarrator(
    (text) => process.stderr.write(text),
    () => performance.now(),
  );
  const world = await createWorld({ direct: false, say: narrator.line });
  const { card } = await issueCard(world, narrator, "bench");
  await card.insert(world.issuerSlot);
  process.env["PCSCLITE_CSOCK_NAME"] = world.pcscd?.socket ?? "";
  const provider = createPcscProvider();
  const reader = provider.reader(world.issuerSlot.name);
  await reader.waitForCard({ timeoutMs: 10_000 });
  const connection = await reader.connect();
  const payee = world.shops.A.payee;
  for (let warm = 0; warm < 20; warm += 1) await sample(connection, payee);
  const samples: Sample[] = [];
  while (samples.length < SAMPLES) samples.push(await sample(connection, payee));
  await connection.disconnect();
  await provider.close();
  const row = (name: string, unit: string, ours: number): void => {
    emit(createRow({ name, unit, ours, samples: SAMPLES, seed: null }));
  };
  const times = samples.map(({ ms }) => ms);
  row("tap apdus", "APDUs", Math.max(...samples.map(({ apdus }) => apdus)));
  row("tap select answer", "bytes", Math.max(...samples.map(({ selectBytes }) => selectBytes)));
  row("tap pay answer", "bytes", Math.max(...samples.map(({ payBytes }) => payBytes)));
  row("tap p50", "ms", percentile(times, 0.5));
  row("tap p99", "ms", percentile(times, 0.99));
}
