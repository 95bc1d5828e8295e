import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { Command } from "commander";
import { toHex, uncompressKey } from "@tallystick/protocol";
import { ChainError } from "./chain/chain-error.ts";
import { type FeePolicy, feePolicy } from "./config/fee-policy.ts";
import { ConfigError } from "./config/config-error.ts";
import type { GatewayConfig } from "./config/gateway-config.ts";
import { loadConfig } from "./config/load-config.ts";
import { createGateway } from "./app/gateway.ts";
import { createApp } from "./app/create-app.ts";
import { JournalError } from "./journal/events/journal-error.ts";
import { makeTerminalKey, readTerminalKey, TerminalKeyError } from "./keys/terminal-key.ts";
import { MAX_FEE_GWEI } from "./limits.ts";
import { openReader } from "./reader/open-reader.ts";
import { RefundError } from "./refunds/refund-error.ts";

/** 0 done, 2 usage or configuration, 3 terminal key, 4 journal, 5 anything else at start, 6 chain. */
const exitCodes = { done: 0, configuration: 2, key: 3, journal: 4, other: 5, chain: 6 } as const;

interface Options {
  readonly config: string;
  readonly initKeys?: boolean;
  readonly acceptRestoredJournal?: boolean;
}

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Makes the terminal's key, or shows the public half of the one that is there. */
function initKeys(config: GatewayConfig): void {
  const { terminalKeyFile: file } = config;
  let publicKey: Uint8Array;
  let made = true;
  try {
    publicKey = makeTerminalKey(file, (length) => Uint8Array.from(randomBytes(length)));
  } catch (error) {
    if (!(error instanceof TerminalKeyError) || error.code !== "TERMINAL_KEY_EXISTS") throw error;
    made = false;
    ({ publicKey } = readTerminalKey(file));
  }
  // As the issuer certifies it (spec §3.4).
  say({ schema: "tallystick.terminal-key/1", publicKey: toHex(uncompressKey(publicKey)), made, file });
}

async function serve(config: GatewayConfig, options: Options): Promise<void> {
  const signer = readTerminalKey(config.terminalKeyFile);
  const { reader, close } = await openReader(config);
  const gateway = createGateway({
    config,
    signer,
    reader,
    acceptRestoredJournal: options.acceptRestoredJournal === true,
  });
  const app = await createApp(gateway);
  await app.listen(config.listen.port, config.listen.host);
  app.getHttpServer().once("close", () => void close());
  const { port } = app.getHttpServer().address() as { readonly port: number };
  const host = config.listen.host.includes(":") ? `[${config.listen.host}]` : config.listen.host;
  say({ schema: "tallystick.ready/1", app: "merchant-gateway", url: `http://${host}:${port}`, pid: process.pid });
}

/** Tells a failed start in one JSON line on standard error and ends with its code. */
function fail(error: unknown): void {
  const told = (code: string, exit: number, faults?: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `${JSON.stringify({ schema: "tallystick.failed/1", app: "merchant-gateway", code, message, ...(faults === undefined ? {} : { faults }) })}\n`,
    );
    process.exitCode = exit;
  };
  if (error instanceof ConfigError) told(error.code, exitCodes.configuration, error.faults);
  else if (error instanceof TerminalKeyError) told(error.code, exitCodes.key);
  else if (error instanceof JournalError) told(error.code, exitCodes.journal);
  else if (error instanceof ChainError || error instanceof RefundError) told(error.code, exitCodes.chain);
  else told(error instanceof Error && "code" in error ? String(error.code) : "START_FAILED", exitCodes.other);
}

/** Where the payee's money is brought from, and with whose gas. */
interface ClaimOptions {
  readonly config: string;
  readonly rpc: string;
  readonly keyFile: string;
  readonly maxFeeGwei?: number;
}

/** What a command may offer for a transaction: as it is told, as the configuration says, or the default. */
function feesFor(config: GatewayConfig, { maxFeeGwei }: ClaimOptions): FeePolicy {
  if (maxFeeGwei === undefined) return config.claim?.fees ?? feePolicy();
  return { ...(config.claim?.fees ?? feePolicy()), maxFee: feePolicy({ maxFeeGwei }).maxFee };
}

