import { createSigner, GROUP_ORDER, toAddress } from "@tallystick/protocol";
import type { PayLie } from "./hostile-card.ts";
import { draw } from "./harness/issuer.ts";
import { borneBy, convicted, type Lie, named } from "./lie.ts";
import { withBytes } from "./harness/man-in-the-middle.ts";
import { fieldNamed, payFields } from "./harness/wire-fields.ts";

const signs = (lie: NonNullable<PayLie["sign"]>): { readonly pay: PayLie } => ({ pay: { sign: lie } });
const tells = (lie: NonNullable<PayLie["tell"]>): { readonly pay: PayLie } => ({ pay: { tell: lie } });
const bytesAt = (name: string, bytes: readonly number[]): { readonly pay: PayLie } => ({
  pay: { bytes: (response) => withBytes(response, fieldNamed(payFields, name).offset, Uint8Array.from(bytes)) },
});

/** Another status word in place of 9000. */
const says = (...sw: readonly [number, number]): { readonly pay: PayLie } => ({
  pay: { bytes: () => Uint8Array.of(...sw) },
});

/** Other bytes in place of the DER signature. */
const signedBy = (der: (old: Uint8Array) => readonly number[]): { readonly pay: PayLie } => ({
  pay: {
    bytes: (response) => {
      const at = fieldNamed(payFields, "signature").offset;
      return Uint8Array.of(...response.slice(0, at), ...der(response.slice(at, -2)), 0x90, 0x00);
    },
  },
});

const orderBytes = Buffer.from(GROUP_ORDER.toString(16), "hex");
const integer = (value: Uint8Array): number[] => [2, value.length + 1, 0, ...value];
const sequence = (body: readonly number[]): number[] => [0x30, body.length, ...body];

