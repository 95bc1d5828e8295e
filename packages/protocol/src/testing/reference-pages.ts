import {
  cashierSentence,
  ProtocolError,
  type ProtocolErrorCode,
  protocolErrorCodes,
  type ProtocolErrorContexts,
  reasonCodes,
  refusalByStatusWord,
} from "../index.ts";

const made = [
  "Made from the source of `@tallystick/protocol` by",
  "`node infra/bootstrap/source.mjs packages/protocol/src/testing/write-reference.ts`; a test compares.",
];

/** One context for each code, as it may come. */
const samples: { readonly [C in ProtocolErrorCode]: ProtocolErrorContexts[C] } = {
  BAD_CHECKSUM: { actual: "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed" },
  BAD_DEFLATE: { fault: "bytes follow the end of the stream" },
  BAD_HEX: { fault: "half a byte is missing" },
  BAD_PUBLIC_KEY: { object: "SelectAnswer", field: "cardKey" },
  BAD_SECRET_KEY: {},
  BAD_SIGNATURE: { object: "digest" },
  BAD_SIGNATURE_ENCODING: { fault: "r has a needless leading zero" },
  HASH_MISMATCH: { object: "StatusList" },
  HIGH_S: {},
  INDEX_PAST_END: { cards: 9, actual: 9 },
  LIST_TOO_LARGE: { maximum: 67108864, actual: 67108865 },
  NONZERO_PADDING: { object: "StatusList" },
  OUT_OF_RANGE: { object: "VoucherMessage", field: "amount", expected: "from 1 to 281474976710655", actual: "0" },
  SIGNATURE_OUT_OF_RANGE: { part: "s" },
  SURPLUS_BYTES: { object: "PayRequest", expected: 67, actual: 68 },
  TOO_MANY_ENTRIES: { what: "entries", maximum: 1000, actual: 1001 },
  UNKNOWN_KIND: { object: "UploadBody", actual: 6 },
  UNKNOWN_TAG: { object: "Allowance", expected: "0x544c5941", actual: "0x544c5931" },
  UNKNOWN_VERSION: { object: "SelectAnswer", expected: 1, actual: 2 },
  WRONG_LENGTH: { object: "VoucherMessage", expected: "82", actual: 81 },
  WRONG_TYPE: { object: "VoucherMessage", field: "counter", expected: "a number", actual: "string" },
  ZERO_ADDRESS: { object: "Opening", field: "owner" },
  ZERO_PAYEE: { object: "VoucherMessage" },
};

/**
 * The page docs/reference/reason-codes.md: every reason with its sentence and status word, in the
 * order in which they are asked.
 */
export function reasonCodesPage(): string {
  const statusWords = new Map(
    [...refusalByStatusWord].map(([word, code]) => [code as string, word.toString(16).toUpperCase()]),
  );
  statusWords.set("CARD_WRONG_PIN", "63Cx").set("CARD_REFUSED", "any other");
  const rows = reasonCodes.map((code) => `| ${code} | ${statusWords.get(code) ?? ""} | ${cashierSentence(code)} |`);
  const head = [
    "# Reason codes",
    "",
    "Why a tap was not accepted ([spec §5.4](../spec/5-terminal.md), §5.6). The codes are stable; the",
    "sentences are for the cashier. Rows stand in the order in which a terminal asks.",
    ...made,
    "",
    "| code | status word | sentence |",
    "|---|---|---|",
  ];
  return [...head, ...rows, ""].join("\n");
}

/**
 * The page docs/reference/protocol-errors.md: every code of a decoder with one message as it may
 * read.
 */
export function protocolErrorsPage(): string {
  const rows = protocolErrorCodes.map((code) => `| ${code} | ${exampleOf(code)} |`);
  const head = [
    "# Protocol errors",
    "",
    "What a decoder, an encoder or a verifier throws ([spec §3.9](../spec/3-objects.md)). The codes are",
    "stable and each has a typed context; the messages may change.",
    ...made,
    "",
    "| code | a message as it may read |",
    "|---|---|",
  ];
  return [...head, ...rows, ""].join("\n");
}

function exampleOf<C extends ProtocolErrorCode>(code: C): string {
  return new ProtocolError(code, samples[code]).message;
}
