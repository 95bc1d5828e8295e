import { assertLength, concatBytes, copyBytes, isBytes } from "../../bytes/bytes.ts";
import { ProtocolError } from "../../bytes/errors.ts";
import { fixedBytes, oneOf, unsigned } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { MAILBOX_CURSOR_LENGTH, MAX_MAILBOX_ENTRIES } from "../../bytes/limits.ts";
import { signatureField } from "../../bytes/signature-form.ts";
import { type AllowanceBody, allowanceBodyField } from "../allowance.ts";

/** One allowance on its way to a card: no name, address or key is in it (spec §6.13). */
export interface MailboxEntry {
  /** 8 bytes (spec §2.3). */
  readonly cardTag: Uint8Array;
  readonly body: AllowanceBody;
  /** The issuer's r ‖ s over `TLYA`, 64 bytes. */
  readonly signature: Uint8Array;
}

/** The answer to a request of kind 1. */
export interface MailboxPage {
  /** 16 bytes: the cursor of the next page. */
  readonly next: Uint8Array;
  /** Whether further entries stand behind this page. */
  readonly more: boolean;
  /** At most 240; at most one of each card. */
  readonly entries: readonly MailboxEntry[];
}

interface PageHead {
  readonly next: Uint8Array;
  readonly more: 0 | 1;
  readonly n: number;
}

const object = "MailboxPage";

const headLayout = defineLayout<PageHead>({
  object,
  head: "",
  fields: {
    next: fixedBytes(MAILBOX_CURSOR_LENGTH),
    more: oneOf([0, 1]),
    n: unsigned(2, { maximum: MAX_MAILBOX_ENTRIES }),
  },
});

const entryLayout = defineLayout<MailboxEntry>({
  object: "MailboxEntry",
  head: "",
  fields: { cardTag: fixedBytes(8), body: allowanceBodyField, signature: signatureField },
});

/** Bytes of one entry: 134. */
export const MAILBOX_ENTRY_LENGTH: number = entryLayout.length;

/** Longest page: 19 bytes and 240 entries. */
export const MAX_MAILBOX_PAGE_LENGTH: number = headLayout.length + MAX_MAILBOX_ENTRIES * MAILBOX_ENTRY_LENGTH;

/** Writes one entry as its 134 bytes. Throws ProtocolError where a field is not what it may be. */
export function encodeMailboxEntry(entry: MailboxEntry): Uint8Array {
  return entryLayout.encode(entry);
}

/** Reads one entry from exactly 134 bytes; throws ProtocolError. Its signature is not verified. */
export function decodeMailboxEntry(bytes: Uint8Array): MailboxEntry {
  return entryLayout.decode(bytes);
}

/**
 * Writes a page: next ‖ more ‖ n ‖ n entries (spec §6.13). Throws ProtocolError for more than 240
 * entries, or where a field is not what it may be.
 */
export function encodeMailboxPage({ next, more, entries }: MailboxPage): Uint8Array {
  const head = headLayout.encode({ next, more: more ? 1 : 0, n: entries.length });
  return concatBytes(head, ...entries.map(encodeMailboxEntry));
}

/** Reads a page; throws ProtocolError. Its entries are well formed then, their signatures not verified. */
export function decodeMailboxPage(bytes: Uint8Array): MailboxPage {
  if (!isBytes(bytes) || bytes.length < headLayout.length) {
    const actual = isBytes(bytes) ? bytes.length : 0;
    throw new ProtocolError("WRONG_LENGTH", { object, expected: `at least ${headLayout.length}`, actual });
  }
  const { next, more, n } = headLayout.decode(copyBytes(bytes, 0, headLayout.length));
  assertLength(bytes, headLayout.length + n * MAILBOX_ENTRY_LENGTH, object);
  const entries = Array.from({ length: n }, (_, index) => {
    const at = headLayout.length + index * MAILBOX_ENTRY_LENGTH;
    return decodeMailboxEntry(copyBytes(bytes, at, MAILBOX_ENTRY_LENGTH));
  });
  return { next, more: more === 1, entries };
}
