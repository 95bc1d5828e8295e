import { DEFAULT_MAX_FEE_GWEI, DEFAULT_REPLACE_AFTER_MS, DEFAULT_RESEND_MS, MAX_FEE_GWEI } from "@tallystick/evm";
import { address, asset, chainId, issuerKey, keyFile, listen, log, rpcUrl } from "@tallystick/program";
import { z } from "zod";
import { LIMITS } from "../limits/limits.ts";

const milliseconds = z.int().min(LIMITS.leastIntervalMs).max(LIMITS.mostIntervalMs);

/**
 * The whole configuration of the service, read once at start. Unknown names are faults: a misspelt
 * limit must not silently fall back to its default.
 */
export const configSchema = z.strictObject({
  listen: listen(8_400),
  log,
  databaseUrl: z.string().regex(/^postgres(ql)?:\/\//, "must be postgres://…"),
  redisUrl: z.string().regex(/^(rediss?|unix):\/\//, "must be redis://…"),
  /** Hash tag and prefix of every Redis key, so that several services can share one Redis. */
  redisPrefix: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("tallystick"),
  rpcUrl,
  /** A second node: then nothing final is trusted from one alone. */
  witnessRpcUrl: rpcUrl.optional(),
  chainId,
  vault: address,
  token: address,
  asset,
  /** The vault's deployment block: nothing before it concerns this service. */
  startBlock: z.int().min(0).default(0),
  /** The treasury's key, which sends transactions. */
  chainKeyFile: keyFile,
  issuerKeyFile: keyFile,
  /** Public keys the issuer signed with before; vouchers under their allowances are still taken. */
  formerIssuerKeys: z.array(issuerKey).max(LIMITS.formerIssuerKeys).default([]),
  /** Bearer tokens of the administrative calls. */
  tokens: z
    .array(z.strictObject({ token: z.string().min(16).max(256), role: z.enum(["issuer", "operator"]) }))
    .max(LIMITS.tokens)
    .default([]),
  /** What this process does; an installation needs at least one process of each. */
  roles: z
    .array(z.enum(["api", "workers"]))
    .min(1)
    .default(["api", "workers"]),
  batch: z
    .strictObject({
      maxVouchers: z.int().min(1).max(LIMITS.batchVouchers).default(1_000),
      /**
       * Gas that settling one batch may use at most, as it is simulated on the packed vault; what
       * does not fit waits for the next one.
       */
      maxGas: z.int().min(LIMITS.leastBatchGas).max(LIMITS.batchGas).default(14_000_000),
      /** The oldest waiting voucher is batched when it is this old, however few there are. */
      maxAgeMs: milliseconds.default(5_000),
    })
    .prefault({}),
  /** U: a voucher older than this at its arrival is not promised. */
  uploadWindowSeconds: z.int().min(60).default(604_800),
  statusList: z
    .strictObject({
      /**
       * A list older than this is made anew although nothing changed, so that its time is fresh.
       */
      maxAgeSeconds: z.int().min(1).max(86_400).default(60),
    })
    .prefault({}),
  chain: z
    .strictObject({
      pollMs: milliseconds.default(1_000),
      /** An unmined transaction is sent again, byte for byte, this often. */
      resendMs: milliseconds.default(DEFAULT_RESEND_MS),
      /** An unmined transaction is replaced by one with higher fees after this long. */
      replaceAfterMs: milliseconds.default(DEFAULT_REPLACE_AFTER_MS),
      /** Gwei a gas that no transaction offers more than. */
      maxFeeGwei: z.int().min(1).max(MAX_FEE_GWEI).default(DEFAULT_MAX_FEE_GWEI),
      /**
       * Batches name their cards' words in the packed vault, which saves 1 % of gas; turn it off
       * where bytes cost more than gas.
       */
      accessList: z.boolean().default(true),
    })
    .prefault({}),
  verification: z.strictObject({ threads: z.int().min(0).max(LIMITS.verificationThreads).default(1) }).prefault({}),
  /**
   * Raised by one after the database was restored from a copy: sequences of allowances then jump.
   */
  restoreGeneration: z.int().min(0).max(1_000).default(0),
});

export type Config = z.output<typeof configSchema>;

/** Injection token of the parsed configuration. */
export const CONFIG = Symbol("CONFIG");
