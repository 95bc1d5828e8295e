import { MAX_CATEGORY } from "@tallystick/protocol";
import {
  address,
  amountSetting,
  asset,
  chainId,
  filePath,
  hexBytes,
  httpUrl,
  issuerKeys,
  keyFile,
  seconds,
  socketAddress,
} from "@tallystick/program";
import { z } from "zod";
import {
  DEFAULT_CARD_WAIT_SECONDS,
  DEFAULT_COMMAND_TIMEOUT_SECONDS,
  DEFAULT_FINALITY_TIMEOUT_SECONDS,
  MAX_FORMER_MASTER_KEYS,
  MAX_REFERENCE_LENGTH,
} from "../limits.ts";
import { stockSchema } from "./stock-schema.ts";

/** A bearer token, as settlement takes it and a header carries it. */
export const token = z
  .string()
  .min(16)
  .max(256)
  .regex(/^[!-~]+$/, "must be letters, digits and signs without blanks; the word Bearer is no part of it");

const category = z.int().min(0).max(MAX_CATEGORY);

/** A name of a station or of a person, as the audit log takes it. */
const placeName = z
  .string()
  .max(64)
  .regex(/^[!-~](?:[ -~]*[!-~])?$/, "use printable ASCII without blanks at the ends");

const capsSchema = z.strictObject({
  /** Most that one payment may be. */
  perTap: amountSetting.default("50.00"),
  /** Above it a payment needs the PIN; equal to `perTap` when left out. */
  pinAbove: amountSetting.optional(),
  /** Sum of payments without PIN; "281474976.710655"-like highest values switch it off. */
  noPinSum: amountSetting.default("250.00"),
  noPinCount: z.int().min(1).max(255).default(100),
  /** Validity from the moment it is asked for. */
  validDays: z.int().min(1).max(3_650).default(730),
  /** Merchant categories 0–63, or all. */
  categories: z.union([z.literal("all"), z.array(category).min(1).max(64)]).default("all"),
  /** Above it terminals should go online; everything when left out. */
  softSpent: amountSetting.optional(),
  /** Hard cap; all that the funding rule allows when left out. */
  maxSpent: amountSetting.optional(),
  /** The payee must show its certificate to the card. */
  requireCertificate: z.boolean().default(false),
  /** 0 secure element, 1 trusted hardware. */
  assuranceClass: z.union([z.literal(0), z.literal(1)]).default(0),
});

/** Limits that an order names: what stands in one is taken instead of what stands in `caps`. */
const templateSchema = z
  .strictObject({
    ...{ perTap: amountSetting, pinAbove: amountSetting, noPinSum: amountSetting },
    ...{ softSpent: amountSetting, maxSpent: amountSetting },
    noPinCount: z.int().min(1).max(255),
    validDays: z.int().min(1).max(3_650),
    categories: z.union([z.literal("all"), z.array(category).min(1).max(64)]),
  })
  .partial();

/** How often a card comes to an issuing station before it can pay (spec §4.8). */
export const VISITS = ["one", "two"] as const;

export type Visits = (typeof VISITS)[number];

/** Everything that can be set, in one JSON file. Paths are relative to it. Unknown names are faults. */
export const configSchema = z.strictObject({
  /** `development` allows default card keys; `production` refuses them. */
  mode: z.enum(["production", "development"]).default("production"),
  /** SQLite file that knows every step before it is sent; made at the first run. */
  journal: filePath,
  /** Name of the PC/SC reader; `readers` lists them. */
  reader: z.string().min(1).optional(),
  /** Socket of a pcscd other than the system's. */
  pcscSocket: filePath.nullish(),
  /** A card that listens on a socket instead of PC/SC: `cardhost --listen`. */
  vpcd: socketAddress.nullish(),
  /** The card master key from which every card's own keys are derived. */
  masterKeyFile: keyFile,
  /** Master keys of cards that were made before: they are opened with them, and moved to the present one at a visit. */
  formerMasterKeyFiles: z.array(keyFile).max(MAX_FORMER_MASTER_KEYS).default([]),
  settlement: z.strictObject({
    url: httpUrl,
    /** Bearer token with the issuer role; or name a file that holds nothing else. */
    token: token.optional(),
    tokenFile: filePath.optional(),
  }),
  /** How this station is called in the record, and by which it claims the references of its cards. */
  station: placeName.optional(),
  /** Who works at it; `--operator` says another. */
  operator: placeName.optional(),
  domain: z.strictObject({ chainId, vault: address, asset }),
  /** Pinned: the settlement's answer is compared with them, never believed. The first is written to cards. */
  issuerKeys,
  /** Instance of the applet on the card: the last byte of its AID. */
  instance: z.int().min(1).max(255).default(1),
  /** Who may withdraw what is on the card: the cardholder, or the issuer. */
  owner: address.optional(),
  /** What every card gets. */
  fund: amountSetting.optional(),
  caps: capsSchema.prefault({}),
  /** One: its allowance travels to it. Two: it can pay at once, and is awaited until its deposit is final. */
  visits: z.enum(VISITS).optional(),
  /** By the names that orders have for them. */
  templates: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/), templateSchema).default({}),
  /** The issuer's own test payee, which every new card pays one unit. */
  testPayee: z.strictObject({
    payee: address,
    category: category.default(0),
    terminalId: hexBytes(8),
    /** Key of the issuer's own terminal; drawn into a development file at the first run when the mode is `development`. */
    terminalKeyFile: keyFile,
  }),
  /** A card that takes longer than this for one command counts as mute. */
  commandTimeoutSeconds: z.number().min(0.1).max(600).default(DEFAULT_COMMAND_TIMEOUT_SECONDS),
  cardWaitSeconds: z.number().min(0).max(3_600).default(DEFAULT_CARD_WAIT_SECONDS),
  finalityTimeoutSeconds: seconds.min(1).default(DEFAULT_FINALITY_TIMEOUT_SECONDS),
  /** How cards come from their maker. */
  stock: stockSchema.prefault({}),
  /** Give every card a PIN and a PUK, written once to this folder, one file a card; no PIN when left out. */
  pinFolder: filePath.optional(),
});

export type ConfigFile = z.output<typeof configSchema>;

/** A reference that every part of the system takes: printable, without blanks at its ends. */
export const referenceSchema = z
  .string()
  .min(1)
  .max(MAX_REFERENCE_LENGTH)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, "use printable ASCII without blanks at the ends");
