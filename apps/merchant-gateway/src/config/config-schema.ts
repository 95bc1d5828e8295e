import {
  DEFAULT_MAX_FEE_GWEI,
  DEFAULT_REPLACE_AFTER_SECONDS,
  MAX_FEE_GWEI,
  MAX_REPLACE_AFTER_SECONDS,
} from "@tallystick/evm";
import {
  address,
  amountSetting,
  asset,
  chainId,
  filePath,
  hexBytes,
  httpBounds,
  httpUrl,
  issuerKeys,
  keyFile,
  listen,
  log,
  rpcUrl,
  seconds,
  socketAddress,
} from "@tallystick/program";
import { DEFAULT_UPLOAD_WINDOW_SECONDS, MERCHANT_CERTIFICATE_LENGTH } from "@tallystick/protocol";
import { z } from "zod";
import { WEBHOOK_TYPES } from "./gateway-config.ts";
import { MAX_WEBHOOK_ENDPOINTS } from "./limits.ts";
import {
  DEFAULT_CHAIN_MARGIN_SECONDS,
  DEFAULT_LIST_AGE_SECONDS,
  DEFAULT_VAULT_DELAY_SECONDS,
  MAX_CARD_WAIT_SECONDS,
  MAX_DOMAINS,
  MAX_TOKENS,
} from "../limits.ts";
import { DEFAULT_HELP_PORT, MAX_LANE_NAME_LENGTH, MAX_LANES, MAX_READER_NAME_LENGTH, MAX_TLS_NAMES } from "./limits.ts";

/** A node that shows the chain, and the block from which the terminal reads it. */
const chainSchema = z.strictObject({
  rpcUrl,
  startBlock: z.int().min(0).default(0),
  /** It is in a private network, where plain HTTP is allowed too. */
  private: z.boolean().default(false),
});

const certificateFields = {
  /** `TLYM`, 163 bytes in hexadecimal. */
  certificate: hexBytes(MERCHANT_CERTIFICATE_LENGTH).nullish(),
  certificateSignature: hexBytes(64).nullish(),
  /** A JSON file with `certificate` and `signature`, as settlement answers it. */
  certificateFile: filePath.nullish(),
};

/** Name of a PC/SC reader. */
const readerName = z.string().min(1).max(MAX_READER_NAME_LENGTH);

/** What people call a lane: letters and digits of any script, with points, dashes, blanks and underscores in between. */
const laneName = z
  .string()
  .regex(
    new RegExp(
      `^(?=.{1,${MAX_LANE_NAME_LENGTH}}$)[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N} ._-]*[\\p{L}\\p{M}\\p{N}])?$`,
      "u",
    ),
    `must be 1 to ${MAX_LANE_NAME_LENGTH} letters or digits, with points, dashes, blanks or underscores in between`,
  );

const neededRole = z.enum(["anyone", "cashier", "manager", "owner"]);

/** Which role a action needs where people are known. */
const rolesSchema = z
  .strictObject({
    sell: neededRole.default("cashier"),
    refund: neededRole.default("manager"),
    reversal: neededRole.default("manager"),
    reports: neededRole.default("manager"),
    withdraw: neededRole.default("owner"),
    lanes: neededRole.default("manager"),
    devices: neededRole.default("owner"),
  })
  .prefault({});

/** A name or an address under which devices reach the box. */
const boxName = z
  .string()
  .regex(
    /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    "must be a host name or an IPv4 address",
  )
  .max(253)
  .transform((text) => text.toLowerCase());

const tlsSchema = z.strictObject({
  /** The names of `listen.hosts` when left out. */
  names: z.array(boxName).min(1).max(MAX_TLS_NAMES).optional(),
  /** Folder of keys and certificates; beside the journal when left out. */
  folder: filePath.optional(),
  /** Port of the plain page that explains the box's certificate; null for none. */
  helpPort: z.int().min(0).max(65_535).nullable().default(DEFAULT_HELP_PORT),
});

