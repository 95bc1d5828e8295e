import {
  DEFAULT_MAX_FEE_GWEI,
  DEFAULT_REPLACE_AFTER_SECONDS,
  DEFAULT_RESEND_MS,
  MAX_FEE_GWEI,
  MAX_REPLACE_AFTER_SECONDS,
} from "@tallystick/evm";
import { MoneyError, parseAmount } from "@tallystick/money";
import {
  address,
  amountSetting,
  asset,
  chainId,
  type Door,
  httpBounds,
  httpUrl,
  issuerKey,
  keyFile,
  listen,
  log,
  openDoorFault,
  plainNodeFault,
  rpcUrl,
  secondListen,
} from "@tallystick/program";
import { DEFAULT_COUNTER_LEAD, DEFAULT_UPLOAD_WINDOW_SECONDS, MAX_COUNTER_LEAD } from "@tallystick/protocol";
import { z } from "zod";
import { STAFF } from "../rights.ts";
import { APPROVAL_HOURS, DEFAULT_APPROVAL_HOURS } from "../people/limits.ts";
import { alarmSettings } from "./alarms/alarm-settings.ts";
import { PERSON_NAME } from "./person-name.ts";
import { signIn } from "./sign-in.ts";
import { LIMITS } from "../limits/limits.ts";

const milliseconds = z.int().min(LIMITS.leastIntervalMs).max(LIMITS.mostIntervalMs);

/**
 * A bearer token and the person or program that holds it. Names are lower case, so that no two of
 * them differ by case alone; tokens of one name belong to one person.
 */
const token = z.strictObject({
  token: z.string().min(16).max(256),
  role: z.enum(STAFF),
  name: z.string().regex(PERSON_NAME.pattern, PERSON_NAME.message).optional(),
});

