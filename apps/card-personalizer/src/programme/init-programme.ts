import { join } from "node:path";
import { encodeDomain, parseAddress, toHex, type Address } from "@tallystick/protocol";
import { loadConfig, type Config } from "../config/load-config.ts";
import { asFailure, Failure } from "../failures.ts";
import { Journal } from "../journal/journal.ts";
import { SECONDS_A_DAY, TERMINAL_CERTIFICATE_DAYS } from "../limits.ts";
import { checkSettlement } from "../settlement/check-settlement.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import {
  awaitEther,
  awaitTokens,
  judgeToken,
  settleToken,
  standVault,
  tryTransfer,
  type StandingVault,
} from "./chain-steps.ts";
import type { TokenFindings } from "./chain/check-token.ts";
import { checkNode } from "./chain/programme-chain.ts";
import { waitFor } from "./chain/wait-for.ts";
import { CERTIFICATE_FILE, writeConfigurations, type Installation } from "./files/configurations.ts";
import { openProgrammeKeys } from "./files/programme-keys.ts";
import { ProgrammeState, writeDurably } from "./files/programme-state.ts";
import { writeRecord } from "./files/record.ts";
import { waitOptionsOf, type InitOptions, type Making } from "./making.ts";
import { payWithVirtualCard } from "./virtual-card.ts";

/** Where a programme remembers how far it is. */
export const STATE_FILE = "programme-state.json";

/** What a made programme is known by. */
export interface MadeProgramme {
  readonly vault: Address;
  readonly token: Address;
  /** The virtual card's address, and the id of what it paid. */
  readonly card: string;
  readonly voucherId: string;
  /** The one-page record. */
  readonly record: string;
}

/**
 * Makes a programme from nothing, or goes on with one where an earlier run stopped: keys that are there are kept, the vault
 * is deployed once, files that are there stay as they are. Every run looks at token and vault again. Throws Failure.
 */
export async function initProgramme(options: InitOptions): Promise<MadeProgramme> {
  const { answers, environment } = options;
  // The journal is locked for as long as this runs: two of these never make one programme.
  const journal = new Journal(join(answers.folder, "journal.sqlite"));
  try {
    const state = new ProgrammeState(join(answers.folder, STATE_FILE));
    settleTerms(state, options);
    const keys = openProgrammeKeys(answers);
    const making: Making = { ...options, keys, state, journal };
    const { checkValues } = keys;
    options.observe.step("keys", "DONE", `issuer ${checkValues.issuer}, master ${checkValues.master}`);
    if (state.get("drawn") === null) state.put("drawn", drawn(environment.randomBytes));
    const { token, findings, stood } = await standOnChain(making);
    const installation: Installation = {
      ...{ vault: stood.vault, token, startBlock: stood.startBlock },
      issuerTerminalId: state.text("drawn", "issuerTerminalId"),
      terminalId: state.text("drawn", "terminalId"),
    };
    const kept = writeConfigurations(answers, keys, installation);
    for (const name of kept) options.observe.warn(`${name} was there, says something else, and is kept.`);
    options.observe.step("configurations", kept.length > 0 ? "KNOWN" : "DONE", answers.folder);
    const virtualCard = await meetSettlement(making, installation);
    const facts = { installation, keys, token: findings, virtualCard, nowMs: environment.now() };
    const record = writeRecord(answers, { ...facts, delaySeconds: stood.delaySeconds, deployedBy: stood.deployedBy });
    options.observe.step("record", "DONE", record);
    return { vault: stood.vault, token, ...virtualCard, record };
  } finally {
    journal.close();
  }
}

/** What a programme was begun with and cannot change any more. Throws Failure PROGRAMME_DIFFERS. */
function settleTerms(state: ProgrammeState, { answers }: InitOptions): void {
  const { chainId, asset, token, vault } = answers;
  const terms = {
    chainId: chainId.toString(),
    asset: `${asset.code} ${asset.decimals} ${asset.scale}`,
    token: token === undefined ? "a test token" : toHex(token),
    vault: vault === undefined ? "a new one" : toHex(vault.address),
  };
  const begun = state.get("terms");
  if (begun === null) return state.put("terms", terms);
  const differing = Object.entries(terms).find(([name, value]) => begun[name] !== value);
  if (differing !== undefined)
    throw new Failure("PROGRAMME_DIFFERS", `It was begun with ${differing[0]} ${String(begun[differing[0]])}.`);
}

function drawn(randomBytes: (length: number) => Uint8Array): Readonly<Record<string, string>> {
  const [vaultSalt, tokenSalt] = [toHex(randomBytes(32)), toHex(randomBytes(32))];
  return { vaultSalt, tokenSalt, issuerTerminalId: toHex(randomBytes(8)), terminalId: toHex(randomBytes(8)) };
}

