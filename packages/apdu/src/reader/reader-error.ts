/**
 * Why a reader or a card gave no complete response. `TORN` and every other error of `transmit`
 * leave it open whether the command took effect.
 */
export type ReaderErrorCode =
  | "NO_SERVICE"
  | "READER_UNKNOWN"
  | "READER_IN_USE"
  | "CARD_ABSENT"
  | "CARD_MUTE"
  | "CARD_REMOVED"
  | "CARD_RESET"
  | "TORN"
  | "NOT_CONNECTED"
  | "READER_FAULT";

interface Explanation {
  readonly message: string;
  readonly next: string;
}

const EXPLANATIONS: { readonly [code in ReaderErrorCode]: Explanation } = {
  NO_SERVICE: {
    message: "The smart card service does not answer.",
    next: "Start pcscd (or the card host) and try again.",
  },
  READER_UNKNOWN: {
    message: "No reader of this name is connected.",
    next: "Plug the reader in, or choose one of the readers that are listed.",
  },
  READER_IN_USE: {
    message: "Another program holds this reader.",
    next: "Close the other program, or share the reader, and try again.",
  },
  CARD_ABSENT: {
    message: "There is no card on the reader.",
    next: "Put the card on the reader and leave it there.",
  },
  CARD_MUTE: {
    message: "The card did not answer in time.",
    next: "Take the card off, turn it round and put it on again; if it stays silent, use another card.",
  },
  CARD_REMOVED: {
    message: "The card was taken away.",
    next: "Put the same card on the reader again.",
  },
  CARD_RESET: {
    message: "Another program reset the card.",
    next: "Connect again and select the application anew.",
  },
  TORN: {
    message: "The answer of the card was cut off, so its command may or may not have taken effect.",
    next: "Put the same card on the reader again and ask it what happened.",
  },
  NOT_CONNECTED: {
    message: "The connection to the card is closed.",
    next: "Connect to the reader again.",
  },
  READER_FAULT: {
    message: "The reader reported a fault.",
    next: "Unplug the reader, plug it in again and try once more.",
  },
};

/**
 * Why a service that runs cannot be used: it hung up before it greeted (it lets only some users in), it speaks another
 * version of its protocol, or it says nothing.
 */
export type ServiceCause = "closed" | "version" | "silent";

const SERVICE_EXPLANATIONS: { readonly [cause in ServiceCause]: Explanation } = {
  closed: {
    message: "The smart card service runs and hung up on this program.",
    next: "Let this user use it (polkit's rule org.debian.pcsc-lite.access_pcsc, or the socket's rights) and try again.",
  },
  version: {
    message: "The smart card service speaks another version of its protocol than this program.",
    next: "Install pcscd and its library from one release, and let containers use the library of their host's pcscd.",
  },
  silent: {
    message: "The smart card service runs and says nothing.",
    next: "Restart pcscd; if that does not help, unplug the readers one after another to find the one that stops it.",
  },
};

/** A failure of a reader or of the way to it: a stable code, one sentence, and what to do next. */
export class ReaderError extends Error {
  override readonly name = "ReaderError";
  readonly code: ReaderErrorCode;
  /** What the person at the reader should do. */
  readonly next: string;
  /** Name of the reader; null where no single reader is concerned. */
  readonly reader: string | null;
  /** The message of the layer below, for logs; null where this layer found the fault. */
  readonly detail: string | null;

  /** `service` gives NO_SERVICE the sentences of its cause. */
  constructor(
    code: ReaderErrorCode,
    context: { readonly reader?: string; readonly detail?: string; readonly service?: ServiceCause } = {},
  ) {
    const { message, next } =
      context.service === undefined ? EXPLANATIONS[code] : SERVICE_EXPLANATIONS[context.service];
    super(context.reader === undefined ? message : `${message} (reader "${context.reader}")`);
    this.code = code;
    this.next = next;
    this.reader = context.reader ?? null;
    this.detail = context.detail ?? null;
  }
}

/** Whether a caught value is a reader error, and of that code when one is named. */
export function isReaderError(error: unknown, code?: ReaderErrorCode): error is ReaderError {
  return error instanceof ReaderError && (code === undefined || error.code === code);
}
