import type { ChainLog, ChainRpc } from "@tallystick/evm";
import {
  type CardLine,
  ConfigError,
  type ConfigFault,
  reportAsset,
  reportUnits,
  type VerifiedReport,
} from "@tallystick/program";
import { equalBytes, fromHex, parseAddress, toHex } from "@tallystick/protocol";
import { decodeVaultEvent, vaultTopics } from "@tallystick/vault";
import { Failure } from "../failures.ts";
import { REPORT_LOOKUPS } from "../limits.ts";

const [FUNDED = new Uint8Array(0)] = vaultTopics(["Funded"]);

/** What a comparison needs of a node. */
export type ReportChain = Pick<ChainRpc, "chainId" | "block" | "receipt" | "receiptLogs">;

/** What the chain shows of a report's deposits. */
export interface ChainFindings {
  /** Cards whose deposit was found in a final block, as it stands in the report. */
  readonly deposits: number;
  /** Whose tokens they were, 0x and 40 digits each: the treasury's alone, where nobody else deposited. */
  readonly payers: readonly string[];
}

/**
 * Looks each deposit of a report up on the chain: its transaction stands in a final block, and the vault took exactly that
 * amount for that card in it. With the sums of the report, which `verifyReport` has added up, what left the treasury is
 * then what the report says. Throws Failure NODE_UNFIT for a node that cannot tell, ConfigError with every line that
 * differs, and RpcError.
 */
export async function compareWithChain(
  { head, cards }: Pick<VerifiedReport, "head" | "cards">,
  { chain, source }: { readonly chain: ReportChain; readonly source: string },
): Promise<ChainFindings> {
  const [chainId, final] = [await chain.chainId(), await chain.block("finalized")];
  if (chainId.toString() !== head.domain.chainId)
    throw new Failure("NODE_UNFIT", `It is of chain ${chainId}, and the report is of chain ${head.domain.chainId}.`);
  if (final === null) throw new Failure("NODE_UNFIT", "It names no final block, and only what is final is a deposit.");
  const asset = reportAsset(head);
  const vault = parseAddress(head.domain.vault);
  const faults: ConfigFault[] = [];
  const payers = new Set<string>();
  const lookUp = async ({ card, tx, deposited }: CardLine, line: number): Promise<number> => {
    const fault = (path: string, message: string): 0 => {
      faults.push({ path, line, column: null, message });
      return 0;
    };
    const units = reportUnits(deposited, asset, (message) => void fault("deposited", message));
    if (units === 0n) return 0;
    if (tx === null || card === null)
      return fault("tx", "is not named: look for a deposit by hand among the vault's events of this card");
    const [receipt, logs] = await Promise.all([chain.receipt(fromHex(tx)), chain.receiptLogs(fromHex(tx))]);
    if (receipt === null || logs === null) return fault("tx", "stands in no block");
    if (!receipt.succeeded) return fault("tx", "was undone");
    if (receipt.blockNumber > final.number)
      return fault("tx", `is in block ${receipt.blockNumber}, which is not final`);
    const found = await depositsIn(logs, { vault, card: fromHex(card) });
    const sum = found.reduce((whole, each) => whole + each.units, 0n);
    if (sum !== units) return fault("deposited", `is ${deposited}; the vault took ${sum} units for this card in it`);
    for (const { from } of found) payers.add(toHex(from));
    return 1;
  };
  let deposits = 0;
  for (let first = 0; first < cards.length; first += REPORT_LOOKUPS) {
    const some = cards.slice(first, first + REPORT_LOOKUPS);
    const counts = await Promise.all(some.map((card, index) => lookUp(card, first + index + 2)));
    deposits += counts.reduce((whole, count) => whole + count, 0);
  }
  const inOrder = faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (inOrder.length > 0) throw new ConfigError(inOrder, source);
  return { deposits, payers: [...payers].toSorted() };
}

/** The deposits for one card among the events of a transaction. */
async function depositsIn(
  logs: readonly ChainLog[],
  { vault, card }: { readonly vault: Uint8Array; readonly card: Uint8Array },
): Promise<readonly { readonly units: bigint; readonly from: Uint8Array }[]> {
  const found: { units: bigint; from: Uint8Array }[] = [];
  for (const { address, topics, data, blockNumber, transactionHash } of logs) {
    if (!equalBytes(address, vault) || !equalBytes(topics[0] ?? new Uint8Array(0), FUNDED)) continue;
    const log = { topics, data, blockNumber, transactionHash: toHex(transactionHash) };
    const event = await decodeVaultEvent(log, () => Promise.reject(new RangeError("a deposit needs no call data")));
    if (event.kind === "funded" && equalBytes(event.card, card)) found.push({ units: event.units, from: event.from });
  }
  return found;
}
