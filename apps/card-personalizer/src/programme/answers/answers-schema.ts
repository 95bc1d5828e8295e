import {
  address,
  amountSetting,
  asset,
  chainId,
  filePath,
  keyFile,
  rpcUrl,
  seconds,
  socketAddress,
} from "@tallystick/program";
import { z } from "zod";
import { DEFAULT_PROGRAMME_PORTS, DEFAULT_PROGRAMME_WAIT_SECONDS } from "../../limits.ts";

/** Ether as people write it, to 18 decimals. */
const ether = z.string().regex(/^[0-9]{1,9}(\.[0-9]{1,18})?$/, 'write ether with a decimal point, such as "0.05"');

const port = z.int().min(1).max(65_535);

const limitsSchema = z.strictObject({
  /** Most that one payment may be. */
  perTap: amountSetting.default("50.00"),
  /** Above it a payment needs the PIN; as `perTap` where it is left out. */
  pinAbove: amountSetting.optional(),
  /** Sum of payments without PIN; cards without PINs have no default for it (spec §6.10). */
  noPinSum: amountSetting.optional(),
  noPinCount: z.int().min(1).max(255).optional(),
  validDays: z.int().min(1).max(3_650).default(730),
});

const terminalSchema = z.strictObject({
  payee: address,
  category: z.int().min(0).max(63),
  reader: z.string().min(1),
  port: port.default(DEFAULT_PROGRAMME_PORTS.terminal),
  /** What the issuer certifies the terminal for; none of them has a default. */
  limits: z.strictObject({
    perTap: amountSetting,
    unsentSum: amountSetting,
    unsentCount: z.int().min(1).max(65_535),
    perCardSum: amountSetting,
    softwareSum: amountSetting,
  }),
});

/**
 * What has to be decided before a programme can be made: the file of `programme init`. Money has no
 * defaults but those of spec §6.10.
 */
export const answersSchema = z.strictObject({
  /** What people call the programme. */
  name: z
    .string()
    .max(64)
    .regex(/^[!-~](?:[ -~]*[!-~])?$/, "use printable ASCII without blanks at the ends"),
  /** `development` draws keys that protect nothing, for local chains and test networks; `production` is given its keys. */
  mode: z.enum(["production", "development"]),
  rpcUrl,
  /** The node is on a line of the programme's own, where plain HTTP is allowed too. */
  privateNode: z.boolean().default(false),
  chainId,
  asset,
  /** The token; or `testToken`, which is made where it is worth nothing. */
  token: address.optional(),
  /** A dollar that anybody may mint, and how much the treasury gets of it. */
  testToken: z.strictObject({ mint: amountSetting }).optional(),
  /** A vault that stands already; else one is deployed. */
  vault: z.strictObject({ address, startBlock: z.int().min(0) }).optional(),
  /** The compiled vault; that of this checkout where it is left out. */
  vaultArtifact: filePath.optional(),
  databaseUrl: z.string().min(1),
  redisUrl: z.string().min(1),
  /** What the treasury must have before anything is deployed. */
  treasury: z.strictObject({ tokens: amountSetting, ether }),
  /** The ether that a gas wallet must have, which sends what moves no tokens of the treasury; none where it is left out. */
  gas: z.strictObject({ ether }).optional(),
  guarantee: z.strictObject({
    bears: z.boolean(),
    perCard: amountSetting,
    perPayeePerDay: amountSetting,
    /** What the treasury gives the guarantee's account, and the ether that this account must have. */
    tokens: amountSetting.optional(),
    ether: ether.optional(),
  }),
  /** Every card gets a PIN and a PUK. */
  pins: z.boolean(),
  limits: limitsSchema.prefault({}),
  /** Days after which a card's sums without PIN start anew; never where it is left out. */
  noPinResetDays: z.int().min(1).max(3_650).optional(),
  /** First deposit of a card. */
  fund: amountSetting,
  terminal: terminalSchema,
  /** Ports of settlement's two doors on this machine. */
  settlement: z
    .strictObject({
      port: port.default(DEFAULT_PROGRAMME_PORTS.settlement),
      administrationPort: port.default(DEFAULT_PROGRAMME_PORTS.administration),
    })
    .prefault({}),
  /** Reader of the issuing station; the only one there is where it is left out. */
  reader: z.string().min(1).optional(),
  pcscSocket: filePath.optional(),
  vpcd: socketAddress.optional(),
  /** Keys that exist already, as files; in production each of them is needed. */
  keys: z
    .strictObject({
      ...{ treasury: keyFile, gas: keyFile, guarantee: keyFile, issuer: keyFile, master: keyFile },
      ...{ issuerTerminal: keyFile, testPayee: keyFile, terminal: keyFile },
    })
    .partial()
    .prefault({}),
  /** How long each wait may take: for money, for a block, for finality, for settlement. */
  waitSeconds: seconds.min(1).default(DEFAULT_PROGRAMME_WAIT_SECONDS),
});

export type AnswersFile = z.output<typeof answersSchema>;
/** As it is written. */
export type AnswersInput = z.input<typeof answersSchema>;
