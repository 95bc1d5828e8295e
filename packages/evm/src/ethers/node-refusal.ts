import { MAX_NODE_MESSAGE } from "../limits.ts";
import { RpcError, type RpcErrorCode } from "../rpc/rpc-error.ts";
import { cleanText } from "./clean-text.ts";
import { describeRevert, revertReason } from "./revert-reason.ts";

/** The error of a JSON-RPC answer. */
export interface NodeRefusal {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly data?: unknown;
}

/** Nodes name the same refusal differently; only its meaning matters. The first that fits counts. */
const patterns: readonly (readonly [RegExp, RpcErrorCode])[] = [
  [/already known|already imported|known transaction/i, "ALREADY_KNOWN"],
  [/nonce too low|nonce is too low|old nonce/i, "NONCE_TOO_LOW"],
  [/replacement transaction underpriced|replacement fee too low/i, "REPLACEMENT_UNDERPRICED"],
  [/underpriced|fee too low|max fee per gas less than/i, "UNDERPRICED"],
  [/insufficient funds/i, "INSUFFICIENT_FUNDS"],
  [
    /gas required exceeds|exceeds (?:the )?block gas limit|intrinsic gas too high|CallGasCostMoreThanGasLimit|gas limit (?:is )?too high|exceeds transaction gas limit|out of ?gas/i,
    "GAS_LIMIT",
  ],
  [/rate.?limit|too many requests|request rate|compute units|capacity exceeded/i, "RATE_LIMITED"],
];

/** How nodes say that a range of blocks holds, or is, too much. */
const tooWide =
  /block range|blocks? range|range (?:is )?too|range limit|too many (?:blocks|results|logs)|more than \d+ (?:results|logs|blocks)|exceeds? (?:max|maximum|the (?:max|limit)|limit)|limit(?:ed)? (?:exceeded|to)|response (?:size|is|too)|too (?:large|big)|up to (?:a )?\d+/i;

/** Codes of JSON-RPC with which nodes refuse a wide range, if they say nothing else. */
const wideCodes: readonly unknown[] = [-32_005, -32_600, -32_602, -32_614];

/** A node's words for a call that is undone, at their beginning: elsewhere they are talk. */
const undone = /^(?:execution reverted|VM Exception while processing transaction: revert|reverted\b|revert$)/i;

/** The one translation of what a node refused. */
export function refusalOf(method: string, refusal: NodeRefusal): RpcError {
  const message = typeof refusal.message === "string" ? refusal.message : "";
  const data = hexData(refusal.data);
  const code = codeOf(method, refusal, message, data);
  const said = cleanText(message, MAX_NODE_MESSAGE);
  if (code !== "REVERTED") return new RpcError(code, `${method}: ${said}`, data);
  return new RpcError(code, `${method}: ${describeRevert(data) ?? said}`, data, revertReason(data));
}

function codeOf(method: string, refusal: NodeRefusal, message: string, data: string | null): RpcErrorCode {
  // A contract's own text may hold any of the words below.
  if (refusal.code === 3 || undone.test(message)) return "REVERTED";
  const known = patterns.find(([pattern]) => pattern.test(message))?.[1];
  if (known !== undefined) return known;
  if (refusal.code === 429) return "RATE_LIMITED";
  if (method === "eth_getLogs" && (tooWide.test(message) || wideCodes.includes(refusal.code))) return "RANGE_TOO_WIDE";
  // "Limit exceeded" (EIP-1474): for anything but logs it is about how often one asks.
  if (refusal.code === -32_005) return "RATE_LIMITED";
  return data !== null && /revert/i.test(message) ? "REVERTED" : "REFUSED";
}

/** Some nodes put the data one level down. */
function hexData(data: unknown): string | null {
  const found = typeof data === "object" && data !== null ? (data as { readonly data?: unknown }).data : data;
  return typeof found === "string" && /^0x[0-9a-f]*$/i.test(found) ? found : null;
}
