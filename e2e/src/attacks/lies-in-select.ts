import { cardStates, cardTag, createSigner, instanceAid, type AllowanceBody, toAddress } from "@tallystick/protocol";
import type { SelectLie } from "./hostile-card.ts";
import { allowanceBody, domain, draw } from "./harness/issuer.ts";
import { borneBy, convicted, type Lie, named } from "./lie.ts";
import { withByteFlipped, withBytes } from "./harness/man-in-the-middle.ts";
import { fieldNamed, selectFields } from "./harness/wire-fields.ts";

const ISSUER = "the issuer, within the allowance's caps";
const foreignKey = createSigner(draw(32)).publicKey;
const foreignDomain = { ...domain, vault: toAddress(draw(20)) };
const zeros = new Uint8Array(32);

/** A compressed key by its form; no point of the curve has x = 5. */
const noPoint = Uint8Array.of(2, ...new Uint8Array(31), 5);

const show = (lie: NonNullable<SelectLie["show"]>): { readonly select: SelectLie } => ({ select: { show: lie } });
const asIfTrue = (lie: NonNullable<SelectLie["show"]>): { readonly select: SelectLie } => ({
  select: { show: lie, follows: true },
});

/** Other bytes in the place of a field, past every encoder. */
const bytesAt = (name: string, bytes: readonly number[], within = 0): { readonly select: SelectLie } => ({
  select: {
    bytes: (response) => withBytes(response, fieldNamed(selectFields, name).offset + within, Uint8Array.from(bytes)),
  },
});

/** The body that the issuer signed, with one field changed by the card. */
function inBody(field: string, says: string, change: Partial<AllowanceBody>): Lie {
  return {
    field,
    says,
    ...show(({ allowanceBody: body }) => ({ allowanceBody: { ...body, ...change } })),
    ...named("ALLOWANCE_SIGNATURE_WRONG"),
  };
}

const form: readonly Lie[] = [
  {
    field: "head of the template",
    says: "another tag",
    ...bytesAt("head of the template", [0x6e]),
    ...named("CARD_NOT_TALLYSTICK"),
  },
  {
    field: "AID, package",
    says: "another applet",
    ...bytesAt("AID, package", [0xa0]),
    ...named("CARD_NOT_TALLYSTICK"),
  },
  {
    field: "AID, instance",
    says: "instance 0, which none is",
    ...bytesAt("AID, instance", [0]),
    ...named("CARD_ANSWER_MALFORMED"),
  },
  {
    field: "AID, instance",
    says: "another instance than was selected",
    ...show(() => ({ aid: instanceAid(9) })),
    ...borneBy("nobody: it names nothing that is paid"),
  },
  {
    field: "head of the proprietary part",
    says: "another length",
    ...bytesAt("head of the proprietary part", [0xdb], 2),
    ...named("CARD_NOT_TALLYSTICK"),
  },
  { field: "version", says: "version 2", ...bytesAt("version", [2]), ...named("CARD_ANSWER_MALFORMED") },
  { field: "state", says: "suspended", ...show(() => ({ state: cardStates.suspended })), ...named("CARD_SUSPENDED") },
  {
    field: "state",
    says: "terminated",
    ...show(() => ({ state: cardStates.terminated })),
    ...named("CARD_TERMINATED"),
  },
  { field: "state", says: "installed, with an allowance", ...bytesAt("state", [1]), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "state",
    says: "personalized, though the issuer suspended it on the card",
    ...show(() => ({ state: cardStates.personalized })),
    ...borneBy(`${ISSUER}, until the status list names the card`),
  },
  {
    field: "status word",
    says: "no such applet",
    select: { bytes: (response) => withBytes(response, response.length - 2, Uint8Array.of(0x6a, 0x82)) },
    ...named("CARD_NOT_TALLYSTICK"),
  },
  {
    field: "status word",
    says: "more data, and then there is none",
    select: { bytes: () => Uint8Array.of(0x61, 0x10) },
    ...named("CARD_NOT_TALLYSTICK"),
  },
];

