import { Inject, Injectable } from "@nestjs/common";
import {
  CLOCK_SKEW_SECONDS,
  decodeMailboxRequest,
  decodePayeeRequest,
  decodeRenewalRequest,
  decodeVoucherListRequest,
  decodeVoucherStatesRequest,
  encodeMailboxPage,
  isProtocolError,
  mailboxAsks,
  payeeAsks,
  type MailboxPage,
  type MailboxRequest,
  toHex,
  terminalRequestKinds,
  type Domain,
} from "@tallystick/protocol";
import { MAX_LISTED_REFUNDS, MAX_NOTICE_LENGTH } from "@tallystick/protocol/wire";
import type {
  CertificateResponse,
  MailboxAnswer,
  MoneyNotice,
  PayeeAnswer,
  ReturnOrderAnswer,
  VoucherListAnswer,
  VoucherStateAnswer,
  VoucherStatesAnswer,
} from "@tallystick/protocol/wire";
import { isRpcError } from "@tallystick/evm";
import { actionAnswer } from "../../chain/action-views.ts";
import { moneyStop } from "../../chain/money/money-faults.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { FirstUnits } from "../../issuing/joining/first-units.ts";
import { Mailbox } from "../../issuing/mailbox/mailbox.ts";
import { AllowancePolicy } from "../../issuing/policy/allowance-policy.ts";
import { certificateAnswer } from "../../issuing/merchants/merchants.ts";
import { Renewals } from "../../issuing/merchants/renewals.ts";
import { withdrawnFrom, withdrawnProblem } from "../../issuing/merchants/withdrawals.ts";
import { VoucherLists } from "../states/voucher-lists.ts";
import { VoucherViews, type VoucherView } from "../states/voucher-views.ts";
import { RequestNonces } from "./request-nonces.ts";
import { ReturnOrders } from "./return-orders.ts";
import { readTrustedRequest, type RequestBytes, type RequestFault, type TrustedRequest } from "./trusted-request.ts";

const faults: Readonly<Record<RequestFault, string>> = {
  DOMAIN: "The request or its certificate is for another vault or chain.",
  CERTIFICATE: "The certificate is for another payee or terminal than the request names.",
  CERTIFICATE_SIGNATURE: "The certificate is not signed by this issuer.",
  REQUEST_SIGNATURE: "The request is not signed by the certified terminal key.",
  BODY_HASH: "The body is not the one whose hash the request signs.",
};

const { mailbox, voucherStates, renewal, voucherList, payee } = terminalRequestKinds;

/** What is answered, by the request's kind. */
export type RequestAnswer =
  | MailboxAnswer
  | VoucherStatesAnswer
  | ReturnOrderAnswer
  | CertificateResponse
  | VoucherListAnswer
  | PayeeAnswer;

