import {
  type CardChannel,
  type CommandApdu,
  encodeCommand,
  exchangeOk,
  getDataCommand,
  selectCommand,
  selectDefaultCommand,
  TAG_CARD_PRODUCTION_LIFE_CYCLE,
} from "@tallystick/apdu";
import { instanceAid } from "@tallystick/protocol";
import { makeWorkFolder, type Pcscd, type VirtualReader } from "@tallystick/stack";
import { compilePeer, startPeer } from "./apdu-peer.ts";
import { createRow, percentile, type Row } from "./row.ts";

/** What is sent again and again, and what must be selected for it. */
interface Exchange {
  readonly name: string;
  readonly select: CommandApdu;
  readonly command: CommandApdu;
}

const SELECT_APPLET = selectCommand(instanceAid(1));
const PROVE = { cla: 0x80, ins: 0x12, p1: 0x00, p2: 0x00, data: new Uint8Array(16).fill(0x5a), le: 256 };

/** From a card that only answers, faster than any chip, to one that signs, as each tap has it do. */
const EXCHANGES: readonly Exchange[] = [
  { name: "get data", select: selectDefaultCommand(), command: getDataCommand(TAG_CARD_PRODUCTION_LIFE_CYCLE) },
  { name: "select applet", select: SELECT_APPLET, command: SELECT_APPLET },
  { name: "prove", select: SELECT_APPLET, command: PROVE },
];
const WARM_EXCHANGES = 200;
const ROUNDS = 30;
const EXCHANGES_A_ROUND = 20;

/** Microseconds of each of so many exchanges through packages/apdu. */
async function exchangeOurs(channel: CardChannel, command: Uint8Array, times: number): Promise<readonly number[]> {
  const samples: number[] = [];
  while (samples.length < times) {
    const start = performance.now();
    const answer = await channel(command);
    samples.push((performance.now() - start) * 1_000);
    if (answer.at(-2) !== 0x90 || answer.at(-1) !== 0x00) throw new Error("the card refused the command");
  }
  return samples;
}

/**
 * The time of one exchange with the same card through packages/apdu and through a bare loop in C, a few of the one and a few
 * of the other in turn, so that whatever else the machine does troubles both alike. Card, daemon and driver are in both.
 */
export async function benchExchanges(
  place: { readonly pcscd: Pcscd; readonly reader: VirtualReader; readonly channel: CardChannel },
  emit: (row: Row) => void,
): Promise<void> {
  const { pcscd, reader, channel } = place;
  const folder = makeWorkFolder("apdu-peer");
  const program = compilePeer(folder.path);
  for (const { name, select, command } of EXCHANGES) {
    await exchangeOk(channel, "SELECT", select);
    const bytes = encodeCommand(command);
    const peer = startPeer({ program, socket: pcscd.socket, reader: reader.name, command: bytes });
    await exchangeOurs(channel, bytes, WARM_EXCHANGES);
    await peer.exchange(WARM_EXCHANGES);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(...(await exchangeOurs(channel, bytes, EXCHANGES_A_ROUND)));
      theirs.push(...(await peer.exchange(EXCHANGES_A_ROUND)));
    }
    peer.stop();
    const value = percentile(theirs, 0.5);
    emit(
      createRow({
        name: `apdu ${name}`,
        unit: "µs",
        ours: percentile(ours, 0.5),
        samples: ours.length,
        seed: null,
        peer: { name: "C on libpcsclite", value },
      }),
    );
  }
  folder.remove();
}
