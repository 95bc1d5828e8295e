import { hexText } from "@tallystick/protocol/wire";
import { z } from "zod";

/** Names the form of a report. */
export const REPORT_SCHEMA = "tallystick.order-report/1";

/** How far a card of the order is. */
export const OUTCOMES = ["ready", "made", "begun", "not-begun", "elsewhere"] as const;

export type Outcome = (typeof OUTCOMES)[number];

const text = z.string().max(256);
const amount = z.string().regex(/^[0-9]{1,15}(?:\.[0-9]{1,18})?$/, "must be an amount in digits, with a point");
const name = text.nullable();

export const headLineSchema = z.strictObject({
  schema: z.literal(REPORT_SCHEMA),
  line: z.literal("head"),
  domain: z.strictObject({ chainId: z.string().regex(/^[0-9]{1,20}$/), vault: hexText(20) }),
  asset: z.strictObject({
    code: text,
    decimals: z.int().min(0).max(36),
    scale: z.string().regex(/^[0-9]{1,30}$/),
  }),
  order: text,
  /** SHA-256 of the order's file. */
  orderHash: hexText(32),
  station: name,
  operator: name,
  /** Seconds since 1970. */
  madeAt: z.int().min(0),
});

/** What the card was allowed first, as it stands in its allowance; amounts in display units. */
const limitsSchema = z.strictObject({
  ...{ maxSpent: amount, softSpent: amount, perTap: amount, pinAbove: amount, noPinSum: amount },
  ...{ noPinCount: z.int(), notBefore: z.int(), notAfter: z.int(), categories: z.string(), flags: z.int() },
});

export const cardLineSchema = z.strictObject({
  line: z.literal("card"),
  reference: text,
  label: name,
  outcome: z.enum(OUTCOMES),
  /** Why it is not further, where something stood in its way last. */
  failure: name,
  /** Null until the card made its key; so are those below until they are known. */
  card: hexText(20).nullable(),
  owner: hexText(20).nullable(),
  cplc: hexText(42).nullable(),
  applet: z.strictObject({ version: hexText(5).nullable(), hash: hexText(32).nullable() }),
  limits: limitsSchema.nullable(),
  /** Check values: the master key's, the card's own keys', and the number of the issuer's key. */
  keys: z.strictObject({ master: name, card: name, issuerKeyId: z.int().nullable() }),
  /** Whether it was seen to sign a payment, or only to be configured (spec §4.8). */
  seen: z.enum(["signing", "configuration"]).nullable(),
  operator: name,
  station: name,
  /** On the reader, in all its visits. */
  seconds: z.number().min(0).nullable(),
  /** What it is to get. */
  fund: amount,
  /** What left the treasury for it, finally; its funding at settlement and the transaction. */
  deposited: amount,
  funding: name,
  tx: hexText(32).nullable(),
});

export const sumLineSchema = z.strictObject({
  line: z.literal("sum"),
  cards: z.int().min(0),
  ready: z.int().min(0),
  deposited: amount,
});

export const signatureLineSchema = z.strictObject({
  line: z.literal("signature"),
  certificate: hexText(163),
  certificateSignature: hexText(64),
  /** r ‖ s of the terminal over `TLYI` (spec §3.7). */
  signature: hexText(64),
});

export type HeadLine = z.output<typeof headLineSchema>;
export type CardLine = z.output<typeof cardLineSchema>;
export type SumLine = z.output<typeof sumLineSchema>;
export type SignatureLine = z.output<typeof signatureLineSchema>;
