import {
  allowanceResponseSchema,
  cardRegistrationResponseSchema,
  certificateResponseSchema,
  type AllowanceRequest,
  type AllowanceResponse,
  type CardRegistration,
  type CardRegistrationResponse,
  type CertificateResponse,
  type MerchantRequest,
  uploadResponseSchema,
  type UploadRequest,
  type UploadResponse,
} from "@tallystick/protocol/wire";
import { redactUrl } from "@tallystick/program";
import { type z } from "zod";
import type { FundingRequest, LimitChange, KeysChange, CardSearch } from "./requests.ts";
import { Failure } from "../failures.ts";
import { HTTP_TIMEOUT_MS, MAX_ANSWER_BYTES, REPORT_TIMEOUT_MS } from "../limits.ts";
import {
  anyAnswerSchema,
  cardAnswerSchema,
  cardListAnswerSchema,
  domainAnswerSchema,
  floatAnswerSchema,
  fundingAnswerSchema,
  issuerAnswerSchema,
  keysAnswerSchema,
  moneyAnswerSchema,
  problemSchema,
  readinessAnswerSchema,
  replacementAnswerSchema,
  statusAnswerSchema,
  voucherAnswerSchema,
} from "./schemas.ts";

export type { FundingRequest, LimitChange, KeysChange, CardSearch } from "./requests.ts";

export type DomainAnswer = z.output<typeof domainAnswerSchema>;
export type FundingAnswer = z.output<typeof fundingAnswerSchema>;
export type IssuerAnswer = z.output<typeof issuerAnswerSchema>;
export type KeysAnswer = z.output<typeof keysAnswerSchema>;
export type MoneyAnswer = z.output<typeof moneyAnswerSchema>;
export type CardListAnswer = z.output<typeof cardListAnswerSchema>;
export type FloatAnswer = z.output<typeof floatAnswerSchema>;
export type ReplacementAnswer = z.output<typeof replacementAnswerSchema>;
export type ReadinessAnswer = z.output<typeof readinessAnswerSchema>;
export type VoucherAnswer = z.output<typeof voucherAnswerSchema>;
export type CardAnswer = z.output<typeof cardAnswerSchema>;

/** A refusal by the settlement that a step may expect. */
export interface Refused {
  readonly refused: string;
  readonly detail: string;
}

export function isRefused(answer: object): answer is Refused {
  return "refused" in answer;
}

/** The settlement's calls that a personalization needs. All may be repeated without a second effect. */
export interface SettlementClient {
  domain(): Promise<DomainAnswer>;
  /** Whose the token is; it is refused where it is no issuer's. */
  issuer(): Promise<IssuerAnswer>;
  /** The issuer's money as settlement counts it. */
  money(): Promise<MoneyAnswer>;
  /** Cards of the register, a page of them. */
  cards(search: CardSearch): Promise<CardListAnswer>;
  registerCard(registration: CardRegistration): Promise<CardRegistrationResponse>;
  card(card: string): Promise<CardAnswer>;
  fund(card: string, funding: FundingRequest): Promise<FundingAnswer>;
  /** The newest allowance that was signed for the card; null where there is none. */
  latestAllowance(card: string): Promise<AllowanceResponse | null>;
  /** Suspended and valid reach the card itself too, by an allowance of its mailbox (spec §6.10). */
  setStatus(card: string, change: { readonly status: string; readonly reason: string }): Promise<void>;
  /** Has the card's next allowance signed with other limits; answers it. */
  changeLimits(card: string, change: LimitChange & { readonly reason: string }): Promise<AllowanceResponse>;
  /** Writes down the master key of a card's keys, and has its allowance signed by an issuer key. */
  changeKeys(card: string, change: KeysChange): Promise<KeysAnswer>;
  funding(id: string): Promise<FundingAnswer>;
  /** Gives a deposit up that is not signed yet. */
  abandonFunding(id: string, reason: string): Promise<void>;
  /** This station makes the card of a reference; `takeOver` from whichever station has it. */
  claimReference(reference: string, takeOver: boolean): Promise<object | Refused>;
  /** It makes it no more; nothing where another station has claimed it. */
  releaseReference(reference: string): Promise<void>;
  /** Another reference for a card that never had money. */
  renameCard(card: string, change: { readonly reference: string; readonly reason: string }): Promise<void>;
  /** FUNDING_RULE and CARD_NOT_OPEN are answers: the chain is not final yet. */
  issueAllowance(card: string, request: AllowanceRequest): Promise<AllowanceResponse | Refused>;
  certify(request: MerchantRequest): Promise<CertificateResponse>;
  upload(request: UploadRequest): Promise<UploadResponse>;
  /** Lets another card take the place of this one; asked again it has one effect (spec §6.10). */
  replace(card: string, by: { readonly successor: string; readonly reason: string }): Promise<ReplacementAnswer>;
  /** How far a replacement is; null where no card replaces this one. */
  replacement(card: string): Promise<ReplacementAnswer | null>;
  /** What is on cards. */
  float(): Promise<FloatAnswer>;
  /** Whether money moves, and why not (spec §6.14). */
  readiness(): Promise<ReadinessAnswer>;
  /** Its clock, in seconds; null where its answer has no date. */
  time(): Promise<number | null>;
  /** Gives settlement a signed report of an order, whose text it keeps as it is (spec §6.10). */
  sendReport(report: string): Promise<void>;
  /** What became of a payment (spec §6.7). */
  voucher(id: string): Promise<VoucherAnswer>;
}