const identity: readonly Lie[] = [
  { field: "cardTag", says: "any other", ...show(() => ({ cardTag: draw(8) })), ...named("DOMAIN_NOT_SERVED") },
  {
    field: "cardTag",
    says: "that of another currency",
    ...show((truth) => ({ cardTag: cardTag(foreignDomain, truth.cardKey) })),
    ...named("DOMAIN_NOT_SERVED"),
  },
  {
    field: "card key",
    says: "another card's",
    ...show(() => ({ cardKey: foreignKey })),
    ...named("DOMAIN_NOT_SERVED"),
  },
  {
    field: "card key",
    says: "another card's, with its cardTag",
    ...show(() => ({ cardKey: foreignKey, cardTag: cardTag(domain, foreignKey) })),
    ...named("ALLOWANCE_SIGNATURE_WRONG"),
  },
  {
    field: "card key",
    says: "no point of the curve, with its cardTag",
    ...show(() => ({ cardKey: noPoint, cardTag: cardTag(domain, noPoint) })),
    ...named("CARD_KEY_INVALID"),
  },
  { field: "card key", says: "no compressed key", ...bytesAt("card key", [4]), ...named("CARD_ANSWER_MALFORMED") },
];

const allowance: readonly Lie[] = [
  {
    field: "issuer key id",
    says: "a key that this terminal does not know",
    ...show(({ allowanceBody: body }) => ({ allowanceBody: { ...body, issuerKeyId: 2 } })),
    ...named("ISSUER_KEY_UNKNOWN"),
  },
  inBody("seq", "a newer one", { seq: allowanceBody.seq + 1 }),
  {
    field: "seq",
    says: "an older allowance, which the issuer did sign, and pays under it",
    ...asIfTrue(async ({ allowanceBody: body }, liar) => {
      const older = { ...body, seq: body.seq - 1 };
      return { allowanceBody: older, allowanceSignature: await liar.allowed(older) };
    }),
    ...convicted("SIGHTING_MISMATCH"),
  },
  {
    field: "seq",
    says: "the same, at a first meeting",
    ...asIfTrue(async ({ allowanceBody: body }, liar) => {
      const older = { ...body, seq: body.seq - 1 };
      return { allowanceBody: older, allowanceSignature: await liar.allowed(older) };
    }),
    firstMeeting: true,
    ...borneBy("the issuer, whose bound counts every allowance that it ever signed"),
  },
  inBody("maxSpent", "more", { maxSpent: allowanceBody.maxSpent * 2n }),
  inBody("softSpent", "more", { softSpent: allowanceBody.softSpent + 1n }),
  inBody("maxCounter", "more", { maxCounter: allowanceBody.maxCounter + 1 }),
  inBody("perTap", "more", { perTap: allowanceBody.perTap + 1n }),
  inBody("pinAbove", "more", { pinAbove: allowanceBody.pinAbove + 1n }),
  inBody("noPinSum", "more", { noPinSum: allowanceBody.noPinSum + 1n }),
  inBody("noPinCount", "more", { noPinCount: 255 }),
  inBody("notBefore", "earlier", { notBefore: 0 }),
  inBody("notAfter", "later", { notAfter: 0xffff_ffff }),
  inBody("card index", "the place of a card that is not blocked", { cardIndex: 0 }),
  inBody("categories", "every kind of merchant", { categories: 2n ** 64n - 1n }),
  inBody("flags", "another assurance class", { flags: 2 }),
  { field: "flags", says: "a bit that has no meaning", ...bytesAt("flags", [0x80]), ...named("CARD_ANSWER_MALFORMED") },
  {
    field: "issuer signature r",
    says: "zero",
    ...bytesAt("issuer signature r", [...zeros]),
    ...named("ALLOWANCE_SIGNATURE_WRONG"),
  },
  {
    field: "issuer signature s",
    says: "zero",
    ...bytesAt("issuer signature s", [...zeros]),
    ...named("ALLOWANCE_SIGNATURE_WRONG"),
  },
  {
    field: "issuer signature s",
    says: "the other, high s",
    select: { bytes: (response) => withHighS(response, fieldNamed(selectFields, "issuer signature s").offset) },
    ...named("ALLOWANCE_SIGNATURE_WRONG"),
  },
];