const domainSchema = z.strictObject({
  chainId,
  vault: address,
  asset,
  /** Where this domain differs from the top level. */
  issuerKeys: issuerKeys.optional(),
  guaranteeAccount: address.nullish(),
  settlementUrl: httpUrl.nullish(),
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
    /**
     * The terminal's own limits, in the first domain's currency; the certificate's hold as well.
     */
    perTap: amountSetting.nullish(),
    unsentSum: amountSetting.nullish(),
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

/** Everything that the gateway's one JSON file can set. */
export const configSchema = z.strictObject({
  listen: listen(8300),
  /**
   * Tokens that callers show, each its own; the terminal asks for none where there are none, and then
   * serves its own machine or a named proxy alone.
   */
  tokens: z.array(z.string().min(16).max(256)).max(MAX_TOKENS).default([]),
  /** Whether devices are paired by a code of the box; with `tls` when left out. */
  pairing: z.boolean().optional(),
  /** The box's own certificate. */
  tls: tlsSchema.nullish(),
  roles: rolesSchema,
  http: httpBounds,
  /** Path of the SQLite journal; made at the first start. */
  journal: filePath,
  /**
   * Where the journal's progress is recorded, so that an old copy put back is noticed; default
   * beside the journal.
   */
  journalWitness: filePath.optional(),
  /** Name of the PC/SC reader of a terminal with one lane. With `vpcd`, any name. */
  reader: readerName.optional(),
  /** The lanes of a terminal with several, in place of `reader`. */
  lanes: z
    .array(z.strictObject({ name: laneName, reader: readerName, vpcd: socketAddress.nullish() }))
    .min(1)
    .max(MAX_LANES)
    .optional(),
  /** Whether readers whose manual tells how are set to 424 kbit/s. */
  raiseReaderRate: z.boolean().default(true),
  /** Socket of a pcscd other than the system's. */
  pcscSocket: filePath.nullish(),
  /** A card that listens on a socket instead of PC/SC: `cardhost --listen`. */
  vpcd: socketAddress.nullish(),
  payee: address,
  category: z.int().min(0).max(63),
  terminalId: hexBytes(8),
  terminalKeyFile: keyFile,
  ...certificateFields,
  issuerKeys,
  /**
   * The issuer's account that pays compensations, as the issuer names it beside its keys; what
   * settlement publishes is not believed by itself.
   */
  guaranteeAccount: address.nullish(),
  domains: z.array(domainSchema).min(1).max(MAX_DOMAINS),
  settlementUrl: httpUrl.nullish(),
  limits: limitsSchema.prefault({}),
  clock: z
    .strictObject({
      batteryBacked: z.boolean().default(false),
      /**
       * A file that the system's time service makes when it has set the clock by network time, and
       * that a restart removes.
       */
      synchronizedFile: filePath.nullish(),
    })
    .prefault({}),
  policy: z
    .strictObject({
      /**
       * Assurance classes taken offline: 0 secure element, 1 trusted hardware. Class 2 goes by the
       * certificate's softwareSum.
       */
      assuranceClasses: z.array(z.union([z.literal(0), z.literal(1)])).default([0, 1]),
      /** Less than the certificate's softwareSum for software cards; "0" takes none offline. */
      softwareCardSum: amountSetting.nullish(),
    })
    .prefault({}),
  /**
   * Where the terminal reads what card owners ask back; null where it relies on the status list
   * alone.
   */
  chain: chainSchema.nullish(),
  /**
   * With which node and key the terminal claims by itself what nobody else settled in time, and
   * refunds; null where a person does it.
   */
  claim: z
    .strictObject({
      rpcUrl,
      keyFile,
      /** As in `chain`. */
      private: z.boolean().default(false),
      /** A transaction that is in no block after this time is replaced by one that offers more. */
      replaceAfterSeconds: z.int().min(1).max(MAX_REPLACE_AFTER_SECONDS).default(DEFAULT_REPLACE_AFTER_SECONDS),
      /** What the terminal offers for a transaction at most, in gwei a gas. */
      maxFeeGwei: z.int().min(1).max(MAX_FEE_GWEI).default(DEFAULT_MAX_FEE_GWEI),
    })
    .nullish(),
  /**
   * With whose signature refunds are given back: the payee's key in `claim`, or the terminal's own as
   * its payee's delegate.
   */
  refundsBy: z.enum(["payee", "delegate"]).default("payee"),
  /** How long a tap waits for a card when the request does not say. */
  cardWaitSeconds: z.number().min(0).max(MAX_CARD_WAIT_SECONDS).default(5),
  sync: z
    .strictObject({ intervalSeconds: z.int().min(1).max(3_600).default(15), background: z.boolean().default(true) })
    .prefault({}),
  /** Programs of the merchant that are told of sales; each signs by a secret of its own (Standard Webhooks). */
  webhooks: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 letters, digits, points, dashes or underscores"),
        url: httpUrl,
        secretFile: keyFile,
        events: z.array(z.enum(WEBHOOK_TYPES)).min(1).nullish(),
        /** It is in a private network, where plain HTTP is allowed too. */
        private: z.boolean().default(false),
      }),
    )
    .max(MAX_WEBHOOK_ENDPOINTS)
    .default([]),
  log,
});

export type ConfigFile = z.output<typeof configSchema>;