const notFinalYet: readonly string[] = ["FUNDING_RULE", "CARD_NOT_OPEN"];

/** Throws Failure SETTLEMENT_UNREACHABLE, SETTLEMENT_REFUSED or SETTLEMENT_ANSWER. */
export function createSettlementClient(options: {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** Where the calls are made, for the audit log. */
  readonly station?: string | undefined;
  /** Who makes them. */
  readonly operator?: string | undefined;
}): SettlementClient {
  const call = async <T>(
    schema: z.ZodType<T>,
    { expected = [], ...request }: Sent & { expected?: readonly string[] },
  ): Promise<T | Refused> => {
    const { path } = request;
    const response = await send(options, request);
    const content = await readJson(response, path);
    if (response.ok) return readAnswer(schema, content, path);
    const problem = problemSchema.safeParse(content);
    const code = problem.success ? problem.data.code : `HTTP ${response.status}`;
    const detail = (problem.success ? problem.data.detail : undefined) ?? "";
    if (expected.includes(code)) return { refused: code, detail };
    // What the server cannot do now it may do later; what it will not do is for a person to correct.
    if (response.status >= 500) throw new Failure("SETTLEMENT_UNREACHABLE", `It says ${code}: ${detail}`.trim());
    throw new Failure("SETTLEMENT_REFUSED", `${path}: ${code}. ${detail}`.trim());
  };
  const sure = async <T>(schema: z.ZodType<T>, request: Sent): Promise<T> => (await call(schema, request)) as T;
  return {
    domain: () => sure(domainAnswerSchema, { path: "/v1/domain" }),
    issuer: () => sure(issuerAnswerSchema, { path: "/v1/issuer" }),
    money: () => sure(moneyAnswerSchema, { path: "/v1/reconciliation" }),
    cards: (search) => {
      const query = new URLSearchParams(Object.entries(search)).toString();
      return sure(cardListAnswerSchema, { path: `/v1/cards${query === "" ? "" : `?${query}`}` });
    },
    registerCard: (body) => sure(cardRegistrationResponseSchema, { path: "/v1/cards", body }),
    card: (card) => sure(cardAnswerSchema, { path: `/v1/cards/${card}` }),
    fund: (card, body) => sure(fundingAnswerSchema, { path: `/v1/cards/${card}/fundings`, body }),
    funding: (id) => sure(fundingAnswerSchema, { path: `/v1/fundings/${encodeURIComponent(id)}` }),
    ...takingBack(call),
    latestAllowance: async (card) => {
      const request = { path: `/v1/cards/${card}/allowances/latest`, expected: ["NOT_FOUND"] };
      const answer = await call(allowanceResponseSchema, request);
      return isRefused(answer) ? null : answer;
    },
    changeLimits: (card, body) => sure(allowanceResponseSchema, { path: `/v1/cards/${card}/limits`, body }),
    changeKeys: (card, body) => sure(keysAnswerSchema, { path: `/v1/cards/${card}/keys`, body }),
    issueAllowance: (card, body) =>
      call(allowanceResponseSchema, { path: `/v1/cards/${card}/allowances`, body, expected: notFinalYet }),
    certify: (body) => sure(certificateResponseSchema, { path: "/v1/merchants", body }),
    upload: (body) => sure(uploadResponseSchema, { path: "/v1/uploads", body }),
    replace: (card, body) => sure(replacementAnswerSchema, { path: `/v1/cards/${card}/replacement`, body }),
    replacement: async (card) => {
      const request = { path: `/v1/cards/${card}/replacement`, expected: ["NOT_FOUND"] };
      const answer = await call(replacementAnswerSchema, request);
      return isRefused(answer) ? null : answer;
    },
    float: () => sure(floatAnswerSchema, { path: "/v1/float" }),
    readiness: async () => {
      const path = "/v1/readiness";
      return readAnswer(readinessAnswerSchema, await readJson(await send(options, { path }), path), path);
    },
    time: async () => {
      const response = await send(options, { path: "/v1/domain" });
      await response.body?.cancel();
      const ms = Date.parse(response.headers.get("date") ?? "");
      return Number.isNaN(ms) ? null : Math.floor(ms / 1_000);
    },
    sendReport: async (report) => {
      await sure(anyAnswerSchema, { path: "/v1/order-reports", body: { report }, timeoutMs: REPORT_TIMEOUT_MS });
    },
    voucher: (id) => sure(voucherAnswerSchema, { path: `/v1/vouchers/${id}` }),
  };
}