/** Answers what terminals ask about their own payments (spec §6.13). */
@Injectable()
export class Requests {
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(RequestNonces) private readonly nonces: RequestNonces,
    @Inject(VoucherViews) private readonly views: VoucherViews,
    @Inject(ReturnOrders) private readonly orders: ReturnOrders,
    @Inject(Mailbox) private readonly box: Mailbox,
    @Inject(AllowancePolicy) private readonly policy: AllowancePolicy,
    @Inject(Renewals) private readonly renewals: Renewals,
    @Inject(VoucherLists) private readonly lists: VoucherLists,
    @Inject(FirstUnits) private readonly units: FirstUnits,
  ) {}

  /** Throws Problem and, where the chain's node does not answer, RpcError. */
  async answer(bytes: RequestBytes): Promise<RequestAnswer> {
    const trusted = this.trust(bytes);
    const { request } = trusted;
    this.assertInTime(request.time);
    const withdrawal = await this.assertCertified(trusted);
    await this.nonces.take(request);
    return decoded(async () => {
      if (request.kind === mailbox) return { ...(await this.fromMailbox(trusted)), ...withdrawal };
      if (request.kind === voucherStates) return { ...(await this.states(trusted)), ...withdrawal };
      if (request.kind === renewal) return this.renewed(trusted);
      if (request.kind === voucherList) return this.lists.page(request.payee, decodeVoucherListRequest(trusted.body));
      if (request.kind === payee) return this.firstUnit(trusted);
      return actionAnswerOf(await this.orders.order(trusted));
    });
  }

  private trust(bytes: RequestBytes): TrustedRequest {
    const { domain, engine, issuer } = this;
    let read: TrustedRequest | RequestFault;
    try {
      read = readTrustedRequest(bytes, { domain, engine, issuerKeys: issuer.knownKeys });
    } catch (error) {
      throw malformed(error);
    }
    if (typeof read === "string") throw new Problem("REQUEST_UNTRUSTED", faults[read]);
    return read;
  }

  private assertInTime(time: number): void {
    const apart = Math.abs(Math.floor(this.clock.now() / 1_000) - time);
    if (apart <= CLOCK_SKEW_SECONDS) return;
    throw new Problem(
      "REQUEST_OUT_OF_TIME",
      `The request's time is ${apart} s beside settlement's clock. Exchange first: the answer brings the time.`,
    );
  }

  /** Answers what the terminal is told of a withdrawal, also of one from a later time on. */
  private async assertCertified({ request, certificate }: TrustedRequest): Promise<{ withdrawnFrom?: number }> {
    const now = Math.floor(this.clock.now() / 1_000);
    const isExpired = now > certificate.notAfter && request.kind !== renewal;
    if (now < certificate.notBefore || isExpired)
      throw new Problem("CERTIFICATE_NOT_VALID", "The certificate is not valid now; have it renewed.");
    const from = await withdrawnFrom(this.db, request);
    if (from === null) return {};
    if (request.kind === voucherStates || from > now) return { withdrawnFrom: from };
    throw withdrawnProblem(from, "only voucher states are answered");
  }

  private async fromMailbox({ body }: TrustedRequest): Promise<MailboxAnswer> {
    return { page: toHex(encodeMailboxPage(await this.pageFor(decodeMailboxRequest(body)))) };
  }

  private async pageFor(request: MailboxRequest): Promise<MailboxPage> {
    if (request.ask === mailboxAsks.page) return this.box.page(request.cursor);
    const { cardTag: tag, shownSeq } = request;
    for (const card of await this.box.cardsOf(tag)) await this.renew(card);
    return this.box.ofCard(tag, shownSeq);
  }

  /** What is due for a card whose holder waits; the answer does not fail where the node does. */
  private async renew(card: Uint8Array): Promise<void> {
    try {
      await this.policy.renew(card);
    } catch (error) {
      if (!isRpcError(error) && !(error instanceof Problem)) throw error;
    }
  }

  private async renewed({ certificate, body }: TrustedRequest): Promise<CertificateResponse> {
    return certificateAnswer(await this.renewals.renew(certificate, decodeRenewalRequest(body)));
  }

  private async firstUnit({ request, body }: TrustedRequest): Promise<PayeeAnswer> {
    if (decodePayeeRequest(body) === payeeAsks.look) return this.units.view(request.payee);
    return this.units.cameTo(request.payee, request.terminalId);
  }

  private async states({ request, body }: TrustedRequest): Promise<VoucherStatesAnswer> {
    const ids = decodeVoucherStatesRequest(body);
    const views = await this.views.ofPayee(request.payee, ids);
    const states = ids.map((id) => stateAnswer(toHex(id), views.get(toHex(id))));
    return { states, notices: await this.notices(request.payee) };
  }

  /** What keeps the payee's earnings in the vault now (spec §6.14). */
  private async notices(payee: Uint8Array): Promise<MoneyNotice[]> {
    const stop = await moneyStop(this.db, { payTo: payee });
    if (stop === null) return [];
    const message = `${stop.message} ${stop.next}`.slice(0, MAX_NOTICE_LENGTH);
    return [{ code: stop.code, message, since: Math.floor(stop.since.getTime() / 1_000) }];
  }
}

function stateAnswer(voucherId: string, view: VoucherView | undefined): VoucherStateAnswer {
  if (view === undefined) {
    return {
      ...{ voucherId, state: null, code: null, batch: null, tx: null },
      ...{ owes: null, refunded: null, refunds: [] },
    };
  }
  const { state, code, batch, tx, owes, refunded, refunds } = view;
  return { voucherId, state, code, batch, tx, owes, refunded, refunds: refunds.slice(0, MAX_LISTED_REFUNDS) };
}

function actionAnswerOf(view: Parameters<typeof actionAnswer>[0]): ReturnOrderAnswer {
  return actionAnswer(view);
}

async function decoded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw malformed(error);
  }
}

/** A decoder's refusal as the API answers it; anything else as it is. */
function malformed(error: unknown): unknown {
  return isProtocolError(error) ? new Problem("MALFORMED_REQUEST", `${error.code}: ${error.message}`) : error;
}
