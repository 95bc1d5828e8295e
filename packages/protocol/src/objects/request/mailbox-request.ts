import { copyBytes, isBytes } from "../../bytes/bytes.ts";
import { ProtocolError } from "../../bytes/errors.ts";
import { fixedBytes, oneOf, unsigned } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { MAILBOX_CURSOR_LENGTH } from "../../bytes/limits.ts";

/** What a terminal asks the mailbox (spec §6.13). */
export const mailboxAsks = Object.freeze({ page: 1, card: 2 } as const);

/** The entries behind a cursor, in pages. */
export interface MailboxPageAsk {
  readonly ask: typeof mailboxAsks.page;
  /** 16 bytes: zeros at the start, then `next` of the page before. Only settlement reads them. */
  readonly cursor: Uint8Array;
}

/** The newest allowance of the card that lies on the reader. */
export interface MailboxCardAsk {
  readonly ask: typeof mailboxAsks.card;
  /** 8 bytes (spec §2.3). */
  readonly cardTag: Uint8Array;
  /** The seq that the card shows; at least 1. */
  readonly shownSeq: number;
}

/** The body of a request of kind 1. */
export type MailboxRequest = MailboxPageAsk | MailboxCardAsk;

const object = "MailboxRequest";

const pageLayout = defineLayout<MailboxPageAsk>({
  object,
  head: "",
  fields: { ask: oneOf([mailboxAsks.page]), cursor: fixedBytes(MAILBOX_CURSOR_LENGTH) },
});

const cardLayout = defineLayout<MailboxCardAsk>({
  object,
  head: "",
  fields: { ask: oneOf([mailboxAsks.card]), cardTag: fixedBytes(8), shownSeq: unsigned(4, { minimum: 1 }) },
});

/**
 * Writes the body of a request of kind 1: 17 bytes for a page, 13 for one card (spec §6.13). Throws
 * ProtocolError where a field is not what it may be.
 */
export function encodeMailboxRequest(request: MailboxRequest): Uint8Array {
  return request.ask === mailboxAsks.page ? pageLayout.encode(request) : cardLayout.encode(request);
}

/** Reads the body of a request of kind 1; throws ProtocolError. */
export function decodeMailboxRequest(bytes: Uint8Array): MailboxRequest {
  if (!isBytes(bytes) || bytes.length === 0)
    throw new ProtocolError("WRONG_LENGTH", { object, expected: "at least 1", actual: 0 });
  const [ask] = copyBytes(bytes, 0, 1);
  if (ask === mailboxAsks.page) return pageLayout.decode(bytes);
  if (ask === mailboxAsks.card) return cardLayout.decode(bytes);
  throw new ProtocolError("OUT_OF_RANGE", { object, field: "ask", expected: "1 or 2", actual: String(ask) });
}
