import { randomBytes } from "node:crypto";
import type { CardConnection } from "@tallystick/apdu";
import {
  decodeSelectAnswer,
  encodePayRequest,
  instanceAid,
  parseAddress,
  type SelectAnswer,
} from "@tallystick/protocol";

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

function updateCommand({ body, signature }: SignedAllowance): Uint8Array {
  return Uint8Array.from([0x80, 0x14, 0x00, 0x00, body.length + signature.length, ...body, ...signature]);
}

function answerData(response: Uint8Array): Uint8Array {
  const status = Buffer.from(response.subarray(-2)).toString("hex");
  if (status !== "9000") throw new Error(`the card answered ${status}`);
  return response.subarray(0, -2);
}

/** What one tap took. */
export interface TapSample {
  readonly ms: number;
  readonly apdus: number;
  readonly selectBytes: number;
  readonly payBytes: number;
}

/** What an issuer signed for a card: body 62, signature 64. */
export interface SignedAllowance {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * One tap as a terminal does it, without its decision: what card, reader and host take. With a newer allowance the card gets
 * that first, and is selected again (spec §5.10).
 */
export async function tapOnce(
  connection: CardConnection,
  payee: string,
  newer: SignedAllowance | null = null,
): Promise<TapSample> {
  let apdus = 0;
  const send = async (command: Uint8Array): Promise<Uint8Array> => {
    apdus += 1;
    return answerData(await connection.transmit(command));
  };
  const start = performance.now();
  let selected = await send(selectCommand());
  if (newer !== null) {
    await send(updateCommand(newer));
    selected = await send(selectCommand());
  }
  const paid = await send(payCommand(decodeSelectAnswer(selected), payee));
  return { ms: performance.now() - start, apdus, selectBytes: selected.length, payBytes: paid.length };
}
