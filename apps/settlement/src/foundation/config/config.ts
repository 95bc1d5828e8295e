import { DEFAULT_COUNTER_LEAD, MAX_COUNTER_LEAD } from "@tallystick/protocol";
import { z } from "zod";
import { LIMITS } from "../limits/limits.ts";

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "expected an address: 0x and 40 hex digits")
  .transform((text) => text.toLowerCase());
const milliseconds = z.int().min(10).max(86_400_000);

/**
 * The whole configuration of the service, read once at start. Paths of key files are taken relative to the
 * configuration file. Unknown names are faults: a misspelt limit must not silently fall back to its default.
 */
export const configSchema = z.strictObject({
  listen: z.strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    /** 0 asks the kernel for a free port; the ready line names it. */
    port: z.int().min(0).max(65_535),
  }),
  databaseUrl: z.string().regex(/^postgres(ql)?:\/\//, "expected postgres://…"),
  redisUrl: z.string().regex(/^(rediss?|unix):\/\//, "expected redis://…"),
  /** Hash tag and prefix of every Redis key, so that several services can share one Redis. */
  redisPrefix: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("tallystick"),
  rpcUrl: z.url({ protocol: /^https?$/ }),
  /** A second node: then nothing final is believed from one alone. */
  witnessRpcUrl: z.url({ protocol: /^https?$/ }).optional(),
  chainId: z.int().min(1),
  vault: address,
  token: address,
  asset: z.strictObject({
    code: z.string().regex(/^[A-Z][A-Z0-9]{1,11}$/),
    /** Decimals of one unit: 6 when a unit is a millionth. */
    decimals: z.int().min(0).max(18),
    /** Token base units in one unit. */
    scale: z
      .union([z.int().min(1), z.string().regex(/^[1-9][0-9]{0,38}$/)])
      .default(1)
      .transform((value) => BigInt(value)),
  }),
  /** The vault's deployment block: nothing before it concerns this service. */
  startBlock: z.int().min(0).default(0),
  chainKeyFile: z.string().min(1),
  issuerKeyFile: z.string().min(1),
  /** Public keys the issuer signed with before; vouchers under their allowances are still taken. */
  formerIssuerKeys: z
    .array(z.strictObject({ id: z.int().min(0).max(255), publicKey: z.string().regex(/^0x0[23][0-9a-f]{64}$/) }))
    .max(16)
    .default([]),
  /** Bearer tokens of the administrative calls. */
  tokens: z
    .array(z.strictObject({ token: z.string().min(16).max(256), role: z.enum(["issuer", "operator"]) }))
    .max(32)
    .default([]),
  /** What this process does; an installation needs at least one process of each. */
  roles: z
    .array(z.enum(["api", "workers"]))
    .min(1)
    .default(["api", "workers"]),
  batch: z
    .strictObject({
      maxVouchers: z.int().min(1).max(LIMITS.batchVouchers).default(1_000),
      /** What settling one batch may use at most, as it is simulated on the packed vault; what does not fit waits for the next one. */
      maxGas: z.int().min(LIMITS.leastBatchGas).max(LIMITS.batchGas).default(14_000_000),
      /** The oldest waiting voucher is batched when it is this old, however few there are. */
      maxAgeMs: milliseconds.default(5_000),
    })
    .prefault({}),
  /** U: a voucher older than this at its arrival is not promised. */
  uploadWindowSeconds: z.int().min(60).default(604_800),
  /** Counters a card may run ahead of the highest one used on chain (spec §6.3). */
  counterLead: z.int().min(1).max(MAX_COUNTER_LEAD).default(DEFAULT_COUNTER_LEAD),
  statusList: z
    .strictObject({
      /** A list older than this is made anew although nothing changed, so that its time stays fresh. */
      maxAgeSeconds: z.int().min(1).max(86_400).default(60),
    })
    .prefault({}),
  chain: z
    .strictObject({
      pollMs: milliseconds.default(1_000),
      /** An unmined transaction is sent again, byte for byte, this often. */
      resendMs: milliseconds.default(12_000),
      /** An unmined transaction gets a higher fee after this long. */
      bumpMs: milliseconds.default(48_000),
      /** Batches name their cards' words in the packed vault, which saves 1 % of gas; turn it off where bytes cost more than gas. */
      accessList: z.boolean().default(true),
    })
    .prefault({}),
  verification: z.strictObject({ threads: z.int().min(0).max(64).default(1) }).prefault({}),
  /** Raised by one after the database was restored from a copy: sequences of allowances then jump. */
  restoreGeneration: z.int().min(0).max(1_000).default(0),
});

export type Config = z.output<typeof configSchema>;

/** Injection token of the parsed configuration. */
export const CONFIG = Symbol("CONFIG");
