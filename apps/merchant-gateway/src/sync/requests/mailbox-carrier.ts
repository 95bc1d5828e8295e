import { equalBytes, type MailboxPage } from "@tallystick/protocol";
import type { ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";
import { MAX_CARRIED_ALLOWANCES, MAX_MAILBOX_PAGES, MAX_SEEN_CARDS } from "../limits.ts";
import { SettlementError } from "../settlement-client.ts";
import type { TerminalRequests } from "./terminal-requests.ts";

export interface MailboxCarrierParts {
  readonly journal: Pick<Journal, "write" | "mailbox">;
  readonly requests: Pick<TerminalRequests, "canAsk" | "mailboxPage" | "mailboxOf">;
}

/** The card that a terminal asks about. */
export interface AskedCard {
  /** 8 bytes. */
  readonly cardTag: Uint8Array;
  /** The seq that it shows. */
  readonly shownSeq: number;
}

/**
 * Brings the issuer's mailbox to this terminal (spec §5.10). A terminal sells without it, so that
 * settlement's refusal of a page is no fault of an exchange.
 */
export class MailboxCarrier {
  private readonly parts: MailboxCarrierParts;

  constructor(parts: MailboxCarrierParts) {
    this.parts = parts;
  }

  /**
   * Reads on where the exchange before ended; a stated number of pages. Each page is durable with its
   * cursor. Rejects with SettlementError where settlement cannot be reached or read.
   */
  async fetch(served: ServedDomain): Promise<void> {
    const { journal, requests } = this.parts;
    if (!requests.canAsk(served)) return;
    const { domainBytes } = served;
    try {
      for (let pages = 0; pages < MAX_MAILBOX_PAGES; pages += 1) {
        const page = await requests.mailboxPage(served, journal.mailbox.cursor(domainBytes));
        this.keep(domainBytes, page);
        if (!page.more) return;
      }
    } catch (error) {
      if (!(error instanceof SettlementError) || error.code !== "SETTLEMENT_REFUSED") throw error;
    }
  }

  /**
   * Asks for the newest allowance of one card; whether a newer one than it shows is held then. Never
   * rejects for a settlement that does not answer.
   */
  async fetchFor(served: ServedDomain, { cardTag, shownSeq }: AskedCard): Promise<boolean> {
    const { journal, requests } = this.parts;
    if (!requests.canAsk(served)) return false;
    try {
      const { entries } = await requests.mailboxOf(served, { cardTag, shownSeq });
      const found = entries.find((entry) => equalBytes(entry.cardTag, cardTag) && entry.body.seq > shownSeq);
      if (found === undefined) return false;
      journal.write(() => {
        journal.mailbox.keep(served.domainBytes, found);
      });
      return journal.mailbox.of(served.domainBytes, cardTag)?.body.seq === found.body.seq;
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      return false;
    }
  }

  private keep(domainBytes: Uint8Array, page: MailboxPage): void {
    const { journal } = this.parts;
    if (page.entries.length === 0 && equalBytes(page.next, journal.mailbox.cursor(domainBytes))) return;
    journal.write(() => {
      journal.mailbox.keepPage(domainBytes, page, { entries: MAX_CARRIED_ALLOWANCES, cards: MAX_SEEN_CARDS });
    });
  }
}
