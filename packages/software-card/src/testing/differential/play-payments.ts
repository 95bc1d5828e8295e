import { bytesToHex, concatBytes, equalBytes } from "@tallystick/apdu";
import { isSignedBy, sha256 } from "./issuer.ts";
import { number, tagged, valueOf, voucherMessage } from "./rebuild.ts";
import { NOT_AFTER, NOT_BEFORE, PAYEES, type PayStep, TERMINALS } from "./step.ts";
import type { PlayedCard } from "./played-card.ts";

const MAX_U48 = 2 ** 48 - 1;

/** The 67 bytes of a request (spec §4.5). */
export function requestFor(played: PlayedCard, pay: PayStep): Uint8Array {
  const tag = played.tag().map((byte) => (pay.ownTag ? byte : byte ^ 1));
  const times = {
    first: NOT_BEFORE,
    last: NOT_AFTER,
    before: NOT_BEFORE - 1,
    after: NOT_AFTER + 1,
    middle: NOT_BEFORE + 1_000,
  };
  return concatBytes(
    tag,
    number(Math.max(0, played.counter + pay.turn), 4),
    PAYEES[pay.payee] ?? new Uint8Array(20),
    number(Math.min(Math.max(amountFor(played, pay), 0), MAX_U48), 6),
    number(times[pay.time], 4),
    concatBytes(number(pay.challenge, 4), new Uint8Array(12).fill(0xcc)),
    TERMINALS[pay.terminal] ?? new Uint8Array(8),
    Uint8Array.of(pay.category),
  );
}

function amountFor({ allowance, noPinUsed, spent }: PlayedCard, { amount }: PayStep): number {
  if (typeof amount === "number") return amount;
  const bounds = {
    perTap: allowance.perTap,
    pinAbove: allowance.pinAbove,
    noPinSum: allowance.noPinSum - noPinUsed,
    maxSpent: allowance.maxSpent - spent,
  };
  return bounds[amount.bound] + amount.add;
}

export async function pay(played: PlayedCard, request: Uint8Array, short = false): Promise<void> {
  played.requests.push(request);
  await send(played, request, short);
}

/** What the long answer has before its signature; of the short one what it would have there (spec §4.5). */
function beforeSignature(played: PlayedCard, request: Uint8Array, data: Uint8Array, short: boolean): Uint8Array {
  if (!short) return data.slice(0, 48);
  const known = played.answers.get(valueOf(request.slice(8, 12))) ?? new Uint8Array(48);
  return concatBytes(known.slice(0, 14), data.slice(0, 2), known.slice(16));
}

/** What the card's next payment will answer, as SELECT and the request say; its answer may get lost. */
function foresee(played: PlayedCard, request: Uint8Array): void {
  const counter = valueOf(request.slice(8, 12));
  if (counter !== played.counter + 1) return;
  const spent = number(Math.min(played.spent + valueOf(request.slice(32, 38)), MAX_U48), 6);
  const fields = [request.slice(8, 12), spent, number(played.allowance.seq, 4), new Uint8Array(2), played.head];
  played.answers.set(counter, concatBytes(...fields));
}

async function send(played: PlayedCard, request: Uint8Array, short: boolean): Promise<void> {
  foresee(played, request);
  await played.send(played.command(0x10, request, 0, short ? 1 : 0), {
    show: (data) => {
      const shown = beforeSignature(played, request, data, short);
      const message = voucherMessage(played.home, request, shown.slice(4));
      const signed = isSignedBy(played.publicKey, message, data.slice(short ? 2 : 48));
      const counter = valueOf(shown.slice(0, 4));
      played.paid.set(counter, request);
      played.answers.set(counter, shown);
      const linked = counter !== played.counter + 1 || equalBytes(shown.slice(16), played.head);
      if (counter === played.counter + 1) {
        played.counter = counter;
        played.spent = valueOf(shown.slice(4, 10));
        played.noPinUsed = shown[14] === 1 ? 0 : played.noPinUsed + valueOf(request.slice(32, 38));
        played.head = sha256(message);
      }
      return `${bytesToHex(short ? data.slice(0, 2) : shown)} signed ${signed} linked ${linked}`;
    },
  });
}

/**
 * PAY with the power cut while its payment is written: sent again, it debits once or reads the same
 * voucher.
 */
export async function payTorn(played: PlayedCard, step: PayStep, when: "before" | "after"): Promise<void> {
  let request: Uint8Array | null = null;
  await played.sendTorn(when, async () => {
    request ??= requestFor(played, step);
    await send(played, request, step.short);
  });
  if (request !== null) played.requests.push(request);
}

/**
 * An earlier request again, as it was or with one bit changed: every other time one that was paid.
 */
export async function replay(
  played: PlayedCard,
  { back, flip, short }: { readonly back: number; readonly flip: number | null; readonly short: boolean },
): Promise<void> {
  const earlier = back % 2 === 0 ? [...played.paid.values()] : played.requests;
  const request = earlier.at(-1 - (Math.floor(back / 2) % Math.max(1, earlier.length)));
  if (request === undefined) return;
  await send(
    played,
    request.map((byte, index) => (index === flip ? byte ^ 0x10 : byte)),
    short,
  );
}

export async function prove(played: PlayedCard, length: number): Promise<void> {
  const challenge = new Uint8Array(length).fill(0x5c);
  await played.send(played.command(0x12, challenge), {
    show: (data) => {
      const message = tagged("TLYP", played.domain, challenge, data.slice(0, 47));
      return `${bytesToHex(data.slice(0, 47))} signed ${isSignedBy(played.publicKey, message, data.slice(47))}`;
    },
  });
}
