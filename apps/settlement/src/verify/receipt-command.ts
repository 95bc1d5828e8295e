import { parseArgs } from "node:util";
import { decodeReceipt, digestOf, fromHex, isProtocolError, toHex, type Receipt } from "@tallystick/protocol";
import { createNativeEngine } from "../foundation/keys/signature-engine.ts";
import { ownReceiptsAnswerSchema, type OwnReceiptsAnswer } from "../operations/own/own-files.ts";
import { issuerKeyOf, jsonOfFile, usage } from "./given-files.ts";
import { MAX_RECEIPTS_BYTES } from "./limits.ts";
import type { VerifyResult } from "./verify-command.ts";

export const receiptHelp = `Usage: tallystick-settlement verify receipt FILE --issuer-key HEX [options]

Checks receipts of uploads, as GET /v1/own/terminals/:id/receipts gives them, without a network and
without the service: the issuer signed each, and it says what the file says beside it. A receipt
proves when settlement had an upload, not that what it holds is good. It names the first one that is
wrong, and exits with 0 where none is.

  --issuer-key HEX  a public key of the issuer, 33 or 65 bytes; again for each further key
  --json            one JSON object instead of the sentence
`;

/** Why receipts are not right. */
type ReceiptFault = "MALFORMED" | "SIGNATURE_WRONG" | "CONTENT_WRONG";

const FAULTS: Readonly<Record<ReceiptFault, string>> = {
  MALFORMED: "The file is no list of receipts, or one of them is none.",
  SIGNATURE_WRONG: "None of the given keys signed it.",
  CONTENT_WRONG: "It is of another upload or time than the file says, or of another terminal than the others.",
};

interface Verdict {
  readonly fault: ReceiptFault | null;
  /** Which one is wrong, from 1; null for the file as a whole, and where none is. */
  readonly place: number | null;
  readonly receipts: readonly Receipt[];
}

/** Runs `verify receipt` with the arguments behind it. Throws ProgramError where it cannot judge. */
export function receiptCommand(args: readonly string[]): VerifyResult {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { "issuer-key": { type: "string", multiple: true }, json: { type: "boolean", default: false } },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage("Name one file.", "Give the receipts' file.");
  const keys = (values["issuer-key"] ?? []).map(issuerKeyOf);
  if (keys.length === 0) throw usage("The issuer's key is missing.", "Give it with --issuer-key HEX.");
  const read = ownReceiptsAnswerSchema.safeParse(jsonOfFile(file, { most: MAX_RECEIPTS_BYTES, what: "receipt" }));
  const verdict = read.success
    ? judge(read.data.receipts, keys)
    : ({ fault: "MALFORMED", place: null, receipts: [] } as const);
  return { line: values.json ? jsonOf(verdict) : sentenceOf(verdict), accepted: verdict.fault === null };
}

function judge(given: OwnReceiptsAnswer["receipts"], keys: readonly Uint8Array[]): Verdict {
  const receipts: Receipt[] = [];
  const engine = createNativeEngine();
  for (const [at, { receipt: text, signature, upload, receivedAt }] of given.entries()) {
    const wrong = (fault: ReceiptFault): Verdict => ({ fault, place: at + 1, receipts });
    const signed = readReceipt(text, signature);
    if (signed === null) return wrong("MALFORMED");
    const { content, bytes } = signed;
    if (!keys.some((key) => engine.verify(signed.signature, digestOf(bytes), key))) return wrong("SIGNATURE_WRONG");
    const isSaid = toHex(content.uploadHash) === upload && content.receivedAt === receivedAt;
    if (!isSaid || terminalOf(content) !== terminalOf(receipts[0] ?? content)) return wrong("CONTENT_WRONG");
    receipts.push(content);
  }
  return { fault: null, place: null, receipts };
}

/** Null where the texts are no receipt and no signature. */
function readReceipt(text: string, signatureText: string) {
  try {
    const [bytes, signature] = [fromHex(text), fromHex(signatureText, 64)];
    return { bytes, signature, content: decodeReceipt(bytes) };
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function terminalOf({ domain, payee, terminalId }: Receipt): string {
  return [domain.chainId, toHex(domain.vault), toHex(payee), toHex(terminalId)].join(" ");
}

function jsonOf({ fault, place, receipts }: Verdict): string {
  const shown = receipts.map(({ domain, payee, terminalId, uploadSeq, uploadHash, receivedAt }) => ({
    ...{ chainId: String(domain.chainId), vault: toHex(domain.vault), payee: toHex(payee) },
    ...{ terminalId: toHex(terminalId), upload: uploadSeq, hash: toHex(uploadHash), receivedAt },
  }));
  return JSON.stringify({
    schema: "tallystick.receipt-verdict/1",
    fault,
    place,
    receipts: fault === null ? shown : [],
  });
}

function sentenceOf({ fault, place, receipts }: Verdict): string {
  if (fault !== null) return `${fault}: ${place === null ? "" : `Receipt ${place}: `}${FAULTS[fault]}`;
  const [newest] = receipts;
  if (newest === undefined) return "The file has no receipt; nothing in it is wrong.";
  const each = receipts.map(
    ({ uploadSeq, receivedAt }) => `upload ${uploadSeq} at ${new Date(receivedAt * 1_000).toISOString()}`,
  );
  return `The issuer signed ${receipts.length === 1 ? "the receipt" : `all ${receipts.length} receipts`} of the terminal ${toHex(newest.terminalId)} of ${toHex(newest.payee)}: settlement had ${each.join(", ")}.`;
}
