import { Mutex } from "async-mutex";
import { equalBytes, toHex } from "@tallystick/protocol";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Policies } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import {
  FOLLOW_NEW_SECONDS,
  FOLLOW_REFUNDED_SECONDS,
  MAX_FOLLOWED_NEW,
  MAX_FOLLOWED_VOUCHERS,
  MAX_UPLOADS_PER_ROUND,
} from "../limits.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import type { StatusLists } from "../status/status-lists.ts";
import type { MailboxCarrier } from "./requests/mailbox-carrier.ts";
import type { CertificateRenewal } from "./requests/certificate-renewal.ts";
import type { PayeeCheck } from "./requests/payee-check.ts";
import { reportedEnd } from "./reported-end.ts";
import { type FollowedVoucher, SettlementError, type SettlementPort } from "./settlement-client.ts";
import type { UploadReceipts } from "./upload-receipts.ts";
import { addCounts, noCounts, type UploadCounts, type Uploader } from "./uploader.ts";

/** What one exchange with settlement brought. */
export interface ExchangeReport {
  readonly uploaded: UploadCounts;
  /** The list held afterwards; null where none is held. */
  readonly statusList: { readonly seq: number; readonly asOf: number; readonly replaced: boolean } | null;
  /** Vouchers of which settlement reported the end in this round. */
  readonly reportedFinal: number;
  readonly faults: readonly ExchangeFault[];
}

/** A part of an exchange that failed while others may have worked. */
export interface ExchangeFault {
  /** Names the cause: of the line, settlement's own, or why an answer was not taken. */
  readonly code: string;
  readonly message: string;
  /** Settlement was not reached: nothing else is asked of it in this exchange. */
  readonly away?: boolean;
}

/** How the last exchange went, for readiness. */
export interface LastExchange {
  readonly at: number;
  readonly faults: readonly ExchangeFault[];
}

export interface ExchangeParts {
  readonly config: Pick<GatewayConfig, "domains">;
  readonly journal: Pick<Journal, "write" | "vouchers" | "uploads" | "setAside" | "tidy">;
  readonly clock: TerminalClock;
  readonly lists: StatusLists;
  readonly receipts: UploadReceipts;
  readonly uploader: Uploader;
  readonly mailbox: Pick<MailboxCarrier, "fetch">;
  readonly policies: Pick<Policies, "of">;
  readonly renewals: Pick<CertificateRenewal, "pass">;
  readonly payeeCheck: Pick<PayeeCheck, "pass">;
  /** Null where the domain has no settlement. */
  readonly settlementOf: (served: ServedDomain) => SettlementPort | null;
}

/** One exchange at a time: heads and lists in, uploads out, and the outcomes of vouchers. */
export class Exchange {
  private readonly parts: ExchangeParts;
  private readonly turns = new Mutex();
  private memory: LastExchange | null = null;

  constructor(parts: ExchangeParts) {
    this.parts = parts;
  }

  get last(): LastExchange | null {
    return this.memory;
  }

  /** Whether any currency has a settlement to send to. */
  hasSettlement(): boolean {
    return this.parts.config.domains.some(({ settlementUrl }) => settlementUrl !== null);
  }

  /**
   * Exchanges everything now, after an exchange that is under way. Never rejects for a settlement
   * that is out of reach.
   */
  async run(options: { readonly again?: boolean } = {}): Promise<ExchangeReport> {
    return await this.turns.runExclusive(() => this.once(options.again === true));
  }

  /**
   * Asks about the newest vouchers alone, so that a cashier soon sees where they are. Answers how
   * many were reported at their end; does nothing after an exchange that failed, and never rejects for a
   * settlement that is out of reach.
   */
  async followNew(): Promise<number> {
    return await this.turns.runExclusive(async () => {
      let final = 0;
      if (this.memory === null || this.memory.faults.length > 0) return final;
      for (const served of this.parts.config.domains) {
        const settlement = this.parts.settlementOf(served);
        if (settlement === null) continue;
        try {
          final += await this.follow(this.newOf(served), settlement);
        } catch (error) {
          if (!(error instanceof SettlementError)) throw error;
        }
      }
      return final;
    });
  }

  private newOf({ domainBytes }: ServedDomain): readonly VoucherRecord[] {
    const { journal, clock } = this.parts;
    const since = clock.now() - FOLLOW_NEW_SECONDS;
    return journal.vouchers.toFollowSince(domainBytes, MAX_FOLLOWED_NEW, since);
  }

  private async once(again: boolean): Promise<ExchangeReport> {
    const { config, clock, journal } = this.parts;
    const reports: ExchangeReport[] = [];
    for (const served of config.domains) {
      const settlement = this.parts.settlementOf(served);
      if (settlement !== null) reports.push(await this.withDomain(served, settlement, again));
    }
    journal.tidy();
    const report: ExchangeReport = {
      uploaded: reports.reduce((sum, each) => addCounts(sum, each.uploaded), noCounts),
      statusList: reports.find((each) => each.statusList !== null)?.statusList ?? null,
      reportedFinal: reports.reduce((sum, each) => sum + each.reportedFinal, 0),
      faults: reports.flatMap((each) => each.faults),
    };
    this.memory = { at: clock.now(), faults: report.faults };
    return report;
  }

