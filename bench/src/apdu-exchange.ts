import { makeWorkFolder, type Pcscd, type VirtualReader } from "@tallystick/stack";
import { type CardConnection, encodeCommand, getDataCommand, TAG_CARD_PRODUCTION_LIFE_CYCLE } from "@tallystick/apdu";
import { compilePeer, startPeer } from "./apdu-peer.ts";
import { createRow, percentile, type Row } from "./row.ts";

/** GET DATA of the card's production data: 5 bytes to the card and 47 back, and next to nothing to compute in between. */
const COMMAND = encodeCommand(getDataCommand(TAG_CARD_PRODUCTION_LIFE_CYCLE));
const WARM_EXCHANGES = 200;
const ROUNDS = 40;
const EXCHANGES_A_ROUND = 25;

/** Microseconds of each of so many exchanges through packages/apdu. */
async function exchangeOurs(connection: CardConnection, times: number): Promise<readonly number[]> {
  const samples: number[] = [];
  while (samples.length < times) {
    const start = performance.now();
    const answer = await connection.transmit(COMMAND);
    samples.push((performance.now() - start) * 1_000);
    if (answer.at(-2) !== 0x90 || answer.at(-1) !== 0x00) throw new Error("the card refused GET DATA");
  }
  return samples;
}

/**
 * The time of one exchange with the same card through packages/apdu and through a bare loop in C, a few of the one and a few
 * of the other in turn, so that whatever else the machine does troubles both alike. Card, daemon and driver are in both.
 */
export async function benchExchange(
  place: { readonly pcscd: Pcscd; readonly reader: VirtualReader; readonly connection: CardConnection },
  emit: (row: Row) => void,
): Promise<void> {
  const { pcscd, reader, connection } = place;
  const folder = makeWorkFolder("apdu-peer");
  const program = compilePeer(folder.path);
  const peer = startPeer({ program, socket: pcscd.socket, reader: reader.name, command: COMMAND });
  await exchangeOurs(connection, WARM_EXCHANGES);
  await peer.exchange(WARM_EXCHANGES);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(...(await exchangeOurs(connection, EXCHANGES_A_ROUND)));
    theirs.push(...(await peer.exchange(EXCHANGES_A_ROUND)));
  }
  peer.stop();
  folder.remove();
  for (const [label, part] of [
    ["p50", 0.5],
    ["p90", 0.9],
  ] as const) {
    emit(
      createRow({
        name: `apdu exchange ${label}`,
        unit: "µs",
        ours: percentile(ours, part),
        samples: ours.length,
        seed: null,
        peer: { name: "C on libpcsclite", value: percentile(theirs, part) },
      }),
    );
  }
}
