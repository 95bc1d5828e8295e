import { createAsset } from "@tallystick/money";
import { fromHex, MERCHANT_CERTIFICATE_LENGTH, parseAddress } from "@tallystick/protocol";
import { z } from "zod";
import {
  DEFAULT_CHAIN_MARGIN_SECONDS,
  DEFAULT_LIST_AGE_SECONDS,
  DEFAULT_MAX_FEE_GWEI,
  DEFAULT_REPLACE_AFTER_SECONDS,
  DEFAULT_UPLOAD_WINDOW_SECONDS,
  DEFAULT_VAULT_DELAY_SECONDS,
  MAX_CARD_WAIT_SECONDS,
  MAX_DOMAINS,
  MAX_FEE_GWEI,
  MAX_ISSUER_KEYS,
} from "../limits.ts";

/** A field read by a function that throws: its message becomes the fault. */
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

const bytes = (length: number): ReturnType<typeof read<Uint8Array>> => read((text) => fromHex(text, length));
const address = read((text) => parseAddress(text));
const seconds = z.int().min(0).max(0xffff_ffff);
const decimalAmount = z.string();
const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ""));

const issuerKeySchema = z.strictObject({ id: z.int().min(0).max(255), publicKey: read((text) => fromHex(text)) });
const issuerKeysSchema = z.array(issuerKeySchema).min(1).max(MAX_ISSUER_KEYS);

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

/** A node that shows the chain, and the block from which the terminal reads it. */
const chainSchema = z.strictObject({ rpcUrl: url, startBlock: z.int().min(0).default(0) });

const certificateFields = {
  /** `TLYM`, 163 bytes in hexadecimal. */
  certificate: read((text) => fromHex(text, MERCHANT_CERTIFICATE_LENGTH)).nullish(),
  certificateSignature: bytes(64).nullish(),
  /** A JSON file with `certificate` and `signature`, as settlement answers it. */
  certificateFile: z.string().min(1).nullish(),
};

const domainSchema = z.strictObject({
  chainId: z.union([z.int().positive(), z.string().regex(/^[1-9][0-9]*$/)]).transform((value) => BigInt(value)),
  vault: address,
  asset: assetSchema,
  /** Where this domain differs from the top level. */
  issuerKeys: issuerKeysSchema.optional(),
  settlementUrl: url.nullish(),
  chain: chainSchema.nullish(),
  ...certificateFields,
});

const limitsSchema = z
  .strictObject({
    /** S: the oldest status list that is sold on. */
    listAgeSeconds: seconds.default(DEFAULT_LIST_AGE_SECONDS),
    /** U: how long a voucher may wait for its upload. */
    uploadWindowSeconds: seconds.min(60).default(DEFAULT_UPLOAD_WINDOW_SECONDS),
    /** C: what the chain may need. */
    chainMarginSeconds: seconds.default(DEFAULT_CHAIN_MARGIN_SECONDS),
    /** W: the vault's constant delay of withdrawals and voids. */
    vaultDelaySeconds: seconds.default(DEFAULT_VAULT_DELAY_SECONDS),
    /** The terminal's own limits, in the first domain's currency; the certificate's hold as well. */
    perTap: decimalAmount.nullish(),
    unsentSum: decimalAmount.nullish(),
    unsentCount: z.int().min(1).nullish(),
  })
  .refine(
    (limits) =>
      limits.listAgeSeconds + limits.uploadWindowSeconds + limits.chainMarginSeconds < limits.vaultDelaySeconds,
    {
      message:
        "listAgeSeconds + uploadWindowSeconds + chainMarginSeconds must be below vaultDelaySeconds, or an owner could withdraw before a voucher arrives (spec §5.5); shorten the list age or the upload window",
    },
  );

/** Everything the gateway can be told, in one JSON file. */
export const configSchema = z.strictObject({
  listen: z
    .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: z.int().min(0).max(65_535).default(8300) })
    .prefault({}),
  /** Path of the SQLite journal; made at the first start. */
  journal: z.string().min(1),
  /** Where the journal's head is noted, so that an old copy put back is noticed; default beside the journal. */
  journalWitness: z.string().min(1).optional(),
  /** Name of the PC/SC reader. With `vpcd`, any name. */
  reader: z.string().min(1),
  /** Socket of a pcscd other than the system's. */
  pcscSocket: z.string().min(1).nullish(),
  /** A card that listens on a socket instead of PC/SC: `cardhost --listen`. */
  vpcd: z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) }).nullish(),
  payee: address,
  category: z.int().min(0).max(63),
  terminalId: bytes(8),
  terminalKeyFile: z.string().min(1),
  ...certificateFields,
  issuerKeys: issuerKeysSchema,
  domains: z.array(domainSchema).min(1).max(MAX_DOMAINS),
  settlementUrl: url.nullish(),
  limits: limitsSchema.prefault({}),
  clock: z
    .strictObject({
      batteryBacked: z.boolean().default(false),
      /** A file that the system's time service makes when it has set the clock by network time, and that a restart removes. */
      synchronizedFile: z.string().min(1).nullish(),
    })
    .prefault({}),
  policy: z
    .strictObject({
      /** Assurance classes taken offline: 0 secure element, 1 trusted hardware. Class 2 goes by the certificate's softwareSum. */
      assuranceClasses: z.array(z.union([z.literal(0), z.literal(1)])).default([0, 1]),
      /** Less than the certificate's softwareSum for software cards; "0" takes none offline. */
      softwareCardSum: decimalAmount.nullish(),
    })
    .prefault({}),
  /** Where the terminal reads what card owners ask back; null where it relies on the status list alone. */
  chain: chainSchema.nullish(),
  /** With which node and gas the terminal claims by itself what nobody else settled in time; null where a person does it. */
  claim: z
    .strictObject({
      rpc: url,
      keyFile: z.string().min(1),
      /** A transaction that is in no block after this time is replaced by one that offers more. */
      replaceAfterSeconds: z.int().min(1).max(86_400).default(DEFAULT_REPLACE_AFTER_SECONDS),
      /** What the terminal offers for a transaction at most, in gwei a gas. */
      maxFeeGwei: z.int().min(1).max(MAX_FEE_GWEI).default(DEFAULT_MAX_FEE_GWEI),
    })
    .nullish(),
  /** How long a tap waits for a card when the request does not say. */
  cardWaitSeconds: z.number().min(0).max(MAX_CARD_WAIT_SECONDS).default(5),
  sync: z
    .strictObject({ intervalSeconds: z.int().min(1).max(3_600).default(15), background: z.boolean().default(true) })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(["fatal", "error", "warn", "info", "debug", "silent"]).default("info") })
    .prefault({}),
});

export type ConfigFile = z.output<typeof configSchema>;
export type IssuerKeyEntry = z.output<typeof issuerKeySchema>;
