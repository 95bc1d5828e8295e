import {
  decodeMailboxPage,
  digestOf,
  encodeCertificateRequest,
  encodeMailboxRequest,
  encodePayeeRequest,
  encodeRenewalRequest,
  encodeReturnOrder,
  encodeTerminalRequest,
  encodeVoucherStatesRequest,
  fromHex,
  isProtocolError,
  mailboxAsks,
  type MailboxPage,
  type MailboxRequest,
  MAX_REQUESTED_STATES,
  type PayeeAsk,
  type ReturnOrder,
  type Signer,
  type TerminalRequestKind,
  terminalRequestKinds,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import {
  type CertificateResponse,
  certificateResponseSchema,
  mailboxAnswerSchema,
  type MoneyNotice,
  type PayeeAnswer,
  payeeAnswerSchema,
  type ReturnOrderAnswer,
  returnOrderAnswerSchema,
  type TerminalRequestBody,
  type VoucherListAnswer,
  voucherListSchema,
  type VoucherStateAnswer,
  voucherStatesSchema,
  withdrawalMembersSchema,
} from "@tallystick/protocol/wire";
import type { GatewayConfig, GivenCertificate, ServedDomain } from "../../config/gateway-config.ts";
import { NOTICE_SECONDS } from "../../limits.ts";
import { type FollowedVoucher, readAs, SettlementError } from "../settlement-client.ts";

/** Makes one request of a domain's settlement, and answers its JSON. Rejects with SettlementError. */
export interface RequestPort {
  /** Whether something authenticates its answers (spec §5.8). */
  readonly authenticated: boolean;
  request(body: TerminalRequestBody): Promise<unknown>;
}

/** What a request's time comes from. */
export interface RequestClock {
  now(): number;
  /** Seconds, as settlement said last; null where it has not. */
  of(domainBytes: Uint8Array): { rightTime(): number | null };
}

export interface TerminalRequestsParts {
  readonly config: Pick<GatewayConfig, "payee" | "terminalId" | "category">;
  readonly signer: Signer;
  readonly clock: RequestClock;
  readonly randomBytes: (length: number) => Uint8Array;
  /** The certificate that counts now. */
  readonly certificateOf: (served: ServedDomain) => GivenCertificate | null;
  /** Null where the domain has no settlement. */
  readonly portOf: (served: ServedDomain) => RequestPort | null;
  /** Settlement says from which second on the issuer has withdrawn this terminal's certificate (spec §5.17). */
  readonly onWithdrawn: (served: ServedDomain, from: number) => void;
}

/**
 * What the terminal asks settlement about its own payments (spec §6.13). Each request has a nonce of
 * its own, so that a failed one is simply made again.
 */
export class TerminalRequests {
  private readonly parts: TerminalRequestsParts;
  private readonly told = new Map<string, { readonly at: number; readonly notices: readonly MoneyNotice[] }>();

  constructor(parts: TerminalRequestsParts) {
    this.parts = parts;
  }

  /**
   * Whether a request of this domain can be made: there are a settlement, a certificate and a live
   * answer, whose time it carries.
   */
  canAsk(served: ServedDomain): boolean {
    return (
      this.parts.certificateOf(served) !== null && this.timeOf(served) !== null && this.parts.portOf(served) !== null
    );
  }

  /**
   * Where settlement has these vouchers, by their ids as hex; null for one that it does not know.
   * Asks for 500 at a time. Throws SettlementError.
   */
  async states(
    served: ServedDomain,
    ids: readonly Uint8Array[],
  ): Promise<ReadonlyMap<string, VoucherStateAnswer | null>> {
    const found = new Map<string, VoucherStateAnswer | null>();
    for (let at = 0; at < ids.length; at += MAX_REQUESTED_STATES) {
      const part = ids.slice(at, at + MAX_REQUESTED_STATES);
      const json = await this.ask(served, terminalRequestKinds.voucherStates, encodeVoucherStatesRequest(part));
      const { states, notices = [] } = readAs(voucherStatesSchema, json);
      this.told.set(toHex(served.domainBytes), { at: this.parts.clock.now(), notices });
      const isInOrder =
        states.length === part.length && states.every(({ voucherId }, index) => voucherId === nameOf(part, index));
      if (!isInOrder)
        throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement answered about other payments.");
      for (const state of states) found.set(state.voucherId, state.state === null ? null : state);
    }
    return found;
  }

  /** What settlement said lately that keeps the merchant's money in the vault (spec §6.14). */
  notices(): readonly MoneyNotice[] {
    const now = this.parts.clock.now();
    return [...this.told.values()].flatMap(({ at, notices }) => (now - at < NOTICE_SECONDS ? notices : []));
  }

  /** The same as an exchange follows it; null where settlement cannot be asked now. */
  async followed(
    served: ServedDomain,
    ids: readonly Uint8Array[],
  ): Promise<ReadonlyMap<string, FollowedVoucher | null> | null> {
    if (!this.canAsk(served)) return null;
    const states = await this.states(served, ids);
    return new Map([...states].map(([id, answer]) => [id, answer === null ? null : followedOf(answer)]));
  }

  /**
   * Has settlement send an order to the vault; answers its chain action, also for one that it has
   * already. Throws SettlementError.
   */
  async order(served: ServedDomain, order: ReturnOrder): Promise<ReturnOrderAnswer> {
    const json = await this.ask(served, terminalRequestKinds.refundOrder, encodeReturnOrder(order));
    return readAs(returnOrderAnswerSchema, json);
  }

  /**
   * The terminal's last certificate, or the next one where that is near its end, for the same key, id,
   * payee and category; nothing of it is believed yet. Throws SettlementError.
   */
  async renewed(served: ServedDomain): Promise<GivenCertificate> {
    const { config, signer } = this.parts;
    const { payee, terminalId, category } = config;
    const terminalKey = uncompressKey(signer.publicKey);
    const time = this.timeOf(served) ?? 0;
    const bytes = encodeCertificateRequest({
      ...{ domain: served.domain, payee, terminalId, terminalKey, category, time },
    });
    const body = encodeRenewalRequest({ bytes, signature: await signer.sign(digestOf(bytes)) });
    const json = await this.ask(served, terminalRequestKinds.renewal, body);
    const { others = [], ...present } = readAs(certificateResponseSchema, json);
    return { ...givenOf(present), others: others.map(givenOf) };
  }

  /**
   * Vouchers of the payee, of all its terminals, behind an id of 32 bytes (zeros at the start), by their ids. Throws
   * SettlementError.
   */
  async listed(served: ServedDomain, after: Uint8Array): Promise<VoucherListAnswer> {
    return readAs(voucherListSchema, await this.ask(served, terminalRequestKinds.voucherList, after));
  }

  /** How far the payee's first unit is; with `came`, its owner says that it came. Throws SettlementError. */
  async firstUnit(served: ServedDomain, ask: PayeeAsk): Promise<PayeeAnswer> {
    return readAs(payeeAnswerSchema, await this.ask(served, terminalRequestKinds.payee, encodePayeeRequest(ask)));
  }

  /** The page of the mailbox behind a cursor (16 bytes). Throws SettlementError. */
  async mailboxPage(served: ServedDomain, cursor: Uint8Array): Promise<MailboxPage> {
    return await this.mailbox(served, { ask: mailboxAsks.page, cursor });
  }

  /** The newest allowance of one card, in a page that is empty where it has it. Throws SettlementError. */
  async mailboxOf(
    served: ServedDomain,
    card: { readonly cardTag: Uint8Array; readonly shownSeq: number },
  ): Promise<MailboxPage> {
    return await this.mailbox(served, { ask: mailboxAsks.card, ...card });
  }

  private async mailbox(served: ServedDomain, request: MailboxRequest): Promise<MailboxPage> {
    const json = await this.ask(served, terminalRequestKinds.mailbox, encodeMailboxRequest(request));
    const { page } = readAs(mailboxAnswerSchema, json);
    try {
      return decodeMailboxPage(fromHex(page));
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      throw new SettlementError(
        "SETTLEMENT_ANSWER_UNREADABLE",
        `Settlement's mailbox cannot be read: ${error.message}.`,
      );
    }
  }

  private async ask(served: ServedDomain, kind: TerminalRequestKind, body: Uint8Array): Promise<unknown> {
    const { config, signer, portOf, randomBytes } = this.parts;
    const { domain } = served;
    const certificate = this.parts.certificateOf(served);
    const port = portOf(served);
    const time = this.timeOf(served);
    if (certificate === null || port === null || time === null) {
      throw new SettlementError(
        "SETTLEMENT_UNREACHABLE",
        "Settlement cannot be asked before an exchange has brought the time.",
      );
    }
    const { payee, terminalId } = config;
    const request = encodeTerminalRequest({
      ...{ domain, payee, terminalId, kind, time, nonce: randomBytes(16), bodyHash: digestOf(body) },
    });
    const sent = {
      request: toHex(request),
      signature: toHex(await signer.sign(digestOf(request))),
      certificate: toHex(certificate.certificate),
      certificateSignature: toHex(certificate.signature),
      body: toHex(body),
    };
    const hear = (from: number | null | undefined): void => {
      // Somebody on the way could else stop the terminal for good.
      if (from != null && port.authenticated) this.parts.onWithdrawn(served, from);
    };
    try {
      const json = await port.request(sent);
      hear(withdrawalMembersSchema.safeParse(json).data?.withdrawnFrom);
      return json;
    } catch (error) {
      if (error instanceof SettlementError) hear(error.withdrawnFrom);
      throw error;
    }
  }

  /** Seconds, as the live answer says and the clock that nobody sets counts on. */
  private timeOf({ domainBytes }: ServedDomain): number | null {
    return this.parts.clock.of(domainBytes).rightTime();
  }
}

function givenOf({ certificate, signature }: Pick<CertificateResponse, "certificate" | "signature">): GivenCertificate {
  return { certificate: fromHex(certificate), signature: fromHex(signature) };
}

function followedOf({ state, batch, tx, refunds }: VoucherStateAnswer): FollowedVoucher | null {
  return state === null ? null : { state, batch, tx, refunds };
}

function nameOf(ids: readonly Uint8Array[], index: number): string {
  const id = ids[index];
  return id === undefined ? "" : toHex(id);
}
