import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Asset } from "@tallystick/money";
import { createSigner, toHex, type Domain, type IssuerKey } from "@tallystick/protocol";
import {
  allowanceRequestSchema,
  cardRegistrationSchema,
  merchantRequestSchema,
  reasonText,
  uploadRequestSchema,
} from "@tallystick/protocol/wire";
import { z } from "zod";
import { Refusal, SettlementState, type Funding, type RegisteredCard, type CardChange } from "./settlement-state.ts";

/** As settlement takes it. */
const fundingSchema = z.strictObject({ amount: z.string(), key: z.string(), reason: reasonText });

/** What settlement was asked to do, and the faults that a test gives it. */
export interface SettlementDouble {
  readonly url: string;
  readonly token: string;
  readonly domain: Domain;
  readonly asset: Asset;
  readonly issuerKey: IssuerKey;
  /** Vouchers taken, by id. */
  readonly vouchers: ReadonlyMap<string, { readonly counter: number; readonly amount: bigint; readonly spent: bigint }>;
  readonly cards: Map<string, RegisteredCard>;
  readonly fundings: ReadonlyMap<string, Funding>;
  /** Statuses that were set, in their order. */
  readonly changes: readonly CardChange[];
  /** Why deposits and allowances were asked for, in their order. */
  readonly reasons: readonly string[];
  /** Keys of cards that proved their state. */
  readonly proofs: readonly string[];
  /** States that cards proved to be in. */
  readonly provenStates: readonly number[];
  /** Heads of uploads in the order of their sequence numbers; a break of their chain throws in the server. */
  readonly uploads: string[];
  /** Reports of orders that it was given, as they came. */
  readonly orderReports: readonly string[];
  /** Whether it knows the call for reports of orders. */
  takeReports(taken: boolean): void;
  /** Lets the next `count` deposits fail on the chain. */
  failFundings(count: number): void;
  /** While frozen, no deposit becomes final. */
  freezeChain(frozen: boolean): void;
  /** Every deposit is final as soon as it is asked about, from now on. */
  hurry(): void;
  /** Signs with another key than the pinned one from now on. */
  changeKey(): void;
  stop(): Promise<void>;
}

/**
 * A settlement of the wire schemas and nothing behind them: it verifies every signature it is given, keeps the funding
 * rule, and lets a deposit become final after it was asked about three times.
 */
export async function startSettlementDouble(options: {
  readonly domain: Domain;
  readonly asset: Asset;
  readonly issuerSecret: Uint8Array;
}): Promise<SettlementDouble> {
  const state = new SettlementState(options);
  const server = createServer((request, response) => {
    void respond(state, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: state.token,
    domain: options.domain,
    asset: options.asset,
    issuerKey: { domain: options.domain, id: 1, publicKey: createSigner(options.issuerSecret).publicKey },
    vouchers: state.vouchers,
    cards: state.cards,
    fundings: state.fundings,
    changes: state.changes,
    reasons: state.reasons,
    proofs: state.proofs,
    uploads: state.uploads,
    provenStates: state.provenStates,
    orderReports: state.orderReports,
    takeReports: (taken) => {
      state.takesReports = taken;
    },
    failFundings: (count) => {
      state.failing = count;
    },
    freezeChain: (frozen) => {
      state.frozen = frozen;
    },
    hurry: () => {
      state.hurries = true;
    },
    changeKey: () => {
      state.signer = createSigner(new Uint8Array(32).fill(9));
    },
    stop: () => stopServer(server),
  };
}

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function respond(state: SettlementState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
    const { authorization, "tallystick-station": station } = request.headers;
    const answer = await route(state, { path: request.url ?? "", body, authorization, station: String(station) });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(400, "MALFORMED_BODY");
    const problem = {
      type: "about:blank",
      title: refusal.code,
      status: refusal.status,
      detail: String(error),
      code: refusal.code,
    };
    response.writeHead(refusal.status, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  }
}

async function route(
  state: SettlementState,
  {
    path,
    body,
    authorization,
    station,
  }: { path: string; body: unknown; authorization: string | undefined; station: string },
): Promise<object> {
  const { chainId, vault } = state.domain;
  if (path === "/v1/domain") {
    const issuerKeys = [{ id: 1, publicKey: toHex(state.signer.publicKey) }];
    return { chainId: Number(chainId), vault: toHex(vault), token: toHex(vault), asset: { code: "USDC" }, issuerKeys };
  }
  if (path === "/v1/uploads") return state.upload(uploadRequestSchema.parse(body));
  if (authorization !== `Bearer ${state.token}`) throw new Refusal(401, "UNAUTHENTICATED");
  if (path === "/v1/reconciliation") return { chain: { wallets: "1000.00" }, block: "12", finalizedBlock: "9" };
  if (path === "/v1/cards")
    return body === undefined ? state.list(new URLSearchParams()) : state.register(cardRegistrationSchema.parse(body));
  if (path.startsWith("/v1/references/"))
    return state.claim(path.endsWith("/claim"), station, body as { reference: string; takeOver?: boolean });
  if (path === "/v1/order-reports") return state.keepReport(body as { report: string });
  if (path === "/v1/readiness") return { ready: true, reasons: [], warnings: [] };
  if (path === "/v1/issuer") return { name: "ida" };
  if (path.startsWith("/v1/cards?")) return state.list(new URLSearchParams(path.slice("/v1/cards?".length)));
  if (path === "/v1/merchants") return await state.certify(merchantRequestSchema.parse(body));
  const [, , area, id = "", action] = path.split("/");
  if (area === "fundings")
    return action === "abandon" ? state.abandon(decodeURIComponent(id)) : state.funding(decodeURIComponent(id));
  if (area !== "cards") throw new Refusal(404, "NOT_FOUND");
  if (action === undefined) return state.describe(id);
  if (action === "status")
    return state.setStatus({ card: id, station, ...(body as { status: string; reason: string }) });
  const paying = { suspension: "suspended", release: "valid" }[action];
  if (paying !== undefined)
    return state.setStatus({ card: id, station, status: paying, ...(body as { reason: string }) });
  if (action === "reference") return state.rename(id, (body as { reference: string }).reference);
  if (action === "keys") return await state.changeKeys(id, { card: id, station, ...(body as { reason: string }) });
  if (action === "replacement") return state.replace(id, body as { successor: string });
  if (action === "limits") return state.changeLimits({ card: id, station, ...(body as { reason: string }) });
  if (path.endsWith("/allowances/latest")) return state.latest(id);
  if (action === "fundings") return state.fund(id, fundingSchema.parse(body));
  if (action === "allowances") return await state.allow(id, allowanceRequestSchema.parse(body));
  throw new Refusal(404, "NOT_FOUND");
}
