import { isApduError, isReaderError, type ReaderErrorCode } from "@tallystick/apdu";
import { CardError } from "@tallystick/card";
import { isRpcError } from "@tallystick/evm";
import { type ExitKind, ProgramError } from "@tallystick/program";
import { isProtocolError } from "@tallystick/protocol";

interface Situation {
  readonly exit: ExitKind;
  readonly message: string;
  readonly next: string;
}

const resume = "Run the same command again with the same card; it goes on where it stopped.";

/** Everything that can stand in the way, by its stable code: what happened, and what to do. */
const situations = {
  USAGE: { exit: "usage", message: "The command line is wrong.", next: "See --help." },
  REFERENCE_OTHER_PARTICULARS: {
    exit: "usage",
    message: "This reference was begun with another owner, funding, domain or instance.",
    next: "Give the particulars it was begun with, or use another reference.",
  },
  REFERENCE_TAKEN: {
    exit: "usage",
    message: "The register has another card of this reference.",
    next: "Give this card a reference of its own, or go on with the journal that the other card was begun with.",
  },
  REFERENCE_CLAIMED: {
    exit: "usage",
    message: "Another station makes the card of this reference.",
    next: "Leave it to that station; if it will not go on, take the reference over with --take-over.",
  },
  CARD_HAS_MONEY: {
    exit: "usage",
    message: "The card has money, or its deposit is signed: it cannot be given up any more.",
    next: "Finish it, or replace it: its money comes back to its owner by a withdrawal.",
  },
  LIMITS_DIFFER: {
    exit: "usage",
    message: "The card was given other limits; this command does not change them.",
    next: "Have settlement sign an allowance with the new limits; or name the limits that it has.",
  },
  LOAD_FILE_DIFFERS: {
    exit: "usage",
    message: "The CAP file is not the one that the configuration names.",
    next: "See what was built from what: `load-file` prints a file's SHA-256; stock.package.sha256 is what it must be.",
  },
  CLOCK_WRONG: {
    exit: "usage",
    message: "This station's clock is wrong.",
    next: "Set it by network time (timedatectl set-ntp true): allowances and certificates begin and end by it.",
  },
  PROGRAMME_DIFFERS: {
    exit: "usage",
    message: "The programme in this folder was begun with other answers.",
    next: "Give the answers it was begun with, or make the other programme in a folder of its own.",
  },
  TOKEN_UNFIT: {
    exit: "usage",
    message: "This token cannot be a programme's.",
    next: "Name another token, or correct asset; nothing was deployed for this one that holds money.",
  },
  JOURNAL_IN_USE: {
    exit: "store",
    message: "Another personalizer works with this journal.",
    next: "Wait until it is done, or give this one a journal of its own.",
  },
  JOURNAL_FAULT: {
    exit: "store",
    message: "The journal cannot be read or written.",
    next: "Look at the path, its rights and the disk. Without its journal a station must not go on.",
  },

  NO_SERVICE: { exit: "reader", message: "", next: "" },
  READER_UNKNOWN: { exit: "reader", message: "", next: "" },
  READER_IN_USE: { exit: "reader", message: "", next: "" },
  CARD_ABSENT: { exit: "reader", message: "", next: "" },
  READER_FAULT: { exit: "reader", message: "", next: "" },
  NOT_CONNECTED: { exit: "reader", message: "", next: "" },
  CARD_MUTE: { exit: "card", message: "", next: "" },
  CARD_REMOVED: {
    exit: "interrupted",
    message: "The card was taken away before it was done.",
    next: `Put the same card back. ${resume}`,
  },
  CARD_RESET: { exit: "interrupted", message: "Another program reset the card.", next: resume },
  TORN: {
    exit: "interrupted",
    message: "The card's answer was cut off; its command may or may not have taken effect.",
    next: `${resume} The card is asked what happened.`,
  },

  CARD_NOT_SUITABLE: {
    exit: "card",
    message: "This card cannot be personalized.",
    next: "Use a card that speaks GlobalPlatform with SCP03 and holds the applet's package, or can be given it.",
  },
  CARD_UNKNOWN_STATE: {
    exit: "card",
    message: "The card holds an applet that is not in this journal.",
    next: "Use the journal that it was begun with; where that is lost, take the card into this one with adopt.",
  },
  WRONG_CARD: {
    exit: "card",
    message: "This is not the card that the reference was begun with.",
    next: "Put the right card on the reader, or use another reference for this one.",
  },
  CARD_OF_OTHER_REFERENCE: {
    exit: "card",
    message: "This card belongs to another reference.",
    next: "Give that reference to go on with this card, or take another card.",
  },
  CARD_REFUSED: {
    exit: "card",
    message: "The card refused a command.",
    next: "Look the status word up in docs/spec/4-card.md; if it stays, put the card aside and free its reference with abandon.",
  },
  PIN_REFUSED: {
    exit: "card",
    message: "The card refused the PIN or the PUK.",
    next: "Look at the tries that are left before another one; a blocked PIN is unblocked by the PUK, a lost PUK by `cards pin set`.",
  },
  CARD_CONTRADICTS: {
    exit: "card",
    message: "The card answered something else than what was written to it.",
    next: "Put the card aside and do not hand it out; free its reference with abandon.",
  },

  DEFAULT_KEYS_REFUSED: {
    exit: "keys",
    message: "The card still has the default keys that everybody knows, and this is production.",
    next: "Have the maker put transport keys on, or allow it once with --allow-default-keys.",
  },
  WRONG_KEYS: {
    exit: "keys",
    message: "Our keys are not this card's. They were tried once and are not tried again.",
    next: "Use the master key that this card was made with; then allow one more try with --retry-keys.",
  },
  KEY_VERSION_UNKNOWN: {
    exit: "keys",
    message: "The card's keys are neither those of its stock nor ours. Nothing was tried.",
    next: "Describe the stock in the configuration (stock.keyVersion, stock.keys), or use another card.",
  },
  KEYS_REFUSED_BEFORE: {
    exit: "keys",
    message: "These keys were not this card's in an earlier run; nothing was sent.",
    next: "Use the right master key, or allow one more try with --retry-keys.",
  },
  ISSUER_KEY_MISMATCH: {
    exit: "keys",
    message: "The settlement signs with a key that is not pinned here.",
    next: "Compare the configuration's issuerKeys and domain with the issuer's own; believe neither blindly.",
  },

  RECORD_WRONG: {
    exit: "keys",
    message: "The record of a key ceremony does not hold.",
    next: "Bring the files of one ceremony; if they are, do not use its keys before it is known why.",
  },

  SETTLEMENT_UNREACHABLE: {
    exit: "network",
    message: "The settlement does not answer.",
    next: `See that it runs at the configured address. ${resume}`,
  },
  SETTLEMENT_REFUSED: {
    exit: "network",
    message: "The settlement refused a request.",
    next: `Correct what it names. ${resume}`,
  },
  SETTLEMENT_ANSWER: {
    exit: "network",
    message: "The settlement answered something that it should not.",
    next: "See that the address is a settlement's and that the versions fit.",
  },
  FUNDING_REFUSED: {
    exit: "network",
    message: "The deposit for this card failed on the chain.",
    next: `See that the treasury has the tokens and the fees. ${resume} The deposit is then tried anew.`,
  },
  NOT_FINAL: {
    exit: "network",
    message: "The chain is not final yet.",
    next: `The card may be taken off. ${resume}`,
  },
  NODE_UNREACHABLE: {
    exit: "network",
    message: "The chain's node does not answer as it should.",
    next: "See that it runs at rpcUrl, or name another node. Run the same command again; it goes on where it stopped.",
  },
  NODE_UNFIT: {
    exit: "network",
    message: "This node cannot serve the programme, however long one waits.",
    next: "Name a node of the right chain that serves final blocks; run the same command again.",
  },
  CHAIN_STALLED: {
    exit: "network",
    message: "The chain makes no blocks.",
    next: "See that the node follows its chain. Run the same command again; it goes on where it stopped.",
  },
  NOT_FUNDED: {
    exit: "network",
    message: "An account did not get what it needs in time.",
    next: "Send it what is lacking. Run the same command again; it goes on where it stopped.",
  },
  TRANSACTION_FAILED: {
    exit: "network",
    message: "A transaction had no effect.",
    next: "Look at it in a block explorer, correct what it shows, and run the same command again.",
  },
  VAULT_UNFIT: {
    exit: "network",
    message: "What stands at the vault's address is not this programme's vault.",
    next: "Compare address, token and scale; name the right vault, or make the programme in a new folder.",
  },
  INTERRUPTED: { exit: "interrupted", message: "The run was stopped.", next: resume },
  FAULT: {
    exit: "failed",
    message: "Something failed that should not have.",
    next: `Keep the journal and report the message. ${resume}`,
  },
} as const satisfies Record<string, Situation>;