/** Every setting with its bounds. */
const settings = z.strictObject({
  /** Terminals' door. */
  listen: listen(8_400),
  /** Where terminals reach settlement, such as https://settlement.example; they are told when they join. */
  publicUrl: httpUrl.optional(),
  /** Administration's door: on this machine, at the port after terminals' where it names none. */
  administration: z.strictObject({ listen: secondListen }).prefault({}),
  http: httpBounds,
  log,
  /** May name several hosts, as libpq does: `postgres://one:5432,two:5432/database`. */
  databaseUrl: z.string().regex(/^postgres(ql)?:\/\//, "must be postgres://…"),
  /** One Redis, or nodes of a Redis Cluster as a list. */
  redisUrl: z.union([
    z.string().regex(/^(rediss?|unix):\/\//, "must be redis://… or a list of them"),
    z
      .array(z.string().regex(/^rediss?:\/\//, "must be redis://…"))
      .min(1)
      .max(LIMITS.redisNodes),
  ]),
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
  /** The treasury's key; where no gas wallet is named, it sends all transactions but compensations. */
  chainKeyFile: keyFile,
  /** The gas wallet's key, which sends what moves no tokens of the treasury (spec §6.19). */
  gas: z.strictObject({ keyFile }).optional(),
  /** Keys of former treasuries and gas wallets: they end what they began and send over what they have. */
  formerChainKeyFiles: z.array(keyFile).max(LIMITS.formerChainKeys).default([]),
  issuerKeyFile: keyFile,
  /** Keys that sign beside the present one until every card holds that one (spec §6.10). */
  parallelIssuerKeyFiles: z.array(keyFile).max(LIMITS.parallelIssuerKeys).default([]),
  /** Public keys the issuer signed with before; vouchers under their allowances are still taken. */
  formerIssuerKeys: z.array(issuerKey).max(LIMITS.formerIssuerKeys).default([]),
  /** Bearer tokens of the administrative calls. */
  tokens: z.array(token).max(LIMITS.tokens).default([]),
  /** What needs a second person; nothing where no sum is named. */
  approvals: z
    .strictObject({
      /** Display units: fundings, payouts and payments of withheld vouchers above it wait for another person. */
      above: amountSetting.optional(),
      /** Display units: so does what would bring all that one person moved alone in 24 hours above it. */
      aboveADay: amountSetting.optional(),
      /** Hours for which they wait. */
      hours: z.int().min(1).max(APPROVAL_HOURS).default(DEFAULT_APPROVAL_HOURS),
    })
    .prefault({}),
  /** How people sign in with a browser. */
  signIn: signIn.prefault({}),
  /** The pages for people. */
  console: z
    .strictObject({
      /** An explorer of the chain for the public: pages link to its `/tx/…` and `/address/…`. */
      explorerUrl: z
        .url({ protocol: /^https?$/ })
        .transform((text) => text.replace(/\/+$/, ""))
        .optional(),
    })
    .prefault({}),
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
  /** What the issuer bears for broken cards (spec §6.12); no default stands for its decision. */
  guarantee: z.strictObject({
    bears: z.boolean(),
    /** Display units for one card; what exceeds it waits for a person. */
    perCard: amountSetting,
    /** Display units for one payee on one day (UTC). */
    perPayeePerDay: amountSetting,
    /**
     * The key of the account that compensations are paid from, and their gas; never the treasury's.
     * Needed where the issuer bears anything.
     */
    keyFile: keyFile.optional(),
  }),
  /** U: a voucher older than this at its arrival is not promised. */
  uploadWindowSeconds: z.int().min(60).default(DEFAULT_UPLOAD_WINDOW_SECONDS),
  /**
   * Receipts that one terminal gets in a day, which is one each 8 s: every one is a row kept
   * permanently.
   */
  receiptsPerDay: z.int().min(1).default(10_800),
  /** Requests of one address in a minute, at both doors together; this machine's own are not counted. */
  requestsPerMinute: z.int().min(1).max(LIMITS.requestsPerMinute).default(6_000),
  /** Bytes of bodies that one terminal may bring in a day: some 100,000 vouchers. */
  uploadBytesPerDay: z.int().min(1).max(LIMITS.uploadBytesPerDay).default(67_108_864),
  /** Entries of one terminal in a day that may be refused: an honest one has next to none. */
  refusedEntriesPerDay: z.int().min(1).max(LIMITS.refusedEntriesPerDay).default(10_000),
  /** Requests that one terminal may make in five minutes (spec §6.13). */
  requestsPerFiveMinutes: z.int().min(1).max(LIMITS.terminalRequests).default(600),
  /** Refund orders of one payee in a day whose gas settlement pays (spec §6.13). */
  refundOrdersPerDay: z.int().min(0).max(LIMITS.refundOrders).default(200),
  /** Counters a card may run ahead of the highest one used on chain (spec §6.3). */
  counterLead: z.int().min(1).max(MAX_COUNTER_LEAD).default(DEFAULT_COUNTER_LEAD),
  /** When settlement issues allowances by itself (spec §6.10). */
  allowancePolicy: z
    .strictObject({
      /** Display units by which the bound must have risen; any rise where it is left out. */
      step: amountSetting.optional(),
      /** Seconds between two of one card; less than a day is for rehearsals. */
      everySeconds: z.int().min(0).max(LIMITS.daySeconds).default(LIMITS.daySeconds),
      /** Days after which a card's no-PIN sums start anew; never where it is left out. */
      noPinResetDays: z.int().min(1).max(LIMITS.noPinResetDays).optional(),
    })
    .prefault({}),
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
      replaceAfterSeconds: z.int().min(1).max(MAX_REPLACE_AFTER_SECONDS).default(DEFAULT_REPLACE_AFTER_SECONDS),
      /** Gwei a gas that no transaction offers more than. */
      maxFeeGwei: z.int().min(1).max(MAX_FEE_GWEI).default(DEFAULT_MAX_FEE_GWEI),
      /**
       * Batches name their cards' words in the packed vault, which saves 1 % of gas; turn it off
       * where bytes cost more than gas.
       */
      accessList: z.boolean().default(true),
      /** The nodes are on a line of the operator's own, where plain HTTP is allowed too. */
      privateNodes: z.boolean().default(false),
    })
    .prefault({}),
  verification: z.strictObject({ threads: z.int().min(0).max(LIMITS.verificationThreads).default(1) }).prefault({}),
  /** How alarms reach a person. */
  alarms: alarmSettings,
  /**
   * Raised by one after the database was restored from a copy: sequences of allowances then jump.
   */
  restoreGeneration: z.int().min(0).max(1_000).default(0),
});

/** The faults of both doors. */
function addDoorFaults(given: z.output<typeof settings>, context: z.core.$RefinementCtx): void {
  const doors = { listen: given.listen, "administration.listen": given.administration.listen };
  for (const [name, door] of Object.entries(doors)) {
    const message = openDoorFault(door, given.tokens.length > 0);
    if (message !== null) context.addIssue({ code: "custom", path: [...name.split("."), "host"], message });
  }
  const { port } = administrationDoor(given);
  if (port > LIMITS.highestPort || (port !== 0 && port === given.listen.port)) {
    const message = "must be named: it is not terminals' port, nor above 65535";
    context.addIssue({ code: "custom", path: ["administration", "listen", "port"], message });
  }
}

/** The faults of the ways to the chain's nodes. */
function addNodeFaults(given: z.output<typeof settings>, context: z.core.$RefinementCtx): void {
  const use = { chainIds: [given.chainId], isPrivate: given.chain.privateNodes, setting: "chain.privateNodes: true" };
  for (const name of ["rpcUrl", "witnessRpcUrl"] as const) {
    const url = given[name];
    const message = url === undefined ? null : plainNodeFault(url, use);
    if (message !== null) context.addIssue({ code: "custom", path: [name], message });
  }
}

/** Administration's door with its port, which is the one after terminals' where none is named. */
export function administrationDoor({
  listen: first,
  administration,
}: Pick<z.output<typeof settings>, "listen" | "administration">): Door {
  const { port = first.port === 0 ? 0 : first.port + 1, ...door } = administration.listen;
  return { ...door, port };
}

/**
 * The whole configuration of the service, read once at start. Unknown names are faults: a misspelt
 * limit must not silently fall back to its default.
 */
export const configSchema = settings.superRefine((given, context) => {
  const { asset: unit, guarantee, tokens } = given;
  addDoorFaults(given, context);
  addNodeFaults(given, context);
  const holders = new Map<string, string | undefined>();
  for (const [index, { token: text, name }] of tokens.entries()) {
    if (holders.has(text) && holders.get(text) !== name) {
      const message = "The same token stands before with another name: one token is one person's.";
      context.addIssue({ code: "custom", path: ["tokens", index, "name"], message });
    }
    holders.set(text, name);
  }
  const { step } = given.allowancePolicy;
  const sums: readonly (readonly [readonly [string, string], string])[] = [
    [["guarantee", "perCard"], guarantee.perCard],
    [["guarantee", "perPayeePerDay"], guarantee.perPayeePerDay],
    ...(["above", "aboveADay"] as const).flatMap((key) => {
      const text = given.approvals[key];
      return text === undefined ? [] : [[["approvals", key], text] as const];
    }),
    ...(step === undefined ? [] : [[["allowancePolicy", "step"], step] as const]),
  ];
  for (const [path, text] of sums) {
    try {
      parseAmount(text, unit);
    } catch (error) {
      if (!(error instanceof MoneyError)) throw error;
      context.addIssue({ code: "custom", path: [...path], message: error.message });
    }
  }
  if (guarantee.bears && guarantee.keyFile === undefined) {
    const message = "is needed where bears is true: compensations are paid from an account of their own";
    context.addIssue({ code: "custom", path: ["guarantee", "keyFile"], message });
  }
});

export type Config = z.output<typeof configSchema>;

/** Injection token of the parsed configuration. */
export const CONFIG = Symbol("CONFIG");