  private async withDomain(served: ServedDomain, settlement: SettlementPort, again: boolean): Promise<ExchangeReport> {
    const faults: ExchangeFault[] = [];
    const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
      if (faults.some(({ away }) => away === true)) return otherwise;
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SettlementError)) throw error;
        faults.push({
          code: error.reason,
          message: error.message,
          away: error.code === "SETTLEMENT_UNREACHABLE",
        });
        return otherwise;
      }
    };
    const replaced = await attempt(() => this.fetchList(served, settlement, faults), false);
    const uploaded = await attempt(() => this.sendAll(served, settlement, again), noCounts);
    const reportedFinal = await attempt(() => this.followAll(served, settlement), 0);
    await attempt(() => this.parts.mailbox.fetch(served), undefined);
    await attempt(() => this.parts.renewals.pass(served), undefined);
    await attempt(() => this.parts.payeeCheck.pass(served), undefined);
    const held = this.parts.lists.of(served.domainBytes);
    const statusList = held === null ? null : { seq: held.head.seq, asOf: held.asOf, replaced };
    return { uploaded, statusList, reportedFinal, faults };
  }

  private async fetchList(served: ServedDomain, settlement: SettlementPort, faults: ExchangeFault[]): Promise<boolean> {
    const { lists, clock } = this.parts;
    const outcome = lists.offer(served, await settlement.statusList(), clock.now());
    if (!outcome.ok) {
      faults.push({ code: outcome.code, message: outcome.message });
      return false;
    }
    return outcome.replaced;
  }

  private async sendAll(served: ServedDomain, settlement: SettlementPort, again: boolean): Promise<UploadCounts> {
    const { uploader, clock, journal, policies } = this.parts;
    const { served: present = served } = policies.of(served.domainBytes) ?? {};
    if (present.certificate === null) return noCounts;
    const last = again ? journal.uploads.lastToSend(present.domainBytes) : null;
    let counts = last === null ? noCounts : await uploader.send(present, last, settlement, clock.now());
    const triedAgain = new Set<number>();
    for (let round = 0; round < MAX_UPLOADS_PER_ROUND; round += 1) {
      const question = this.parts.receipts.isQuestionDue(present);
      // What somebody on the way did not take by itself comes last, and once.
      const upload =
        (await uploader.next(present, clock.now(), { question })) ??
        journal.setAside.toTryAgain(present.domainBytes, MAX_UPLOADS_PER_ROUND).find(({ seq }) => !triedAgain.has(seq));
      if (upload === undefined) break;
      if (journal.setAside.has(present.domainBytes, upload.seq)) triedAgain.add(upload.seq);
      counts = addCounts(counts, await uploader.send(present, upload, settlement, clock.now()));
    }
    return counts;
  }

  /** Asks where the vouchers are that settlement has taken, until it reports the end of each. */
  private async followAll(served: ServedDomain, settlement: SettlementPort): Promise<number> {
    const { journal, clock } = this.parts;
    const { vouchers } = journal;
    const final = await this.follow(vouchers.toFollow(served.domainBytes, MAX_FOLLOWED_VOUCHERS), settlement);
    const since = clock.now() - FOLLOW_REFUNDED_SECONDS;
    await this.follow(vouchers.toFollowBack(served.domainBytes, MAX_FOLLOWED_NEW, since), settlement);
    return final;
  }

  /** Asks about all at once, and records what was answered in one durable step. */
  private async follow(vouchers: readonly VoucherRecord[], settlement: SettlementPort): Promise<number> {
    if (vouchers.length === 0) return 0;
    const ids = vouchers.map(({ id }) => id);
    const seen = await settlement.vouchers(ids);
    return seen === null ? 0 : this.recordStates(ids, seen, settlement);
  }

  /** Records where settlement says that vouchers are; answers how many it reports at their end. */
  private recordStates(
    ids: readonly Uint8Array[],
    seen: ReadonlyMap<string, FollowedVoucher | null>,
    { authenticated }: SettlementPort,
  ): number {
    const { journal, clock } = this.parts;
    let ended = 0;
    journal.write(() => {
      for (const id of ids) {
        const { state, batch, tx } = seen.get(toHex(id)) ?? { state: "unknown", batch: null, tx: null };
        const reported = reportedEnd(state, authenticated);
        journal.vouchers.follow(id, { state, batch, tx, reported }, clock.now());
        if (reported === "final") ended += 1;
      }
    });
    return ended;
  }

  /**
   * Asks about one voucher that settlement has, and answers its refunds in final blocks. Null where
   * settlement cannot be asked or does not know it: then the terminal's own record counts.
   */
  async refundsOf({ id, domainBytes, delivery }: VoucherRecord): Promise<FollowedVoucher["refunds"] | null> {
    const served = this.parts.config.domains.find((each) => equalBytes(each.domainBytes, domainBytes));
    const settlement = served === undefined ? null : this.parts.settlementOf(served);
    // Somebody waits at the counter: a settlement that was out of reach a moment ago is not waited
    // for.
    const away = this.memory?.faults.some((fault) => fault.away === true) === true;
    if (settlement === null || away || (delivery !== "taken" && delivery !== "final")) return null;
    return await this.turns.runExclusive(async () => {
      try {
        const seen = await settlement.vouchers([id]);
        const voucher = seen?.get(toHex(id)) ?? null;
        if (seen === null || voucher === null) return null;
        this.recordStates([id], seen, settlement);
        return voucher.refunds;
      } catch (error) {
        if (!(error instanceof SettlementError)) throw error;
        return null;
      }
    });
  }
}