const answer: readonly Lie[] = [
  {
    field: "counter",
    says: "another number than was asked",
    ...tells(({ counter }) => ({ counter: counter + 1 })),
    ...convicted("COUNTER_MISMATCH"),
  },
  { field: "counter", says: "0", ...bytesAt("counter", [0, 0, 0, 0]), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "counter",
    says: "a number above maxCounter, which it should refuse",
    pay: {},
    body: { maxCounter: 1 },
    ...convicted("OVER_COUNTER"),
  },
  {
    field: "spent",
    says: "one unit more, signed",
    ...signs(({ spent }) => ({ spent: spent + 1n })),
    ...convicted("SPENT_MISMATCH"),
  },
  {
    field: "spent",
    says: "one unit less, signed",
    ...signs(({ spent }) => ({ spent: spent - 1n })),
    ...convicted("SPENT_MISMATCH"),
  },
  {
    field: "spent",
    says: "other than it signed",
    ...tells(({ spent }) => ({ spent: spent + 1n })),
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  {
    field: "spent",
    says: "a total above maxSpent, which it should refuse",
    pay: {},
    body: { maxSpent: 3_000_000n },
    ...convicted("OVER_MAX_SPENT"),
  },
  {
    field: "spent",
    says: "an amount above perTap, which it should refuse",
    pay: {},
    body: { perTap: 2_499_999n },
    firstMeeting: true,
    ...convicted("OVER_PER_TAP"),
  },
  {
    field: "seq",
    says: "a newer allowance, signed",
    ...signs(({ allowanceSeq }) => ({ allowanceSeq: allowanceSeq + 1 })),
    ...convicted("SEQ_MISMATCH"),
  },
  {
    field: "seq",
    says: "other than it signed",
    ...tells(({ allowanceSeq }) => ({ allowanceSeq: allowanceSeq + 1 })),
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  { field: "seq", says: "0", ...bytesAt("seq", [0, 0, 0, 0]), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "cvm",
    says: "a PIN that nobody entered, signed",
    ...signs(() => ({ cvm: 1 })),
    ...convicted("CVM_MISMATCH"),
  },
  {
    field: "cvm",
    says: "a PIN, other than it signed",
    ...tells(() => ({ cvm: 1 })),
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  { field: "cvm", says: "2, which has no meaning", ...bytesAt("cvm", [2]), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "cvm",
    says: "no PIN, where its allowance demands one",
    pay: {},
    body: { pinAbove: 1n },
    firstMeeting: true,
    ...convicted("OVER_NO_PIN"),
  },
  { field: "flags", says: "1, which has no meaning", ...bytesAt("flags", [1]), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "link",
    says: "another payment before this one, signed",
    ...signs(() => ({ link: draw(32) })),
    ...convicted("LINK_MISMATCH"),
  },
  {
    field: "link",
    says: "other than it signed",
    ...tells(() => ({ link: draw(32) })),
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
];

const signature: readonly Lie[] = [
  {
    field: "signature",
    says: "one by another key",
    pay: { signer: createSigner(draw(32)) },
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  {
    field: "signature",
    says: "one over a smaller amount",
    pay: { signFor: (request) => ({ ...request, amount: 1n }) },
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  {
    field: "signature",
    says: "one over another payee",
    pay: { signFor: (request) => ({ ...request, payee: toAddress(draw(20)) }) },
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  {
    field: "signature",
    says: "one over another challenge",
    pay: { signFor: (request) => ({ ...request, challenge: draw(16) }) },
    ...named("VOUCHER_SIGNATURE_WRONG"),
  },
  {
    field: "signature",
    says: "r and s zero",
    ...signedBy(() => sequence([2, 1, 0, 2, 1, 0])),
    ...named("CARD_ANSWER_MALFORMED"),
  },
  {
    field: "signature",
    says: "r and s the order of the curve",
    ...signedBy(() => sequence([...integer(orderBytes), ...integer(orderBytes)])),
    ...named("CARD_ANSWER_MALFORMED"),
  },
  {
    field: "signature",
    says: "surplus bytes behind it",
    ...signedBy((old) => [...old, 0]),
    ...named("CARD_ANSWER_MALFORMED"),
  },
  {
    field: "signature",
    says: "DER with a longer length than it needs",
    ...signedBy((old) => [0x30, 0x81, ...old.slice(1)]),
    ...named("CARD_ANSWER_MALFORMED"),
  },
  { field: "signature", says: "none", ...signedBy(() => []), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "signature",
    says: "the other, high s",
    ...signedBy((old) => highS(old)),
    ...borneBy("nobody: the terminal writes s low, and a voucher's id is not its signature's"),
  },
];

const statusWords: readonly Lie[] = [
  {
    field: "status word",
    says: "above its spending cap, though it signed",
    ...says(0x9e, 0x06),
    ...named("CARD_SPENDING_CAP"),
  },
  { field: "status word", says: "out of turn, though it signed", ...says(0x9e, 0x08), ...named("CARD_OUT_OF_TURN") },
  { field: "status word", says: "a fault of its own, 6F00", ...says(0x6f, 0x00), ...named("TAP_UNRESOLVED") },
  { field: "status word", says: "half of it", pay: { bytes: () => Uint8Array.of(0x90) }, ...named("TAP_TORN") },
  { field: "status word", says: "more data, again and again", ...says(0x61, 0x10), ...named("TAP_TORN") },
];

/** Every lie in PAY, in the order of its fields. */
export const liesInPay: readonly Lie[] = [...answer, ...signature, ...statusWords];

/** n − s in the place of s, as many chips answer it. */
function highS(der: Uint8Array): number[] {
  const rLength = der[3] ?? 0;
  const r = [...der.slice(2, 4 + rLength)];
  const s = BigInt(`0x${Buffer.from(der.slice(6 + rLength)).toString("hex")}`);
  return sequence([...r, ...integer(Buffer.from((GROUP_ORDER - s).toString(16).padStart(64, "0"), "hex"))]);
}