const record: readonly Lie[] = [
  {
    field: "counter",
    says: "none paid yet, and pays number 1 again",
    ...asIfTrue(() => ({ counter: 0, spent: 0n, head: zeros })),
    ...convicted("COUNTER_USED_TWICE"),
  },
  {
    field: "counter",
    says: "five more than it paid, without having spent more",
    ...asIfTrue(({ counter }) => ({ counter: counter + 5 })),
    ...convicted("SIGHTING_MISMATCH"),
  },
  {
    field: "counter",
    says: "the last number that there is",
    ...asIfTrue(() => ({ counter: 0xffff_ffff })),
    ...named("CARD_COUNTER_CAP"),
  },
  {
    field: "counter",
    says: "more than it can have spent for, at a first meeting",
    ...asIfTrue(() => ({ counter: 9, spent: 8n })),
    firstMeeting: true,
    ...convicted("SPENT_MISMATCH"),
  },
  {
    field: "counter",
    says: "one more, with something spent for it",
    ...asIfTrue(({ counter, spent }) => ({ counter: counter + 1, spent: spent + 1n })),
    ...borneBy("nobody: settlement misses the voucher between, and gives nothing back for it"),
  },
  {
    field: "counter",
    says: "less than it paid elsewhere, at a first meeting",
    ...asIfTrue(() => ({ counter: 0, spent: 0n, head: zeros })),
    firstMeeting: true,
    ...borneBy("the issuer: settlement finds the fork and pays the second merchant by itself"),
  },
  {
    field: "spent",
    says: "one unit less, and pays from the truth",
    ...show(({ spent }) => ({ spent: spent - 1n })),
    ...convicted("SPENT_MISMATCH"),
  },
  {
    field: "spent",
    says: "one unit less, and pays as if it were true",
    ...asIfTrue(({ spent }) => ({ spent: spent - 1n })),
    ...convicted("SIGHTING_MISMATCH"),
  },
  {
    field: "spent",
    says: "one unit more, and pays as if it were true",
    ...asIfTrue(({ spent }) => ({ spent: spent + 1n })),
    ...convicted("SIGHTING_MISMATCH"),
  },
  {
    field: "spent",
    says: "less than it paid elsewhere, at a first meeting",
    ...asIfTrue(() => ({ counter: 2, spent: 2n, head: draw(32) })),
    firstMeeting: true,
    ...borneBy("the issuer: settlement finds totals that do not grow by what was paid, and flags the card"),
  },
  {
    field: "noPinUsed",
    says: "as much as may be paid without the PIN",
    ...show(({ allowanceBody: body }) => ({ noPinUsed: body.noPinSum })),
    ...convicted("OVER_NO_PIN"),
  },
  {
    field: "noPinUsed",
    says: "nothing",
    ...show(() => ({ noPinUsed: 0n })),
    ...borneBy(`${ISSUER}: the cardholder's PIN was never there to protect the issuer`),
  },
  {
    field: "noPinTaps",
    says: "as many as may be without the PIN",
    ...show(({ allowanceBody: body }) => ({ noPinTaps: body.noPinCount })),
    ...convicted("OVER_NO_PIN"),
  },
  { field: "noPinTaps", says: "none", ...show(() => ({ noPinTaps: 0 })), ...borneBy(`${ISSUER}, as for noPinUsed`) },
  {
    field: "head",
    says: "another one, and pays from the truth",
    ...show(() => ({ head: draw(32) })),
    ...convicted("LINK_MISMATCH"),
  },
  {
    field: "head",
    says: "another one, and pays as if it were true",
    select: { show: (truth) => ({ head: withByteFlipped(truth.head, 0) }), follows: true },
    ...convicted("SIGHTING_MISMATCH"),
  },
  {
    field: "head",
    says: "zeros after a payment, at a first meeting",
    ...asIfTrue(() => ({ counter: 1, spent: 1n, head: zeros })),
    firstMeeting: true,
    ...borneBy("the issuer: settlement finds the broken chain when the voucher before comes"),
  },
];

/** Every lie in SELECT, in the order of its fields. */
export const liesInSelect: readonly Lie[] = [...form, ...identity, ...allowance, ...record];

/** n − s in the place of s: the same signature to whoever does not look (spec §3.0). */
function withHighS(bytes: Uint8Array, at: number): Uint8Array {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = BigInt(`0x${Buffer.from(bytes.slice(at, at + 32)).toString("hex")}`);
  return withBytes(bytes, at, Buffer.from((order - s).toString(16).padStart(64, "0"), "hex"));
}
