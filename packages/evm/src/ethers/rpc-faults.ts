import { vaultAbi } from "@tallystick/vault";
import { Interface, isHexString } from "ethers";
import { MAX_NODE_MESSAGE } from "../limits.ts";
import { RpcError, type RpcErrorCode } from "../rpc/rpc-error.ts";

const vaultErrors = new Interface(vaultAbi);
/** Solidity's own `require` with a text. */
const textErrors = new Interface(["error Error(string)"]);

const patterns: readonly (readonly [RegExp, RpcErrorCode])[] = [
  [/already known|already imported|known transaction/i, "ALREADY_KNOWN"],
  [/nonce too low|nonce is too low|old nonce/i, "NONCE_TOO_LOW"],
  [/replacement transaction underpriced|replacement fee too low/i, "REPLACEMENT_UNDERPRICED"],
  [/underpriced|fee too low|max fee per gas less than/i, "UNDERPRICED"],
  [/insufficient funds/i, "INSUFFICIENT_FUNDS"],
  [/revert/i, "REVERTED"],
];

/**
 * The one translation of whatever a node or the library threw. Nodes name the same refusal
 * differently; only its meaning matters. What is no refusal of a node is `UNREACHABLE`; its text
 * never shows the node's address, in which providers put their keys.
 */
export function rpcErrorOf(method: string, error: unknown): RpcError {
  const refusal = refusalOf(error);
  if (refusal === null) return new RpcError("UNREACHABLE", `${method}: the node did not answer (${reasonOf(error)}).`);
  const code = patterns.find(([pattern]) => pattern.test(refusal.message))?.[1] ?? "REFUSED";
  const message = `${method}: ${refusal.message.slice(0, MAX_NODE_MESSAGE)}`;
  if (code !== "REVERTED") return new RpcError(code, message, refusal.data);
  return new RpcError(code, message, refusal.data, revertReason(refusal.data));
}

/** The vault's name for its refusal, or the text of a `require`; null where the data is neither. */
export function revertReason(data: string | null): string | null {
  if (data === null || !isHexString(data) || data.length < 10) return null;
  try {
    const text = textErrors.parseError(data);
    if (text !== null) return String(text.args[0]);
    return vaultErrors.parseError(data)?.name ?? data.slice(0, 10);
  } catch {
    return data.slice(0, 10);
  }
}

interface Refusal {
  readonly message: string;
  readonly data: string | null;
}

/** What the node itself answered, wherever the library has put it. */
function refusalOf(error: unknown): Refusal | null {
  if (typeof error !== "object" || error === null) return null;
  const outer = error as Record<string, unknown>;
  const info = outer["info"] as Record<string, unknown> | undefined;
  for (const candidate of [outer["error"], info?.["error"]]) {
    if (typeof candidate !== "object" || candidate === null) continue;
    const inner = candidate as Record<string, unknown>;
    if (typeof inner["message"] !== "string") continue;
    return { message: inner["message"], data: typeof inner["data"] === "string" ? inner["data"] : null };
  }
  if (outer["code"] === "CALL_EXCEPTION") {
    const message = `execution reverted (${String(outer["shortMessage"] ?? "")})`;
    return { message, data: typeof outer["data"] === "string" ? outer["data"] : null };
  }
  const text = error instanceof Error ? error.message : "";
  const known = patterns.find(([pattern, code]) => code !== "REVERTED" && pattern.test(text));
  return known === undefined ? null : { message: text, data: null };
}

/** The library's short text where it has one: the long one quotes the whole request. */
function reasonOf(error: unknown): string {
  const { shortMessage } = (error ?? {}) as { readonly shortMessage?: unknown };
  if (typeof shortMessage === "string") return withoutUrls(shortMessage);
  return withoutUrls(error instanceof Error ? error.message : String(error));
}

function withoutUrls(text: string): string {
  return text.replace(/\b[a-z]+:\/\/\S+/gi, "its address").slice(0, MAX_NODE_MESSAGE);
}