/** Token and vault, looked at again in every run. */
async function standOnChain(
  making: Making,
): Promise<{ readonly token: Address; readonly findings: TokenFindings; readonly stood: StandingVault }> {
  const { answers, chain, observe, state } = making;
  await checkNode(chain, { chainId: answers.chainId, deploys: answers.vault === undefined });
  observe.step("node", "DONE", `chain ${answers.chainId}`);
  // What an account had once is spent by the steps that follow, and not awaited again.
  if (state.get("ether") === null) {
    const accounts = await awaitEther(making);
    state.put("ether", { accounts });
    observe.step("ether", "DONE", accounts);
  }
  const { token } = await settleToken(making);
  const findings = await judgeToken(making, token);
  observe.step("token", "DONE", toHex(token));
  if (state.get("tokens") === null) {
    const account = await awaitTokens(making, token);
    state.put("tokens", { account });
    observe.step("tokens", "DONE", account);
  }
  const known = state.get("vault") === null ? "DONE" : "KNOWN";
  const stood = await standVault(making, token);
  observe.step("vault", known, toHex(stood.vault));
  const wasMoved = state.get("transfer") !== null;
  observe.step("transfer", wasMoved ? "KNOWN" : "DONE", await tryTransfer(making, token));
  return { token, findings, stood };
}

/** What needs settlement: the first terminal's certificate, and a virtual card that pays. */
async function meetSettlement(
  making: Making,
  installation: Installation,
): Promise<{ readonly card: string; readonly voucherId: string }> {
  const { answers, chain, environment, journal, signal, observe, state } = making;
  const config = loadConfig(join(answers.folder, "issuer.json"));
  if (toHex(encodeDomain(config.domain)) !== toHex(encodeDomain({ ...answers, vault: installation.vault })))
    throw new Failure("PROGRAMME_DIFFERS", "issuer.json names another chain or vault.");
  const settlement = making.openSettlement(config);
  await awaitSettlement(making, settlement, config);
  observe.step("settlement", "DONE", config.settlement.url);
  if (state.get("terminal") === null) await certifyFirstTerminal(making, settlement, installation);
  observe.step("terminal", "DONE", join(answers.folder, CERTIFICATE_FILE));
  const paid = state.get("virtual-card");
  if (paid === null) {
    const file = join(answers.folder, "keys", "virtual-card.bin");
    const owner = config.owner ?? parseAddress(toHex(making.keys.treasury.address));
    const seen = { config, owner, journal, settlement, environment, signal, file, observe: observe.card };
    const { card, voucherId } = await payWithVirtualCard(seen);
    await waitFor(
      `Voucher ${voucherId}`,
      async () => {
        const { state: at } = await settlement.voucher(voucherId);
        return at === "final" ? { done: true } : { done: false, stands: `is ${at}` };
      },
      { ...waitOptionsOf(making), chain, late: "NOT_FINAL" },
    );
    state.put("virtual-card", { card, voucherId });
  }
  observe.step("virtual-card", paid === null ? "DONE" : "KNOWN", state.text("virtual-card", "card"));
  return { card: state.text("virtual-card", "card"), voucherId: state.text("virtual-card", "voucherId") };
}

/** Waits until settlement answers; one that serves something else is refused at once. */
async function awaitSettlement(making: Making, settlement: SettlementClient, config: Config): Promise<void> {
  const command = `tallystick-settlement --config ${join(making.answers.folder, "settlement.json")}`;
  await waitFor(
    `Settlement at ${config.settlement.url}`,
    async () => {
      try {
        await checkSettlement(settlement, config);
        return { done: true };
      } catch (error) {
        if (asFailure(error).code !== "SETTLEMENT_UNREACHABLE") throw error;
        return { done: false, stands: `does not answer; start it in another window: ${command}` };
      }
    },
    { ...waitOptionsOf(making), late: "SETTLEMENT_UNREACHABLE" },
  );
  await settlement.issuer();
}

async function certifyFirstTerminal(
  { answers, keys, environment, state }: Making,
  settlement: SettlementClient,
  { terminalId }: Installation,
): Promise<void> {
  const { payee, category, limits } = answers.terminal;
  const nowSeconds = Math.floor(environment.now() / 1_000);
  const answer = await settlement.certify({
    ...{ payee: toHex(payee), category, terminalId, terminalKey: keys.terminalKey },
    notBefore: nowSeconds - SECONDS_A_DAY,
    notAfter: nowSeconds + TERMINAL_CERTIFICATE_DAYS * SECONDS_A_DAY,
    ...{ ...limits, reason: "The first terminal of a new programme." },
  });
  const { certificate, signature } = answer;
  writeDurably(join(answers.folder, CERTIFICATE_FILE), `${JSON.stringify({ certificate, signature }, null, 2)}\n`);
  state.put("terminal", { terminalId });
}
