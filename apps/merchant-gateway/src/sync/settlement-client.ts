import { fromHex } from "@tallystick/protocol";
import {
  MAX_STATE_NAME_LENGTH,
  type ReceiptMembers,
  receiptMembersSchema,
  statusListResponseSchema,
  type TerminalRequestBody,
  type UploadRequest,
  type UploadResponse,
  uploadResponseSchema,
} from "@tallystick/protocol/wire";
import type { z } from "zod";
import { MAX_SETTLEMENT_ANSWER_BYTES, SETTLEMENT_TIMEOUT_MS } from "../limits.ts";
import type { OfferedList } from "../status/status-lists.ts";
import { isAuthenticated } from "./reported-end.ts";

/** Why a call to settlement brought nothing. */
export type SettlementErrorCode = "SETTLEMENT_UNREACHABLE" | "SETTLEMENT_REFUSED" | "SETTLEMENT_ANSWER_UNREADABLE";

/** A call that failed; `refusal` is settlement's own code where it gave one. */
export class SettlementError extends Error {
  override readonly name = "SettlementError";
  readonly code: SettlementErrorCode;
  readonly status: number | null;
  readonly refusal: string | null;
  /** The receipt of an upload whose bytes arrived, although it was refused. */
  readonly receipt: ReceiptMembers | null;
  /** The vault's own name for why it would not do what was ordered (spec §6.13). */
  readonly vaultReason: string | null;

  constructor(
    code: SettlementErrorCode,
    message: string,
    details: {
      readonly status?: number;
      readonly refusal?: string | null;
      readonly receipt?: ReceiptMembers | null;
      readonly vaultReason?: string | null;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.status = details.status ?? null;
    this.refusal = details.refusal ?? null;
    this.receipt = details.receipt ?? null;
    this.vaultReason = details.vaultReason ?? null;
  }
}

/** Where settlement has a voucher. */
export interface FollowedVoucher {
  readonly state: string;
  readonly batch: string | null;
  readonly tx: string | null;
  /** Refunds of it in final blocks; amounts are decimal strings in display units. */
  readonly refunds: readonly { readonly amount: string; readonly tx: string }[];
}

/** What a gateway asks settlement for; an HTTP client here, a script in tests. */
export interface SettlementPort {
  /** Whether something authenticates its answers (spec §5.8). */
  readonly authenticated: boolean;
  upload(request: UploadRequest): Promise<UploadResponse>;
  statusList(): Promise<OfferedList>;
  /**
   * Where settlement has vouchers, by their ids as hex; null for one that it does not know. Null
   * where it cannot be asked now: the next exchange brings what that needs.
   */
  vouchers(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, FollowedVoucher | null> | null>;
}

/** What is asked over HTTP; what a terminal signs for it stands in `requests`. */
export type SettlementClient = Omit<SettlementPort, "vouchers"> & {
  request(body: TerminalRequestBody): Promise<unknown>;
};

/** Asks settlement over HTTP. */
export function createSettlementClient(baseUrl: string): SettlementClient {
  return {
    authenticated: isAuthenticated(baseUrl),
    upload: async (request) => readAs(uploadResponseSchema, await call(baseUrl, "/v1/uploads", request)),
    statusList: async () => {
      const { head, signature, list } = readAs(statusListResponseSchema, await call(baseUrl, "/v1/status-list"));
      return {
        head: fromHex(head),
        signature: fromHex(signature),
        packedList: Uint8Array.from(Buffer.from(list, "base64")),
      };
    },
    request: async (body) => await call(baseUrl, "/v1/requests", body),
  };
}

/** An answer by its schema. Throws SETTLEMENT_ANSWER_UNREADABLE. */
export function readAs<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SettlementError(
    "SETTLEMENT_ANSWER_UNREADABLE",
    `Settlement answered something unreadable: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}.`,
  );
}

async function call(baseUrl: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl}${path}`, {
      signal: AbortSignal.timeout(SETTLEMENT_TIMEOUT_MS),
      redirect: "error",
      ...(body === undefined
        ? {}
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    text = await readLimited(response);
  } catch (error) {
    if (error instanceof SettlementError) throw error;
    throw new SettlementError(
      "SETTLEMENT_UNREACHABLE",
      `Settlement is not reachable at ${baseUrl}: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Judged below: an error may come without JSON, a success may not.
  }
  if (response.ok && json !== null) return json;
  const status = response.status;
  if (response.ok)
    throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement answered no JSON.", { status });
  // A gateway or proxy on the way (5xx) is a settlement out of reach; only a 4xx comes from
  // settlement itself.
  if (status >= 500)
    throw new SettlementError(
      "SETTLEMENT_UNREACHABLE",
      `Settlement is not reachable: something on the way answered ${status}.`,
      { status },
    );
  const refusal = textIn(json, "code");
  throw new SettlementError(
    "SETTLEMENT_REFUSED",
    `Settlement refused the call with ${status}${refusal === null ? "" : ` ${refusal}`}.`,
    { status, refusal, receipt: receiptIn(json), vaultReason: textIn(json, "reason") },
  );
}

/** A member of a problem document, cut to what a name may have; null where it has none. */
function textIn(json: unknown, member: string): string | null {
  const value: unknown = typeof json === "object" && json !== null ? Reflect.get(json, member) : undefined;
  return typeof value === "string" ? value.slice(0, MAX_STATE_NAME_LENGTH) : null;
}

/** The receipt that a problem document brings; null where it has none. */
function receiptIn(json: unknown): ReceiptMembers | null {
  const { success, data } = receiptMembersSchema.safeParse(json);
  return success && data.receipt !== undefined ? data : null;
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_SETTLEMENT_ANSWER_BYTES) {
      throw new SettlementError(
        "SETTLEMENT_ANSWER_UNREADABLE",
        `Settlement's answer is longer than ${MAX_SETTLEMENT_ANSWER_BYTES} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
