import { createAsset, parseAmount } from "@tallystick/money";
import { compressKey, fromHex, MAX_CATEGORY, parseAddress, uncompressKey } from "@tallystick/protocol";
import { z } from "zod";
import {
  DEFAULT_CARD_WAIT_SECONDS,
  DEFAULT_COMMAND_TIMEOUT_SECONDS,
  DEFAULT_FINALITY_TIMEOUT_SECONDS,
  MAX_ISSUER_KEYS,
  MAX_REFERENCE_LENGTH,
} from "../limits.ts";

/** A text that a function parses; what the function throws becomes the fault. */
function read<T>(parse: (text: string) => T): z.ZodPipe<z.ZodString, z.ZodTransform<T, string>> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
}

const address = read((text) => parseAddress(text));
const u32 = z.int().min(0).max(0xffff_ffff);
const amount = z.string();

const assetSchema = z
  .strictObject({
    code: z.string(),
    decimals: z.int(),
    scale: z.union([z.int().positive(), z.string().regex(/^[0-9]+$/)]).default(1),
  })
  .transform((asset, context) => {
    try {
      return createAsset({ code: asset.code, decimals: asset.decimals, scale: BigInt(asset.scale) });
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });

const capsSchema = z.strictObject({
  /** Most that one payment may be. */
  perTap: amount.default("50.00"),
  /** Above it a payment needs the PIN; equal to `perTap` when left out. */
  pinAbove: amount.optional(),
  /** Sum of payments without PIN; "281474976.710655"-like highest values switch it off. */
  noPinSum: amount.default("250.00"),
  noPinCount: z.int().min(1).max(255).default(100),
  /** Validity from the moment it is asked for. */
  validDays: z.int().min(1).max(3_650).default(730),
  /** Merchant categories 0–63, or all. */
  categories: z.union([z.literal("all"), z.array(z.int().min(0).max(MAX_CATEGORY)).min(1).max(64)]).default("all"),
  /** Above it terminals should go online; everything when left out. */
  softSpent: amount.optional(),
  /** Hard cap; all that the funding rule allows when left out. */
  maxSpent: amount.optional(),
  /** The payee must show its certificate to the card. */
  requireCertificate: z.boolean().default(false),
  /** 0 secure element, 1 trusted hardware. */
  assuranceClass: z.union([z.literal(0), z.literal(1)]).default(0),
});

/** Everything that can be set, in one JSON file. Paths are relative to it. Unknown names are faults. */
export const configSchema = z
  .strictObject({
    /** `development` allows default card keys; `production` refuses them. */
    mode: z.enum(["production", "development"]).default("production"),
    /** SQLite file that knows every step before it is sent; made at the first run. */
    journal: z.string().min(1),
    /** Name of the PC/SC reader; `readers` lists them. */
    reader: z.string().min(1).optional(),
    /** Socket of a pcscd other than the system's. */
    pcscSocket: z.string().min(1).nullish(),
    /** A card that listens on a socket instead of PC/SC: `cardhost --listen`. */
    vpcd: z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) }).nullish(),
    /** The card master key from which every card's own keys are derived. */
    masterKeyFile: z.string().min(1),
    settlement: z.strictObject({
      url: z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, "")),
      /** Bearer token with the issuer role; or name a file that holds nothing else. */
      token: z.string().min(16).max(256).optional(),
      tokenFile: z.string().min(1).optional(),
    }),
    domain: z.strictObject({
      chainId: z.union([z.int().positive(), z.string().regex(/^[1-9][0-9]*$/)]).transform((value) => BigInt(value)),
      vault: address,
      asset: assetSchema,
    }),
    /** Pinned: the settlement's answer is compared with them, never believed. The first is written to cards. */
    issuerKeys: z
      .array(
        z.strictObject({
          id: z.int().min(0).max(255),
          publicKey: read((text) => ({
            uncompressed: uncompressKey(fromHex(text)),
            compressed: compressKey(fromHex(text)),
          })),
        }),
      )
      .min(1)
      .max(MAX_ISSUER_KEYS),
    /** Instance of the applet on the card: the last byte of its AID. */
    instance: z.int().min(1).max(255).default(1),
    /** Who may withdraw what is on the card: the cardholder, or the issuer. */
    owner: address.optional(),
    /** What every card gets. */
    fund: amount.optional(),
    caps: capsSchema.prefault({}),
    /** The issuer's own test payee, which every new card pays one unit. */
    testPayee: z.strictObject({
      payee: address,
      category: z.int().min(0).max(MAX_CATEGORY).default(0),
      terminalId: read((text) => fromHex(text, 8)),
      /** Key of the issuer's own terminal, which is the test payee; drawn into a development file at the first run when the mode is `development`. */
      terminalKeyFile: z.string().min(1),
    }),
    /** A card that takes longer than this for one command counts as mute. */
    commandTimeoutSeconds: z.number().min(0.1).max(600).default(DEFAULT_COMMAND_TIMEOUT_SECONDS),
    cardWaitSeconds: z.number().min(0).max(3_600).default(DEFAULT_CARD_WAIT_SECONDS),
    finalityTimeoutSeconds: u32.min(1).default(DEFAULT_FINALITY_TIMEOUT_SECONDS),
    /** Give every card a PIN and a PUK, written once to this folder, one file a card; no PIN when left out. */
    pinFolder: z.string().min(1).optional(),
  })
  .superRefine(({ settlement, caps, testPayee, domain }, context) => {
    if ((settlement.token === undefined) === (settlement.tokenFile === undefined)) {
      context.addIssue({ code: "custom", path: ["settlement"], message: "give either token or tokenFile" });
    }
    if (caps.categories !== "all" && !caps.categories.includes(testPayee.category)) {
      const message = "must allow the test payee's category, or no card can be finished";
      context.addIssue({ code: "custom", path: ["caps", "categories"], message });
    }
    for (const name of ["perTap", "pinAbove", "noPinSum", "softSpent", "maxSpent"] as const) {
      const text = caps[name];
      if (text === undefined) continue;
      try {
        if (parseAmount(text, domain.asset) === 0n) throw new Error("must be above zero, or no card can be finished");
      } catch (error) {
        context.addIssue({ code: "custom", path: ["caps", name], message: (error as Error).message });
      }
    }
  });

export type ConfigFile = z.output<typeof configSchema>;

/** A reference that every part of the system takes: printable, without blanks at its ends. */
export const referenceSchema = z
  .string()
  .min(1)
  .max(MAX_REFERENCE_LENGTH)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, "use printable ASCII without blanks at the ends");