export type FailureCode = keyof typeof situations;

/** Every code with the kind of its exit. */
export const FAILURE_EXITS: Readonly<Record<FailureCode, ExitKind>> = Object.fromEntries(
  Object.entries(situations).map(([code, { exit }]) => [code, exit]),
) as Record<FailureCode, ExitKind>;

/** What stands in the way of going on. */
export class Failure extends ProgramError {
  override readonly name = "Failure";
  declare readonly code: FailureCode;

  /** `detail` names the case, such as a status word or a field; never a key. */
  constructor(code: FailureCode, detail?: string, own?: { readonly message: string; readonly next: string }) {
    const situation: Situation = situations[code];
    const message = own?.message ?? situation.message;
    super(code, detail === undefined ? message : `${message} ${detail}`, {
      exit: situation.exit,
      next: own?.next ?? situation.next,
    });
  }
}

/** Reader errors that keep their own sentence. */
const ownSentence: readonly ReaderErrorCode[] = [
  "NO_SERVICE",
  "READER_UNKNOWN",
  "READER_IN_USE",
  "CARD_ABSENT",
  "CARD_MUTE",
  "READER_FAULT",
  "NOT_CONNECTED",
];

/** The failure that an error of any layer stands for. */
export function asFailure(error: unknown): ProgramError {
  if (error instanceof ProgramError) return error;
  if (isReaderError(error)) {
    return ownSentence.includes(error.code) ? new Failure(error.code, undefined, error) : new Failure(error.code);
  }
  if (isRpcError(error)) return new Failure("NODE_UNREACHABLE", `It says ${error.code}: ${error.message}`);
  if (isApduError(error, "TORN")) return new Failure("TORN");
  if (isApduError(error, "WRONG_KEYS")) {
    const tries = error.context["triesLeft"];
    return new Failure("WRONG_KEYS", typeof tries === "number" ? `The card says ${tries} tries are left.` : undefined);
  }
  if (isApduError(error, "UNSUPPORTED")) return new Failure("CARD_NOT_SUITABLE", error.message);
  if (isApduError(error, "STATUS")) return new Failure("CARD_REFUSED", `${error.message}`);
  if (isApduError(error) || error instanceof CardError) return new Failure("CARD_CONTRADICTS", error.message);
  return new Failure("FAULT", error instanceof Error ? error.message : String(error));
}

/** The failure for a status word that no step expects; `answer` is the word with its sentence. */
export function cardRefused(command: string, answer: string): Failure {
  return new Failure("CARD_REFUSED", `${command} was answered ${answer}`);
}

/** Bytes that cannot be decoded are the fault of whoever sent them: the card, or the settlement. */
export async function blamingBytesOn<T>(
  code: "CARD_CONTRADICTS" | "SETTLEMENT_ANSWER",
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isProtocolError(error)) throw new Failure(code, error.message);
    throw error;
  }
}
