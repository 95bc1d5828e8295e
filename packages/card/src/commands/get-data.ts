import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type CardState, cardStateBytes } from "@tallystick/protocol";
import { CardError, exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** What GET DATA reads back (spec §4.7): tag and bytes of the value. */
export const dataObjects = Object.freeze({
  version: { tag: 0xdf01, length: 5 },
  progress: { tag: 0xdf02, length: 2 },
  domain: { tag: 0xdf03, length: 28 },
  issuerKey: { tag: 0xdf04, length: 66 },
  owner: { tag: 0xdf05, length: 20 },
  address: { tag: 0xdf06, length: 20 },
  publicKey: { tag: 0xdf07, length: 65 },
} as const);

/** The name of a data object. */
export type DataObjectName = keyof typeof dataObjects;

/** How far personalization has come (DF02). */
export interface Progress {
  readonly domain: boolean;
  readonly issuerKey: boolean;
  readonly keyPair: boolean;
  readonly address: boolean;
  readonly owner: boolean;
  readonly pin: boolean;
  readonly allowance: boolean;
  readonly state: CardState;
}

/** GET DATA of one object. */
export function getDataObjectCommand(name: DataObjectName): CommandApdu {
  const { tag } = dataObjects[name];
  return { cla: CLA_TALLYSTICK, ins: INS.getData, p1: tag >> 8, p2: tag & 0xff, le: 256 };
}

/** Reads one object; 6A88 means that it is not written yet. */
export async function getDataObject(channel: CardChannel, name: DataObjectName): Promise<CommandResult<Uint8Array>> {
  return await runCommand(channel, getDataObjectCommand(name), (data) =>
    exactLength(data, dataObjects[name].length, `GET DATA ${name}`),
  );
}

/** Reads how far personalization has come. */
export async function getProgress(channel: CardChannel): Promise<CommandResult<Progress>> {
  return await runCommand(channel, getDataObjectCommand("progress"), readProgress);
}

/** Reads the value of DF02. */
export function readProgress(data: Uint8Array): Progress {
  const [bits = 0, stateByte] = exactLength(data, dataObjects.progress.length, "GET DATA progress");
  const state = cardStateBytes.find((byte) => byte === stateByte);
  if (state === undefined || bits > 0x7f) {
    throw new CardError("ANSWER_VALUE", {
      command: "GET DATA progress",
      expected: "seven bits and a state",
      actual: `${bits}, ${stateByte ?? "none"}`,
    });
  }
  const bit = (index: number): boolean => ((bits >> index) & 1) === 1;
  return {
    domain: bit(0),
    issuerKey: bit(1),
    keyPair: bit(2),
    address: bit(3),
    owner: bit(4),
    pin: bit(5),
    allowance: bit(6),
    state,
  };
}
