import { formatAmount, formatTotal } from "@tallystick/money";
import { toChecksumAddress, toHex } from "@tallystick/protocol";
import type { z } from "zod";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";
import { MAX_NAMED_TRANSACTIONS } from "../../journal/merchant/limits.ts";
import {
  type MoneySource,
  type MoneyStage,
  type MoneySum,
  type MoneyTransaction,
  noMoney,
} from "../../journal/merchant/money-store.ts";
import type { TerminalRequests } from "../../sync/requests/terminal-requests.ts";
import { MONEY_CACHE_SECONDS } from "./limits.ts";
import type { moneySchema } from "./money-wire.ts";

type Money = z.output<typeof moneySchema>;
type CurrencyMoney = Money["currencies"][number];
type StageMoney = CurrencyMoney["stages"][number];

export interface MoneyParts {
  readonly journal: Pick<Journal, "money" | "payeeEvents">;
  readonly config: Pick<GatewayConfig, "payee" | "domains" | "windows" | "claim">;
  readonly clock: Pick<TerminalClock, "now">;
  readonly requests: Pick<TerminalRequests, "notices">;
  readonly engine: { readonly isAsking: boolean };
}

/** Every stage that a payment passes, with whoever can say that it is there. */
const PLACES: readonly (readonly [MoneyStage, MoneySource])[] = [
  ["terminal", "terminal"],
  ["received", "settlement"],
  ["batch", "settlement"],
  ["batch", "terminal"],
  ["vault", "settlement"],
  ["vault", "chain"],
  ["paid-out", "settlement"],
  ["paid-out", "chain"],
  ["attention", "settlement"],
];

/**
 * Where the merchant's money is: what this terminal took, by stage and by who says so (spec §5.8), beside the
 * payee's account in the vault. What final blocks show counts before what settlement says.
 */
export class MoneyReport {
  private readonly parts: MoneyParts;
  private last: Money | null = null;

  constructor(parts: MoneyParts) {
    this.parts = parts;
  }

  /** The address that is paid, as wallets show it. */
  get payee(): string {
    return toChecksumAddress(this.parts.config.payee);
  }

  /** Counted anew at most every few seconds, and never while a payment runs where it was counted before. */
  read(): Money {
    const { clock, engine } = this.parts;
    const { last } = this;
    const now = clock.now();
    const isFresh = last !== null && now >= last.time && now - last.time < MONEY_CACHE_SECONDS;
    if (last !== null && (isFresh || engine.isAsking)) return last;
    return (this.last = this.count(now));
  }

  /** After something that the caller will look for in the answer. */
  forget(): void {
    this.last = null;
  }

  private count(time: number): Money {
    const { config, requests } = this.parts;
    const notices = requests.notices().map(({ code, message, since }) => ({ code, message, since }));
    return {
      payee: this.payee,
      time,
      currencies: config.domains.map((served) => this.currency(served)),
      notices,
    };
  }

  private currency(served: ServedDomain): CurrencyMoney {
    const { payeeEvents } = this.parts.journal;
    const { asset, domain, domainBytes } = served;
    const money = (units: bigint): string => formatTotal(units, asset);
    const account = payeeEvents.account(domainBytes);
    const payouts = payeeEvents.payouts(domainBytes, MAX_NAMED_TRANSACTIONS);
    return {
      currency: asset.code,
      chainId: String(domain.chainId),
      vault: toHex(domain.vault),
      stages: this.stages(served),
      payouts:
        served.chain === null
          ? null
          : payouts.map(({ tx, block, units }) => ({ tx, block: Number(block), amount: money(units) })),
      account:
        account === null
          ? null
          : {
              ...{ earned: money(account.earned), left: money(account.withdrawn), asOf: account.asOf },
              owed: money(account.earned - account.withdrawn),
              refundedSincePayout: money(payeeEvents.refundedSincePayout(domainBytes)),
            },
      nextPayout: this.nextPayout(domainBytes),
    };
  }

