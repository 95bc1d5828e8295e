import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "@tallystick/protocol";
import { VaultError } from "./errors.ts";
import { type PayloadItem, readPayloadItems } from "./payload-items.ts";
import { decodeResultBitmap } from "./result-bitmap.ts";
import { vaultAbi } from "./vault-abi.ts";

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
      readonly fromEarnings: bigint;
    }
  | {
      readonly kind: "released";
      readonly card: Uint8Array;
      readonly payee: Uint8Array;
      readonly counter: number;
      readonly units: bigint;
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
type Values = Readonly<Record<string, Uint8Array>>;

const entries = new Map<string, EventEntry>(
  vaultAbi.filter((entry) => entry.type === "event").map((entry) => [toHex(hashOf(signatureOf(entry))), entry]),
);
const settleSelector = toHex(hashOf("settle(bytes)").slice(0, 4));

/**
 * Reads one log of the vault. A settlement's payload stands in the event or else in the calldata of its transaction, which
 * `inputOf` gets. Throws VaultError UNKNOWN_EVENT for what the vault does not emit and PAYLOAD_MISSING when neither place
 * holds the payload whose hash the event names.
 */
export async function decodeVaultEvent(
  log: RawLog,
  inputOf: (transactionHash: string) => Promise<Uint8Array | null>,
): Promise<VaultEvent> {
  const entry = entries.get(toHex(log.topics[0] ?? new Uint8Array(0)));
  if (entry === undefined) throw new VaultError("UNKNOWN_EVENT", { topic: toHex(log.topics[0] ?? new Uint8Array(0)) });
  const values = valuesOf(entry, log);
  if (entry.name !== "Settled") return plainEvent(entry.name, values);
  const payload = await payloadOf(log, values, inputOf);
  const items = readPayloadItems(payload);
  const paid = decodeResultBitmap(field(values, "result"), items.length);
  return {
    kind: "settled",
    submitter: address(values, "submitter"),
    batchRoot: field(values, "batchRoot"),
    ledgerRoot: field(values, "ledgerRoot"),
    items: items.map((item, index) => ({ item, paid: paid[index] === true })),
  };
}

function plainEvent(name: Exclude<EventEntry["name"], "Settled">, values: Values): VaultEvent {
  const card = (): Uint8Array => address(values, "card");
  const units = (): bigint => whole(values, "units");
  const counter = (): number => Number(whole(values, "counter"));
  switch (name) {
    case "Opened":
      return { kind: "opened", card: card(), owner: address(values, "owner") };
    case "Funded":
      return { kind: "funded", card: card(), from: address(values, "from"), units: units() };
    case "Withdrawn":
      return { kind: "withdrawn", merchant: address(values, "merchant"), to: address(values, "to"), units: units() };
    case "Refunded":
      return {
        kind: "refunded",
        merchant: address(values, "merchant"),
        card: card(),
        units: units(),
        fromEarnings: whole(values, "fromEarnings"),
      };
    case "Released":
      return { kind: "released", card: card(), payee: address(values, "payee"), counter: counter(), units: units() };
    case "WithdrawalRequested":
      return { kind: "withdrawalRequested", card: card(), units: units(), readyAt: whole(values, "readyAt") };
    case "WithdrawalCancelled":
      return { kind: "withdrawalCancelled", card: card() };
    case "CardWithdrawn":
      return { kind: "cardWithdrawn", card: card(), owner: address(values, "owner"), units: units() };
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
        first: field(values, "first"),
        second: field(values, "second"),
      };
  }
}

async function payloadOf(
  log: RawLog,
  values: Values,
  inputOf: (hash: string) => Promise<Uint8Array | null>,
): Promise<Uint8Array> {
  const wanted = toHex(field(values, "payloadHash"));
  const shown = field(values, "payload");
  if (shown.length > 0 && toHex(keccak_256(shown)) === wanted) return shown;
  const input = await inputOf(log.transactionHash);
  if (input !== null && toHex(input.slice(0, 4)) === settleSelector) {
    const payload = bytesAt(input.slice(4), 0);
    if (toHex(keccak_256(payload)) === wanted) return payload;
  }
  throw new VaultError("PAYLOAD_MISSING", { transactionHash: log.transactionHash, payloadHash: wanted });
}

/** Values by name: words for fixed types, the bytes themselves for `bytes` (ABI specification). */
function valuesOf(entry: EventEntry, log: RawLog): Values {
  const values: Record<string, Uint8Array> = {};
  let topic = 1;
  let word = 0;
  for (const input of entry.inputs) {
    if (input.indexed) values[input.name] = log.topics[topic++] ?? new Uint8Array(32);
    else if (input.type === "bytes") values[input.name] = bytesAt(log.data, 32 * word++);
    else values[input.name] = log.data.slice(32 * word, 32 * ++word);
  }
  return values;
}

function bytesAt(data: Uint8Array, head: number): Uint8Array {
  const offset = Number(number(data.slice(head, head + 32)));
  const length = Number(number(data.slice(offset, offset + 32)));
  return data.slice(offset + 32, offset + 32 + length);
}

function field(values: Values, name: string): Uint8Array {
  return values[name] ?? new Uint8Array(0);
}

function address(values: Values, name: string): Uint8Array {
  return field(values, name).slice(12);
}

function whole(values: Values, name: string): bigint {
  return number(field(values, name));
}

function number(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

function signatureOf(entry: EventEntry): string {
  return `${entry.name}(${entry.inputs.map(({ type }) => type).join(",")})`;
}

function hashOf(text: string): Uint8Array {
  return keccak_256(new TextEncoder().encode(text));
}
