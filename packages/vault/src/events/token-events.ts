import { toHex } from "@tallystick/protocol";
import { decodeAbi, signatureHash, wordValue } from "../abi/abi-codec.ts";
import { tokenAbi } from "../abi/token-abi.ts";
import type { RawLog } from "./vault-events.ts";

/** Tokens that moved from one account to another (EIP-20). */
export interface TokenTransfer {
  readonly kind: "transfer";
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Base units of the token, not units of the vault. */
  readonly baseUnits: bigint;
}

const transfer = tokenAbi.filter((entry) => entry.type === "event").find(({ name }) => name === "Transfer");
if (transfer === undefined) throw new Error("The token's ABI has no Transfer event.");

/** The topic by which a node finds transfers; topics 1 and 2 are sender and receiver, padded to 32 bytes. */
export const transferTopic: Uint8Array = signatureHash(transfer);

/** Reads one log of the token; null for another event than a transfer. */
export function decodeTokenTransfer(log: Pick<RawLog, "topics" | "data">): TokenTransfer | null {
  const [topic, from, to] = log.topics;
  if (topic === undefined || from === undefined || to === undefined) return null;
  if (toHex(topic) !== toHex(transferTopic)) return null;
  const { value } = decodeAbi([{ name: "value", type: "uint256" }], log.data);
  return {
    kind: "transfer",
    from: wordValue("address", from) as Uint8Array,
    to: wordValue("address", to) as Uint8Array,
    baseUnits: value as bigint,
  };
}