  private stages(served: ServedDomain): StageMoney[] {
    const { money, payeeEvents } = this.parts.journal;
    const { domainBytes } = served;
    const open = money.open(domainBytes);
    // Without a payout that was seen, all that the vault paid is still there.
    const paidOutUpTo = payeeEvents.payouts(domainBytes, 1)[0]?.block ?? null;
    const inVault = money.paidAfter(domainBytes, paidOutUpTo);
    const paid = money.ended(domainBytes, "paid");
    const paidOut = {
      ...difference(paid, inVault),
      newest: money.newestUpTo(domainBytes, paidOutUpTo),
    };
    const ended = new Map<string, MoneySum>([
      ["vault chain", inVault],
      ["paid-out chain", together(paidOut, money.ended(domainBytes, "compensated"))],
    ]);
    const transactions = new Map<string, readonly MoneyTransaction[]>([
      ["vault chain", money.paidTransactions(domainBytes, { above: paidOutUpTo, upTo: null })],
      [
        "paid-out chain",
        paidOutUpTo === null ? [] : money.paidTransactions(domainBytes, { above: null, upTo: paidOutUpTo }),
      ],
    ]);
    return PLACES.map(([stage, saidBy]) => {
      const place = `${stage} ${saidBy}`;
      const sum = ended.get(place) ?? open.get(place) ?? noMoney;
      const named = transactions.get(place) ?? (sum.count === 0 ? [] : money.openTransactions(domainBytes, place));
      return this.stage(served, { stage, saidBy }, sum, named);
    });
  }

  private stage(
    { asset, domainBytes }: ServedDomain,
    place: Pick<StageMoney, "stage" | "saidBy">,
    { count, sum, oldest, newest }: MoneySum,
    transactions: readonly MoneyTransaction[],
  ): StageMoney {
    const receipts = place.stage === "received" && count > 0 ? this.parts.journal.money.receipts(domainBytes) : [];
    return {
      ...place,
      ...{ count, sum: formatTotal(sum, asset), oldest, newest },
      transactions: transactions.map(({ tx, block, ...carried }) => ({
        ...{ tx, block: block === null ? null : Number(block) },
        ...{ count: carried.count, sum: formatTotal(carried.sum, asset) },
      })),
      receipts: receipts.map(({ uploadSeq, receivedAt, ...shown }) => ({
        ...{ uploadSeq, receivedAt, count: shown.count, sum: formatAmount(shown.sum, asset) },
      })),
    };
  }

  /** When the terminal claims by itself (spec §5.5). */
  private nextPayout(domainBytes: Uint8Array): number | null {
    const { config, journal } = this.parts;
    if (config.claim === null) return null;
    const { uploadWindowSeconds, chainMarginSeconds } = config.windows;
    const half = Math.floor(chainMarginSeconds / 2);
    const due = [true, false].flatMap((receipted) => {
      const oldest = journal.money.oldestToClaim(domainBytes, receipted);
      return oldest === null ? [] : [oldest + uploadWindowSeconds + (receipted ? half : -half)];
    });
    return due.length === 0 ? null : Math.min(...due);
  }
}

function difference(all: MoneySum, part: MoneySum): MoneySum {
  const count = all.count - part.count;
  return { count, sum: all.sum - part.sum, oldest: count === 0 ? null : all.oldest, newest: null };
}

function together(left: MoneySum, right: MoneySum): MoneySum {
  const pick = (best: (...times: number[]) => number, times: readonly (number | null)[]): number | null => {
    const known = times.filter((time) => time !== null);
    return known.length === 0 ? null : best(...known);
  };
  return {
    count: left.count + right.count,
    sum: left.sum + right.sum,
    oldest: pick(Math.min, [left.oldest, right.oldest]),
    newest: pick(Math.max, [left.newest, right.newest]),
  };
}
