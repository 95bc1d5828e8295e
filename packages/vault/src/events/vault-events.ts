import { keccak_256 } from "@noble/hashes/sha3.js";
import { isZero, toHex } from "@tallystick/protocol";
import { type AbiValues, decodeAbi, signatureHash, wordValue } from "../abi/abi-codec.ts";
import { decodeVaultCall } from "../abi/contract-calls.ts";
import { VaultError } from "../errors.ts";
import { type PayloadItem, readPayloadItems } from "../payload/payload-items.ts";
import { decodeResultBitmap } from "../payload/result-bitmap.ts";
import { vaultAbi } from "../abi/vault-abi.ts";
import { refundedVoucher } from "../calls/vault-calls.ts";

/** A log as a node shows it. */
export interface RawLog {
  readonly blockNumber: bigint;
  readonly transactionHash: string;
  /** 32 bytes each. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** An item of a settlement and whether it was paid. */
export interface SettledItem {
  readonly item: PayloadItem;
  readonly paid: boolean;
}

/** What the vault tells in its events (spec §7.9); amounts in units. */
export type VaultEvent =
  | { readonly kind: "opened"; readonly card: Uint8Array; readonly owner: Uint8Array }
  | { readonly kind: "funded"; readonly card: Uint8Array; readonly from: Uint8Array; readonly units: bigint }
  | {
      readonly kind: "settled";
      readonly submitter: Uint8Array;
      /** Keccak-256 of the payload: it names the batch. */
      readonly payloadHash: Uint8Array;
      /** One bit an item, low bit first: 1 was paid. */
      readonly result: Uint8Array;
      readonly batchRoot: Uint8Array;
      readonly ledgerRoot: Uint8Array;
      readonly items: readonly SettledItem[];
    }
  | { readonly kind: "withdrawn"; readonly merchant: Uint8Array; readonly to: Uint8Array; readonly units: bigint }
  | {
      readonly kind: "refunded";
      readonly merchant: Uint8Array;
      readonly card: Uint8Array;
      readonly units: bigint;
      /** The part that had not been withdrawn; the rest came out of the merchant's tokens. */
      readonly fromEarnings: bigint;
      /** The voucher that the call named (spec §6.2), 32 bytes; null where it named none. */
      readonly voucherId: Uint8Array | null;
    }
  | {
      readonly kind: "released";
      readonly card: Uint8Array;
      readonly payee: Uint8Array;
      readonly counter: number;
      readonly units: bigint;
    }
  | {
      readonly kind: "delegateSet";
      readonly payee: Uint8Array;
      readonly delegate: Uint8Array;
      readonly unitsPerDay: bigint;
    }
  | { readonly kind: "reserveSet"; readonly payee: Uint8Array; readonly units: bigint }
  | {
      /** Stands behind the refund or the release that it belongs to (spec §7.11). */
      readonly kind: "returned";
      readonly payee: Uint8Array;
      /** Null for the payee's own release. */
      readonly delegate: Uint8Array | null;
      /** 32 bytes. */
      readonly voucherId: Uint8Array;
      readonly units: bigint;
      /** Days since 1970: in whose sum the units count. */
      readonly day: number;
    }
  | { readonly kind: "voided"; readonly card: Uint8Array; readonly counter: number }
  | { readonly kind: "voidRequested"; readonly card: Uint8Array; readonly counter: number; readonly readyAt: bigint }
  | {
      readonly kind: "withdrawalRequested";
      readonly card: Uint8Array;
      readonly units: bigint;
      readonly readyAt: bigint;
    }
  | { readonly kind: "withdrawalCancelled"; readonly card: Uint8Array }
  | { readonly kind: "cardWithdrawn"; readonly card: Uint8Array; readonly owner: Uint8Array; readonly units: bigint }
  | { readonly kind: "advanced"; readonly card: Uint8Array; readonly base: number }
  | {
      readonly kind: "equivocationProved";
      readonly card: Uint8Array;
      readonly first: Uint8Array;
      readonly second: Uint8Array;
    };

type EventEntry = Extract<(typeof vaultAbi)[number], { type: "event" }>;

/** Gets the calldata of a transaction; null where the node does not know it. */
export type InputOf = (transactionHash: string) => Promise<Uint8Array | null>;

const entries = new Map<string, EventEntry>(
  vaultAbi.filter((entry) => entry.type === "event").map((entry) => [toHex(signatureHash(entry)), entry]),
);

/** The topics by which a node finds the vault's events of these names, 32 bytes each. */
export function vaultTopics(names: readonly EventEntry["name"][]): readonly Uint8Array[] {
  return [...entries.values()].filter(({ name }) => names.includes(name)).map((entry) => signatureHash(entry));
}

/**
 * Reads one log of the vault. A settlement's payload stands in the event or else in the calldata of its transaction, which
 * `inputOf` gets. Throws VaultError UNKNOWN_EVENT for what the vault does not emit and PAYLOAD_MISSING when neither place
 * holds the payload whose hash the event names.
 */
export async function decodeVaultEvent(log: RawLog, inputOf: InputOf): Promise<VaultEvent> {
  const topic = toHex(log.topics[0] ?? new Uint8Array(0));
  const entry = entries.get(topic);
  if (entry === undefined) throw new VaultError("UNKNOWN_EVENT", { topic });
  const values = valuesOf(entry, log);
  if (entry.name === "Settled") return settledEvent(values, await payloadOf(log, values, inputOf));
  if (entry.name === "Refunded") return refundedEvent(values, await inputOf(log.transactionHash));
  return plainEvent(entry.name, values);
}

function settledEvent(values: AbiValues, payload: Uint8Array): VaultEvent {
  const items = readPayloadItems(payload);
  const result = bytes(values, "result");
  const paid = decodeResultBitmap(result, items.length);
  return {
    kind: "settled",
    submitter: bytes(values, "submitter"),
    payloadHash: bytes(values, "payloadHash"),
    result,
    batchRoot: bytes(values, "batchRoot"),
    ledgerRoot: bytes(values, "ledgerRoot"),
    items: items.map((item, index) => ({ item, paid: paid[index] === true })),
  };
}

function refundedEvent(values: AbiValues, input: Uint8Array | null): VaultEvent {
  return {
    kind: "refunded",
    merchant: bytes(values, "merchant"),
    card: bytes(values, "card"),
    units: whole(values, "units"),
    fromEarnings: whole(values, "fromEarnings"),
    voucherId: input === null ? null : refundedVoucher(input),
  };
}

function plainEvent(name: Exclude<EventEntry["name"], "Settled" | "Refunded">, values: AbiValues): VaultEvent {
  const card = (): Uint8Array => bytes(values, "card");
  const units = (): bigint => whole(values, "units");
  const counter = (): number => Number(whole(values, "counter"));
  switch (name) {
    case "Opened":
      return { kind: "opened", card: card(), owner: bytes(values, "owner") };
    case "Funded":
      return { kind: "funded", card: card(), from: bytes(values, "from"), units: units() };
    case "Withdrawn":
      return { kind: "withdrawn", merchant: bytes(values, "merchant"), to: bytes(values, "to"), units: units() };
    case "Released":
      return { kind: "released", card: card(), payee: bytes(values, "payee"), counter: counter(), units: units() };
    case "DelegateSet":
    case "ReserveSet":
    case "Returned":
      return payeeEvent(name, values);
    case "WithdrawalRequested":
      return { kind: "withdrawalRequested", card: card(), units: units(), readyAt: whole(values, "readyAt") };
    case "WithdrawalCancelled":
      return { kind: "withdrawalCancelled", card: card() };
    case "CardWithdrawn":
      return { kind: "cardWithdrawn", card: card(), owner: bytes(values, "owner"), units: units() };
    case "VoidRequested":
      return { kind: "voidRequested", card: card(), counter: counter(), readyAt: whole(values, "readyAt") };
    case "Voided":
      return { kind: "voided", card: card(), counter: counter() };
    case "Advanced":
      return { kind: "advanced", card: card(), base: Number(whole(values, "base")) };
    case "EquivocationProved":
      return {
        kind: "equivocationProved",
        card: card(),
        first: bytes(values, "first"),
        second: bytes(values, "second"),
      };
  }
}

function payeeEvent(name: "DelegateSet" | "ReserveSet" | "Returned", values: AbiValues): VaultEvent {
  const payee = bytes(values, "payee");
  if (name === "ReserveSet") return { kind: "reserveSet", payee, units: whole(values, "units") };
  const delegate = bytes(values, "delegate");
  if (name === "DelegateSet")
    return { kind: "delegateSet", payee, delegate, unitsPerDay: whole(values, "unitsPerDay") };
  return {
    kind: "returned",
    payee,
    delegate: isZero(delegate) ? null : delegate,
    voucherId: bytes(values, "voucherId"),
    units: whole(values, "units"),
    day: Number(whole(values, "day")),
  };
}

async function payloadOf(log: RawLog, values: AbiValues, inputOf: InputOf): Promise<Uint8Array> {
  const wanted = toHex(bytes(values, "payloadHash"));
  const shown = bytes(values, "payload");
  if (shown.length > 0 && toHex(keccak_256(shown)) === wanted) return shown;
  const input = await inputOf(log.transactionHash);
  const called = input === null ? null : decodeVaultCall("settle", input);
  if (called !== null) {
    const payload = bytes(called.values, "payload");
    if (toHex(keccak_256(payload)) === wanted) return payload;
  }
  throw new VaultError("PAYLOAD_MISSING", { transactionHash: log.transactionHash, payloadHash: wanted });
}

/** Indexed values stand in the topics, the others in the data (ABI specification). */
function valuesOf(entry: EventEntry, log: RawLog): AbiValues {
  const values: Record<string, Uint8Array | bigint> = {
    ...decodeAbi(
      entry.inputs.filter(({ indexed }) => !indexed),
      log.data,
    ),
  };
  entry.inputs
    .filter(({ indexed }) => indexed)
    .forEach(({ name, type }, index) => {
      values[name] = wordValue(type, log.topics[index + 1] ?? new Uint8Array(32));
    });
  return values;
}

function bytes(values: AbiValues, name: string): Uint8Array {
  return values[name] as Uint8Array;
}

function whole(values: AbiValues, name: string): bigint {
  return values[name] as bigint;
}
