import { ProgramError } from "@tallystick/program";

/**
 * Why a journal is not used. A gateway never starts on a journal that it cannot trust: it may hold
 * vouchers that nobody else has.
 */
export type JournalErrorCode =
  | "JOURNAL_IN_USE"
  | "JOURNAL_NEWER"
  | "JOURNAL_CORRUPT"
  | "JOURNAL_TOTALS_DIFFER"
  | "JOURNAL_RESTORED"
  | "JOURNAL_OTHER_TERMINAL"
  | "JOURNAL_NOT_A_JOURNAL"
  | "JOURNAL_UNREADABLE"
  | "JOURNAL_STATE_CONFLICT";

const nextSteps: { readonly [code in JournalErrorCode]: string } = {
  JOURNAL_IN_USE: "Another gateway runs on this journal; stop it, or give this one a journal of its own.",
  JOURNAL_NEWER: "A newer gateway has written it; start that version again. Nothing was changed.",
  JOURNAL_CORRUPT: "Keep the file as it is, copy it away, and follow the runbook 'A damaged journal'.",
  JOURNAL_TOTALS_DIFFER: "Keep the file as it is, copy it away, and follow the runbook 'A damaged journal'.",
  JOURNAL_RESTORED:
    "An older copy was put back. Vouchers taken since are missing from it: put the newest copy back, or start once with --accept-restored-journal and have the cards read again.",
  JOURNAL_OTHER_TERMINAL: "It belongs to another terminal, payee or key; use this terminal's own journal.",
  JOURNAL_NOT_A_JOURNAL: "The file is something else; check the path in the configuration. Nothing was changed.",
  JOURNAL_UNREADABLE: "Check the folder, its rights and the space on the disk.",
  JOURNAL_STATE_CONFLICT:
    "The row is in another state than expected; this is an error of the gateway, please report it.",
};

/** A journal that cannot be used, or a change that its state table forbids. */
export class JournalError extends ProgramError {
  override readonly name = "JournalError";
  declare readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(code, message, { exit: "store", next: nextSteps[code] });
  }
}
