import { z } from "zod";
import { CASE_KINDS } from "./case-kinds.ts";

/** The form of an evidence file, which `verify evidence` judges without the service (spec §6.16). */
export const EVIDENCE_SCHEMA = "tallystick.evidence/1";

const hex = z.string().regex(/^0x([0-9a-f]{2})+$/);
const hexOrNothing = z.string().regex(/^0x([0-9a-f]{2})*$/);

const messageSchema = z.object({
  voucherId: hex,
  /** The bytes that the card signed, 82. */
  message: hex,
  signature: hex,
  /** The whole entry of the upload, 382 bytes; null of a message that only the chain showed. */
  bundle: hex.nullable(),
  /** The transaction whose call showed it; null of an upload's. */
  tx: hex.nullable(),
});

const uploadSchema = z.object({
  upload: hex,
  signature: hex,
  certificate: hex.nullable(),
  certificateSignature: hexOrNothing.nullable(),
});

const proofSchema = z.object({
  /** What stands in the log of the books. */
  entry: z.string(),
  index: z.int().min(0),
  size: z.int().min(1),
  root: hex,
  path: z.array(hex),
  /** The final batch whose event carries this root. */
  anchor: z.object({ batch: z.string(), tx: hex, block: z.string() }),
});

/** An allowance as its issuer signed it for the card (spec §3.3). */
const allowanceSchema = z.object({ body: hex, signature: hex });

export const evidenceSchema = z.object({
  schema: z.literal(EVIDENCE_SCHEMA),
  domain: z.object({ chainId: z.string().regex(/^\d{1,20}$/), vault: hex }),
  /** How amounts are shown; null in a file that does not say it. Nobody signed it. */
  asset: z
    .object({ code: z.string().regex(/^[A-Za-z0-9]{1,12}$/), decimals: z.int().min(0).max(18) })
    .nullable()
    .default(null),
  issuerKeys: z.array(z.object({ id: z.int(), publicKey: hex })),
  case: z.object({ id: z.string(), kind: z.enum(CASE_KINDS), detail: z.string(), causedAt: z.string() }),
  /** The card's public key, 33 bytes; null where the case is about no card. */
  cardKey: hex.nullable(),
  messages: z.array(messageSchema),
  /** Of a card that signed too much: the allowance with the largest maxSpent that it ever had. */
  allowance: allowanceSchema.nullable().default(null),
  uploads: z.array(uploadSchema),
  proofs: z.array(proofSchema),
});

export type Evidence = z.infer<typeof evidenceSchema>;
