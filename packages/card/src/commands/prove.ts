import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type CardState, cardStateBytes } from "@tallystick/protocol";
import { CardError, exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** What PROVE answers (spec §4.2); with domain and challenge it is the `TLYP` that was signed. */
export interface ProveAnswer {
  readonly counter: number;
  /** Units. */
  readonly spent: bigint;
  readonly seq: number;
  readonly state: CardState;
  /** 32 bytes. */
  readonly head: Uint8Array;
  /** DER over `TLYP`. */
  readonly signature: Uint8Array;
}

const FIXED_BYTES = 47;

/** PROVE with 16 random bytes of the caller. */
export function proveCommand(challenge: Uint8Array): CommandApdu {
  exactLength(challenge, 16, "PROVE challenge");
  return { cla: CLA_TALLYSTICK, ins: INS.prove, p1: 0, p2: 0, data: challenge, le: 256 };
}

/** Reads the answer to PROVE. */
export function readProveAnswer(data: Uint8Array): ProveAnswer {
  if (data.length <= FIXED_BYTES) {
    throw new CardError("ANSWER_LENGTH", {
      command: "PROVE",
      expected: `more than ${FIXED_BYTES} bytes`,
      actual: `${data.length} bytes`,
    });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const state = cardStateBytes.find((byte) => byte === data[14]);
  if (state === undefined) {
    throw new CardError("ANSWER_VALUE", {
      command: "PROVE",
      expected: "a state of spec §4.1",
      actual: `state ${data[14] ?? "none"}`,
    });
  }
  return {
    counter: view.getUint32(0),
    spent: (BigInt(view.getUint16(4)) << 32n) | BigInt(view.getUint32(6)),
    seq: view.getUint32(10),
    state,
    head: data.slice(15, FIXED_BYTES),
    signature: data.slice(FIXED_BYTES),
  };
}

/** Asks the card to prove its state and that it holds its key. */
export async function prove(channel: CardChannel, challenge: Uint8Array): Promise<CommandResult<ProveAnswer>> {
  return await runCommand(channel, proveCommand(challenge), readProveAnswer);
}
