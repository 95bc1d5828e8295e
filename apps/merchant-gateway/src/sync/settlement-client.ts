import { fromHex } from "@tallystick/protocol";
import {
  MAX_STATE_NAME_LENGTH,
  type ReceiptMembers,
  statusListResponseSchema,
  type TerminalRequestBody,
  type UploadRequest,
  type UploadResponse,
  uploadResponseSchema,
  withdrawalMembersSchema,
} from "@tallystick/protocol/wire";
import { z } from "zod";
import type { OfferedList } from "../status/status-lists.ts";
import { CertifiedPost } from "./certified-post.ts";
import { createLine, type LineAnswer, type LineOptions, type LineRequest } from "./line/http-line.ts";
import { LineError, type LineFaultCode } from "./line/line-fault.ts";
import { isAuthenticated } from "./reported-end.ts";

/**
 * Why a call to settlement brought nothing: it did not come through, settlement said no, or what it
 * said cannot be read.
 */
export type SettlementErrorCode = "SETTLEMENT_UNREACHABLE" | "SETTLEMENT_REFUSED" | "SETTLEMENT_ANSWER_UNREADABLE";

/**
 * Who says that an upload cannot be taken as it is: settlement itself, or anybody on the way (spec
 * §5.8).
 */
export type UploadVerdictBy = "settlement" | "anybody";

interface SettlementErrorDetails {
  readonly status?: number;
  readonly line?: LineFaultCode | null;
  readonly refusal?: string | null;
  readonly receipt?: ReceiptMembers | null;
  readonly against?: UploadVerdictBy | null;
  readonly vaultReason?: string | null;
  readonly withdrawnFrom?: number | null;
}

/** A call that failed. */
export class SettlementError extends Error {
  override readonly name = "SettlementError";
  readonly code: SettlementErrorCode;
  readonly status: number | null;
  /** What happened on the way, where it was that. */
  readonly line: LineFaultCode | null;
  /** Settlement's own code, where it gave one. */
  readonly refusal: string | null;
  /** The receipt of an upload whose bytes arrived, although it was refused. */
  readonly receipt: ReceiptMembers | null;
  /** The vault's own name for why it would not do what was ordered (spec §6.13). */
  readonly vaultReason: string | null;
  /** Seconds from which on the issuer has withdrawn the terminal's certificate, where it said so. */
  readonly withdrawnFrom: number | null;
  /** Set where this counts against the upload that was sent. */
  readonly against: UploadVerdictBy | null;

  constructor(code: SettlementErrorCode, message: string, details: SettlementErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = details.status ?? null;
    this.line = details.line ?? null;
    this.refusal = details.refusal ?? null;
    this.receipt = details.receipt ?? null;
    this.vaultReason = details.vaultReason ?? null;
    this.withdrawnFrom = details.withdrawnFrom ?? null;
    this.against = details.against ?? null;
  }

  /** The one code that names the cause. */
  get reason(): string {
    return this.line ?? this.refusal ?? this.code;
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

/** A problem document of settlement's, with the receipt of an upload that was refused. */
const problemSchema = z.object({
  code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
  detail: z.string().max(1_024).optional().catch(undefined),
  reason: z.string().max(MAX_STATE_NAME_LENGTH).optional().catch(undefined),
  receipt: z.string().optional(),
  receiptSignature: z.string().optional(),
  withdrawnFrom: withdrawalMembersSchema.shape.withdrawnFrom.catch(undefined),
});

/** Asks settlement over HTTP. */
export function createSettlementClient(baseUrl: string, options: LineOptions = {}): SettlementClient {
  const line = createLine(baseUrl, options);
  const call = async (request: LineRequest): Promise<unknown> => {
    try {
      return readAnswer(await line(request));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      throw new SettlementError("SETTLEMENT_UNREACHABLE", error.message, { line: error.code });
    }
  };
  const certified = new CertifiedPost((path, body) => call({ path, body }));
  return {
    authenticated: isAuthenticated(baseUrl),
    upload: async ({ receipt, receiptSignature, ...form }) => {
      const along = receipt === undefined ? {} : { receipt, receiptSignature };
      return readAs(uploadResponseSchema, await certified.send("/v1/uploads", "upload", form, along));
    },
    statusList: async () => {
      const answer = readAs(statusListResponseSchema, await call({ path: "/v1/status-list" }));
      const { list, heads = [], ...own } = answer;
      const [first, ...others] = [own, ...heads].map(({ head, signature }) => ({
        head: fromHex(head),
        signature: fromHex(signature),
      }));
      if (first === undefined) throw new RangeError("A list has a head.");
      const along = others.length === 0 ? {} : { others };
      return { ...first, packedList: Uint8Array.from(Buffer.from(list, "base64")), ...along };
    },
    request: async (body) => await certified.send("/v1/requests", "request", body),
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

/** The JSON of a success. Throws SettlementError for everything else, named by who said it. */
export function readAnswer(answer: LineAnswer): unknown {
  const { status, mediaType, text } = answer;
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && mediaType === "application/json") {
    const json = jsonOf(text);
    if (json !== null) return json;
    throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement answered no JSON.", { status });
  }
  const problem = isSuccess || mediaType !== "application/problem+json" ? null : problemSchema.safeParse(jsonOf(text));
  if (problem?.success === true) throw refusedBySettlement(status, problem.data);
  const code = faultOfAnswer(answer);
  const named = mediaType === "" ? "without a media type" : mediaType;
  const { message } = new LineError(code, `${status}, ${named}`);
  if (code === "LINE_BODY_TOO_LARGE")
    throw new SettlementError("SETTLEMENT_REFUSED", message, { status, line: code, against: "anybody" });
  throw new SettlementError("SETTLEMENT_UNREACHABLE", message, { status, line: code });
}

/** What settlement itself says against an upload as it is (spec §5.8). */
const againstUpload: ReadonlySet<string> = new Set(["MALFORMED_UPLOAD", "PAYLOAD_TOO_LARGE"]);

function refusedBySettlement(status: number, problem: z.infer<typeof problemSchema>): SettlementError {
  const { code: refusal, detail, reason = null, receipt, receiptSignature, withdrawnFrom = null } = problem;
  const text = detail === undefined ? "" : `: ${detail}`;
  if (status >= 500)
    return new SettlementError("SETTLEMENT_UNREACHABLE", `Settlement cannot answer now (${refusal}${text}).`, {
      ...{ status, refusal },
    });
  const against = againstUpload.has(refusal) ? "settlement" : status === 413 ? "anybody" : null;
  return new SettlementError("SETTLEMENT_REFUSED", `Settlement refused the call (${refusal}${text}).`, {
    ...{ status, refusal, against, vaultReason: reason, withdrawnFrom },
    ...{ receipt: receipt === undefined ? null : { receipt, receiptSignature } },
  });
}

/** Who may have answered in settlement's place. */
function faultOfAnswer({ status, mediaType }: LineAnswer): LineFaultCode {
  if (status === 413) return "LINE_BODY_TOO_LARGE";
  const isPage = mediaType === "text/html" || mediaType === "application/xhtml+xml";
  const isRedirect = status >= 300 && status < 400;
  const wantsLogin = isRedirect || [401, 407, 511].includes(status) || (isPage && status < 500);
  return wantsLogin || (status < 300 && mediaType !== "application/json") ? "LINE_LOGIN_PAGE" : "LINE_OTHER_ANSWERED";
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
