import {
  addressOfKey,
  type AllowanceBody,
  cardTag,
  decodeMailboxRequest,
  digestOf,
  encodeAllowance,
  encodeMailboxPage,
  fromHex,
  mailboxAsks,
  type MailboxEntry,
  type Signer,
  toHex,
} from "@tallystick/protocol";
import type { TerminalRequestBody } from "@tallystick/protocol/wire";
import { SettlementError } from "../../../src/sync/settlement-client.ts";
import type { TestCard } from "../test-card.ts";
import { issuer } from "../test-terminal.ts";

/** An allowance in the mailbox for a card: what it holds with these changes, and the next seq. */
export async function mailFor(
  card: Pick<TestCard, "domain" | "signer" | "body">,
  changes: Partial<AllowanceBody> = {},
  signer: Signer = issuer,
): Promise<MailboxEntry> {
  const body = { ...card.body, seq: card.body.seq + 1, ...changes };
  const allowance = encodeAllowance({ domain: card.domain, card: addressOfKey(card.signer.publicKey), body });
  return {
    cardTag: cardTag(card.domain, card.signer.publicKey),
    body,
    signature: await signer.sign(digestOf(allowance)),
  };
}

/** A settlement's mailbox that serves what a test puts in, a page of `perPage` at a time. */
export class TestMailbox {
  /** Oldest first. */
  readonly entries: MailboxEntry[] = [];
  /** Those it names only where their card is asked for. */
  readonly onDemand: MailboxEntry[] = [];
  perPage = 240;
  /** Whether something authenticates its answers. */
  authenticated = true;
  /** Nobody answers. */
  away = false;
  /** In place of every answer. */
  refusal: SettlementError | null = null;
  /** Seconds from which on it says that the terminal's certificate is withdrawn. */
  withdrawnFrom: number | null = null;
  /** Always another page, whatever was read. */
  endless = false;
  /** Bytes in place of a page. */
  garbage: Uint8Array | null = null;
  /** Answers wait for it. */
  held: Promise<void> | null = null;
  asked = 0;

  async request(body: TerminalRequestBody): Promise<unknown> {
    this.asked += 1;
    await this.held;
    return await this.answer(body);
  }

  private answer(body: TerminalRequestBody): Promise<unknown> {
    if (this.away) return Promise.reject(new SettlementError("SETTLEMENT_UNREACHABLE", "Nobody answers."));
    if (this.refusal !== null) return Promise.reject(this.refusal);
    if (this.garbage !== null) return Promise.resolve({ page: toHex(this.garbage) });
    const asked = decodeMailboxRequest(fromHex(body.body));
    if (asked.ask === mailboxAsks.card) {
      const name = toHex(asked.cardTag);
      const entries = [...this.entries, ...this.onDemand].filter(
        (entry) => toHex(entry.cardTag) === name && entry.body.seq > asked.shownSeq,
      );
      return this.page({ next: new Uint8Array(16), more: false, entries: entries.slice(-1) });
    }
    const from = Buffer.from(asked.cursor).readUInt32BE(0);
    const entries = this.entries.slice(from, from + this.perPage);
    const next = Buffer.alloc(16);
    next.writeUInt32BE(from + entries.length, 0);
    const more = this.endless || from + entries.length < this.entries.length;
    return this.page({ next: Uint8Array.from(next), more, entries });
  }

  private page(page: Parameters<typeof encodeMailboxPage>[0]): Promise<unknown> {
    const withdrawal = this.withdrawnFrom === null ? {} : { withdrawnFrom: this.withdrawnFrom };
    return Promise.resolve({ page: toHex(encodeMailboxPage(page)), ...withdrawal });
  }
}
