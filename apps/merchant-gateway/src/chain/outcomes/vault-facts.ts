import { type ChainLog, type ChainRpc, createVaultReader, placedLog } from "@tallystick/evm";
import { concatBytes, equalBytes, fromHex, toHex } from "@tallystick/protocol";
import {
  decodeTokenTransfer,
  decodeVaultEvent,
  type PayloadItem,
  transferCall,
  transferTopic,
  vaultTopics,
} from "@tallystick/vault";
import type { ServedDomain } from "../../config/gateway-config.ts";

/** Something that a transaction did to a voucher or to its counter. */
export type VaultFact = { readonly tx: string; readonly block: bigint } & (
  | { readonly kind: "paid"; readonly item: PayloadItem }
  | {
      readonly kind: "released";
      readonly card: Uint8Array;
      readonly counter: number;
      /** Null where the vault does not name it. */
      readonly voucherId: Uint8Array | null;
    }
  | {
      readonly kind: "compensated";
      readonly payee: Uint8Array;
      readonly units: bigint;
      readonly voucherId: Uint8Array;
    }
);

/** Topics of the events that use a counter for a message. */
const usingTopics = vaultTopics(["Settled", "Released", "Returned"]);

/** Where a domain's facts are read. */
export interface FactPlace {
  readonly rpc: ChainRpc;
  readonly served: Pick<ServedDomain, "domain" | "asset" | "guaranteeAccount">;
  readonly payee: Uint8Array;
}

/**
 * Reads what happened to vouchers in blocks, both inclusive, in the order of the chain: the vault's
 * events with the payloads behind them, and the transfers of the pinned account of the guarantee to
 * the payee (spec §5.8, §6.12). Rejects with RpcError or VaultError.
 */
export async function readFacts(
  place: FactPlace,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<readonly VaultFact[]> {
  const { rpc, served } = place;
  const logs = await rpc.logs({ from, to, address: served.domain.vault, topics: [usingTopics] });
  return [...(await vaultFacts(rpc, logs)), ...(await compensations(place, { from, to }))];
}

async function vaultFacts(rpc: Pick<ChainRpc, "transaction">, logs: readonly ChainLog[]): Promise<VaultFact[]> {
  const facts: VaultFact[] = [];
  for (const log of logs) {
    const event = await decodeVaultEvent(placedLog(log), async (hash) => inputOf(rpc, hash));
    const at = { tx: toHex(log.transactionHash), block: log.blockNumber };
    if (event.kind === "settled") {
      for (const { item, paid } of event.items) if (paid) facts.push({ kind: "paid", item, ...at });
    } else if (event.kind === "released") {
      facts.push({ kind: "released", card: event.card, counter: event.counter, voucherId: null, ...at });
    } else if (event.kind === "returned") {
      // It stands directly behind the release that it names; behind a refund it says nothing new
      // (spec §7.11).
      const before = facts.at(-1);
      if (before?.kind === "released" && before.tx === at.tx && before.voucherId === null)
        facts[facts.length - 1] = { ...before, voucherId: event.voucherId };
    }
  }
  return facts;
}

/** Each is one call of the token that names its voucher behind the arguments (spec §6.12). */
async function compensations(
  { rpc, served, payee }: FactPlace,
  range: { readonly from: bigint; readonly to: bigint },
): Promise<VaultFact[]> {
  const { guaranteeAccount: account, domain, asset } = served;
  if (account === null) return [];
  const token = await createVaultReader({ rpc, vault: domain.vault }).token();
  const topics = [transferTopic, topicOf(account), topicOf(payee)];
  const facts: VaultFact[] = [];
  for (const log of await rpc.logs({ ...range, address: token, topics })) {
    const moved = decodeTokenTransfer(log);
    const made = await rpc.transaction(log.transactionHash);
    if (moved === null || made === null || made.to === null) continue;
    if (!equalBytes(made.from, account) || !equalBytes(made.to, token)) continue;
    const call = transferCall({ to: payee, baseUnits: moved.baseUnits });
    const voucherId = made.input.slice(call.length);
    // One that names no voucher, or something else, concerns none.
    if (!equalBytes(made.input, concatBytes(call, voucherId)) || moved.baseUnits % asset.scale !== 0n) continue;
    const units = moved.baseUnits / asset.scale;
    facts.push({
      ...{ kind: "compensated", payee, units, voucherId },
      ...{ tx: toHex(log.transactionHash), block: log.blockNumber },
    });
  }
  return facts;
}

/** An address as an event's indexed value: 12 zero bytes before it. */
function topicOf(address: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(12), address);
}

async function inputOf(rpc: Pick<ChainRpc, "transaction">, hash: string): Promise<Uint8Array | null> {
  return (await rpc.transaction(fromHex(hash, 32)))?.input ?? null;
}
