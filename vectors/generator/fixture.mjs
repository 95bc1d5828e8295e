// One fixture that all vectors share: an issuer, two cards, two merchants, one vault. The keys are
// test keys.
import { counting, sha256, text } from "./bytes.mjs";
import * as objects from "./objects.mjs";
import { compact, sign, testKey } from "./secp256k1.mjs";

export const issuer = testKey("issuer");
export const terminal = testKey("terminal");
export const cards = [testKey("card 1"), testKey("card 2")];
export const payees = [text(testKey("merchant 1").address), text(testKey("merchant 2").address)];
export const owner = text(testKey("owner").address);
export const domain = { chainId: "31337", vault: "0x5fbdb2315678afecb367f032d93f642f64180aa3" };
export const zeros = (length) => "0x" + "00".repeat(length);
export const MAX_U48 = String(2n ** 48n - 1n);

/** r ‖ s of a key over the SHA-256 of the bytes, as hex. */
export const signature = (key, bytes) => text(compact(sign(key, sha256(bytes))));

export const body = {
  issuerKeyId: 1,
  seq: 7,
  maxSpent: "50000000",
  softSpent: "40000000",
  maxCounter: 1024,
  perTap: "20000000",
  pinAbove: "20000000",
  noPinSum: "50000000",
  noPinCount: 50,
  notBefore: 1767225600,
  notAfter: 1798761600,
  cardIndex: 5,
  categories: "18446744073709551615",
  flags: 0,
};
export const cardKey = text(cards[0].compressed);
export const cardAddress = text(cards[0].address);
export const allowance = { domain, card: cardAddress, body };
export const allowanceSignature = signature(issuer, objects.allowance(allowance));
export const cardTag = text(objects.cardTag({ domain, cardKey }));

/**
 * The card's first payments, each linked to the one before it: request, context, message,
 * signature.
 */
export function payments(key, amounts) {
  const made = [];
  let [spent, link] = [0n, zeros(32)];
  amounts.forEach((amount, index) => {
    spent += BigInt(amount);
    const request = {
      cardTag: text(objects.cardTag({ domain, cardKey: text(key.compressed) })),
      counter: index + 1,
      payee: payees[index % 2],
      amount: String(amount),
      time: 1790000000 + 60 * index,
      challenge: counting(0x10 * (index + 1), 16),
      terminalId: counting(0xa0, 8),
      category: 12,
    };
    const { challenge, terminalId, time, category } = request;
    const context = {
      challenge,
      terminalId,
      time,
      spent: String(spent),
      allowanceSeq: body.seq,
      category,
      cvm: 0,
      flags: 0,
      link,
    };
    const hash = text(sha256(objects.voucherContext(context)).subarray(0, 20));
    const message = { domain, payee: request.payee, counter: index + 1, amount: String(amount), context: hash };
    const bytes = objects.voucherMessage(message);
    made.push({ request, context, message, bytes, link, signed: sign(key, sha256(bytes)) });
    link = text(sha256(bytes));
  });
  return made;
}
export const history = payments(cards[0], [1, 2500000, 1000000]);
export const otherHistory = payments(cards[1], [1, 750000]);
export const head = text(sha256(history[2].bytes));

export const certificate = {
  domain,
  issuerKeyId: 1,
  payee: payees[0],
  category: 12,
  terminalId: counting(0xa0, 8),
  terminalKey: text(terminal.compressed),
  notBefore: 1767225600,
  notAfter: 1798761600,
  perTap: "20000000",
  unsentSum: "500000000",
  unsentCount: 1000,
};