type Call = <T>(schema: z.ZodType<T>, request: Sent & { expected?: readonly string[] }) => Promise<T | Refused>;

/** Calls about a card that move no money. */
function takingBack(
  call: Call,
): Pick<SettlementClient, "setStatus" | "abandonFunding" | "claimReference" | "releaseReference" | "renameCard"> {
  return {
    setStatus: async (card, body) => {
      const { status, reason } = body;
      const path = { suspended: "suspension", valid: "release" }[status];
      if (path !== undefined) await call(statusAnswerSchema, { path: `/v1/cards/${card}/${path}`, body: { reason } });
      else await call(statusAnswerSchema, { path: `/v1/cards/${card}/status`, body, method: "PUT" });
    },
    abandonFunding: async (id, reason) => {
      await call(fundingAnswerSchema, { path: `/v1/fundings/${encodeURIComponent(id)}/abandon`, body: { reason } });
    },
    claimReference: (reference, takeOver) =>
      call(anyAnswerSchema, {
        ...{ path: "/v1/references/claim", body: { reference, takeOver } },
        expected: ["REFERENCE_CLAIMED"],
      }),
    releaseReference: async (reference) => {
      // Another station's by now: this one has none to give up.
      const expected = ["REFERENCE_CLAIMED"];
      await call(anyAnswerSchema, { path: "/v1/references/release", body: { reference }, expected });
    },
    renameCard: async (card, body) => {
      const answer = await call(anyAnswerSchema, {
        ...{ path: `/v1/cards/${card}/reference`, body },
        expected: ["CARD_UNKNOWN", "CARD_HAS_MONEY"],
      });
      if (isRefused(answer) && answer.refused === "CARD_HAS_MONEY") throw new Failure("CARD_HAS_MONEY");
    },
  };
}

/** One call as it is sent: GET without a body, POST with one where nothing else is said. */
interface Sent {
  readonly path: string;
  readonly body?: object;
  readonly method?: "PUT";
  /** Of a call that takes longer than others to arrive. */
  readonly timeoutMs?: number;
}

async function send(options: Parameters<typeof createSettlementClient>[0], request: Sent): Promise<Response> {
  const { path, body, method = body === undefined ? "GET" : "POST", timeoutMs = HTTP_TIMEOUT_MS } = request;
  const { url, token, signal, station, operator } = options;
  try {
    return await fetch(`${url}${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(station === undefined ? {} : { "tallystick-station": station }),
        ...(operator === undefined ? {} : { "tallystick-operator": operator }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A bearer token follows nobody to another address.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    if (signal.aborted) throw new Failure("INTERRUPTED");
    const cause = (error as { cause?: { code?: unknown } }).cause?.code;
    throw new Failure("SETTLEMENT_UNREACHABLE", `(${redactUrl(url)}${typeof cause === "string" ? `, ${cause}` : ""})`);
  }
}

async function readJson(response: Response, path: string): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch {
    throw new Failure("SETTLEMENT_UNREACHABLE", "Its answer was cut off.");
  }
  if (text.length > MAX_ANSWER_BYTES) throw new Failure("SETTLEMENT_ANSWER", `${path} answered ${text.length} bytes.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (!response.ok) return {};
    throw new Failure("SETTLEMENT_ANSWER", `${path} answered no JSON.`);
  }
}

function readAnswer<T>(schema: z.ZodType<T>, content: unknown, path: string): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path: at, message }) => `${at.join(".") || "(body)"}: ${message}`);
  throw new Failure("SETTLEMENT_ANSWER", `${path}: ${faults.join("; ")}`);
}