/** Throws ConfigError for what is no whole number of gwei within bounds. */
function gweiOf(text: string): number {
  const gwei = Number(text);
  if (/^[0-9]+$/.test(text) && gwei >= 1 && gwei <= MAX_FEE_GWEI) return gwei;
  throw new ConfigError([{ at: "--max-fee-gwei", message: `must be a whole number from 1 to ${MAX_FEE_GWEI}` }]);
}

/** Brings the shop's vouchers to the vault by itself; the gateway of this journal must be stopped. One JSON line an event. */
async function claimAll(options: ClaimOptions): Promise<void> {
  const config = loadConfig(options.config);
  const { runClaim } = await import("./claim/run-claim.ts");
  const { rpc, keyFile } = options;
  await runClaim(config, { rpc, keyFile, fees: feesFor(config, options) }, say);
}

async function run(options: Partial<Options>): Promise<void> {
  if (options.config === undefined)
    throw new ConfigError([{ at: "", message: "Give the configuration: --config FILE." }]);
  const config = loadConfig(options.config);
  if (options.initKeys === true) initKeys(config);
  else await serve(config, { ...options, config: options.config });
}

const program = new Command("merchant-gateway")
  .description(
    "The shop's gateway: takes card payments without a network, journals them, sends them when there is one.",
  )
  .enablePositionalOptions()
  .option("--config <file>", "the configuration, one JSON file")
  .option("--init-keys", "make the terminal's key, print its public half, and end")
  .option("--accept-restored-journal", "go on with an older copy of the journal that was put back knowingly")
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.configuration);
  })
  .action(async (options: Partial<Options>) => {
    await run(options);
  });

program
  .command("claim")
  .description(
    "Bring the shop's vouchers to the vault and pay out, with nothing but a node of the chain and a key that pays the gas.",
  )
  .requiredOption("--config <file>", "the configuration of the gateway, which must be stopped")
  .requiredOption("--rpc <url>", "JSON-RPC of a node of the chain")
  .requiredOption(
    "--key-file <file>",
    '{"privateKey":"0x…"} of the account that pays; the payee\'s own key also releases cancelled payments',
  )
  .option("--max-fee-gwei <gwei>", "what is offered at most for a unit of gas", gweiOf)
  .action(async (options: ClaimOptions) => {
    await claimAll(options);
  });

/** Which payment is given back, how much of it, and with whose key. */
interface RefundOptions extends ClaimOptions {
  readonly voucher: string;
  readonly amount?: string;
  readonly refundId: string;
}

/** Gives one payment back on the chain; the gateway of this journal must be stopped. Prints one JSON line. */
async function giveBack(kind: "refund" | "release", options: RefundOptions): Promise<void> {
  const config = loadConfig(options.config);
  const { runRefund } = await import("./refunds/run-refund.ts");
  const { rpc, keyFile, voucher, amount, refundId } = options;
  const fees = feesFor(config, options);
  await runRefund(config, { kind, rpc, keyFile, voucher, amount: amount ?? null, refundId, fees }, say);
}

for (const kind of ["refund", "release"] as const) {
  const command = program
    .command(kind)
    .description(
      kind === "refund"
        ? "Give a paid payment back to its card, whole or in part. The same command again goes on with it and never gives back twice."
        : "Give up a payment that the chain has not paid, so that its value goes back to its card.",
    )
    .requiredOption("--config <file>", "the configuration of the gateway, which must be stopped")
    .requiredOption("--rpc <url>", "JSON-RPC of a node of the chain")
    .requiredOption("--key-file <file>", '{"privateKey":"0x…"} of the payee')
    .requiredOption("--voucher <id>", "the voucher's id, 0x and 64 digits")
    .option("--max-fee-gwei <gwei>", "what is offered at most for a unit of gas", gweiOf)
    .option("--refund-id <id>", "names the refund, where a payment gets more than one", "command")
    .action(async (options: RefundOptions) => {
      await giveBack(kind, options);
    });
  if (kind === "refund")
    command.option("--amount <amount>", "what to give back, such as 1.00; all that is left when left out");
}

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
