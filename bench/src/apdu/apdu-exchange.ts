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
import { type ApduWays, openWays } from "./apdu-ways.ts";
import { createRow, percentile, type Row } from "../row.ts";
import { EXCHANGES_A_ROUND, ROUNDS, WARM_EXCHANGES } from "../limits.ts";

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

/** Microseconds of each of so many exchanges. */
type Runner = (times: number) => Promise<readonly number[]>;

function runnerOf(channel: CardChannel, command: Uint8Array): Runner {
  return async (times) => {
    const samples: number[] = [];
    while (samples.length < times) {
      const start = performance.now();
      const answer = await channel(command);
      samples.push((performance.now() - start) * 1_000);
      if (answer.at(-2) !== 0x90 || answer.at(-1) !== 0x00) throw new Error("the card refused the command");
    }
    return samples;
  };
}

/**
 * The median of one exchange by each way: a few by the one and a few by the next in turn, so that whatever else the machine
 * does troubles all alike. Card, daemon and driver are in all of them.
 */
async function mediansOf<Name extends string>(runners: Readonly<Record<Name, Runner>>): Promise<Record<Name, number>> {
  const names = Object.keys(runners) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (const name of names) await runners[name](WARM_EXCHANGES);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) samples.get(name)?.push(...(await runners[name](EXCHANGES_A_ROUND)));
  }
  const median = (name: Name) => Math.round(percentile(samples.get(name) ?? [], 0.5) * 1_000) / 1_000;
  return Object.fromEntries(names.map((name) => [name, median(name)])) as Record<Name, number>;
}

/**
 * The time of one exchange with the same card through each binding of packages/apdu, beside a bare loop in C; and through
 * our layer beside the library below it alone, so that what is ours and what is the library's are told apart.
 */
export async function benchExchanges(
  place: { readonly pcscd: Pcscd; readonly reader: VirtualReader; readonly channel: CardChannel },
  emit: (row: Row) => void,
): Promise<void> {
  const { pcscd, reader, channel } = place;
  const folder = makeWorkFolder("apdu-peer");
  const program = compilePeer(folder.path);
  const ways = await openWays(reader.name, pcscd.socket);
  for (const { name, select, command } of EXCHANGES) {
    await exchangeOk(channel, "SELECT", select);
    const bytes = encodeCommand(command);
    const peer = startPeer({ program, socket: pcscd.socket, reader: reader.name, command: bytes });
    const medians = await mediansOf({ c: (times) => peer.exchange(times), ...runnersOf(ways, bytes) });
    peer.stop();
    for (const row of rowsOf(name, medians)) emit(row);
  }
  await ways.close();
  folder.remove();
}

function runnersOf(ways: ApduWays, command: Uint8Array): Readonly<Record<Exclude<keyof ApduWays, "close">, Runner>> {
  // The libraries alone get what they ask for, so that a copy of ours is not counted as theirs.
  const buffer = Buffer.from(command);
  return {
    smartcard: runnerOf(ways.smartcard, command),
    pcsclite: runnerOf(ways.pcsclite, command),
    pcscd: runnerOf(ways.pcscd, command),
    bareSmartcard: runnerOf(ways.bareSmartcard, buffer),
    barePcsclite: runnerOf(ways.barePcsclite, buffer),
  };
}

function rowsOf(name: string, medians: Readonly<Record<Exclude<keyof ApduWays, "close"> | "c", number>>): Row[] {
  const row = (label: string, ours: number, peer: { readonly name: string; readonly value: number }) =>
    createRow({ name: `apdu ${label}`, unit: "µs", ours, samples: ROUNDS * EXCHANGES_A_ROUND, seed: null, peer });
  const c = { name: "C on libpcsclite", value: medians.c };
  return [
    row(name, medians.smartcard, c),
    row(`${name} pcsclite`, medians.pcsclite, c),
    row(`${name} pcscd`, medians.pcscd, c),
    row(`${name} smartcard's own`, medians.bareSmartcard, c),
    row(`${name} pcsclite's own`, medians.barePcsclite, c),
    row(`${name} above smartcard`, medians.smartcard, { name: "smartcard alone", value: medians.bareSmartcard }),
    row(`${name} above pcsclite`, medians.pcsclite, { name: "pcsclite alone", value: medians.barePcsclite }),
  ];
}
