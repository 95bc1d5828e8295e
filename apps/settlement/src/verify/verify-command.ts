import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { ProgramError } from "@tallystick/program";
import {
  createSignatureChecks,
  decodeMerchantCertificate,
  decodeVoucherBundle,
  DEFAULT_UPLOAD_WINDOW_SECONDS,
  digestOf,
  excessCodes,
  fromHex,
  isProtocolError,
  judgeVoucherBytes,
  MERCHANT_CERTIFICATE_LENGTH,
  parseAddress,
  parsePublicKey,
  SIGNATURE_LENGTH,
  toChecksumAddress,
  toHex,
  worthlessCodes,
  type CertifiedTerminal,
  type IssuerKey,
  type VoucherBundle,
  type VoucherGrounds,
  type VoucherVerdict,
} from "@tallystick/protocol";
import { createNativeEngine } from "../foundation/keys/signature-engine.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { amountTexts, assetOf, type AmountText } from "./amount-texts.ts";

export const verifyHelp = `Usage: tallystick-settlement verify --bundle FILE --issuer-key HEX [options]

Judges one voucher by pinned issuer keys, without a network and without the service. It prints one
sentence, and exits with 0 where the voucher is worth what was asked for.

  --bundle FILE       the 382 bytes of a voucher's entry, or their hexadecimal text
  --issuer-key HEX    a public key of the issuer, 33 or 65 bytes; again for each further key
  --payee ADDRESS     whom the voucher must pay
  --certificate FILE  the terminal's certificate, 163 bytes, and the issuer's signature behind it
  --received SECONDS  when the voucher came; with it lateness is judged, U being 7 days
  --asset CODE:N      how amounts are shown, such as TUSD:6; else in the vault's units
  --accept WORTH      promised (default), or authentic: signed by the card, and paid by the vault
                      as far as it can
  --json              one JSON object instead of the sentence
`;

/** What the command writes, and whether the voucher is worth what was asked for. */
export interface VerifyResult {
  readonly line: string;
  readonly accepted: boolean;
}

/** Runs `verify` with the arguments behind its name. Throws ProgramError where it cannot judge. */
export function verifyCommand(args: readonly string[]): VerifyResult {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bundle: { type: "string" },
      "issuer-key": { type: "string", multiple: true },
      payee: { type: "string" },
      certificate: { type: "string" },
      received: { type: "string" },
      asset: { type: "string" },
      accept: { type: "string", default: "promised" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.bundle === undefined) throw usage("The voucher is missing.", "Name its file with --bundle FILE.");
  const keys = values["issuer-key"] ?? [];
  if (keys.length === 0) throw usage("The issuer's key is missing.", "Give it with --issuer-key HEX.");
  const { accept } = values;
  if (accept !== "promised" && accept !== "authentic") {
    throw usage(`--accept ${accept} is not known.`, "Ask for promised or for authentic.");
  }
  const bytes = readBytes(values.bundle);
  const publicKeys = keys.map(readKey);
  const verdict = judgeVoucherBytes(bytes, {
    checks: createSignatureChecks(pinned(bytes, publicKeys), createNativeEngine()),
    ...(values.payee === undefined ? {} : { payee: readValue("--payee", () => parseAddress(values.payee ?? "")) }),
    ...(values.certificate === undefined ? {} : { terminal: readTerminal(values.certificate, publicKeys) }),
    ...(values.received === undefined ? {} : readArrival(values.received)),
  });
  const amount = amountTexts(values.asset === undefined ? null : assetOf(values.asset));
  const accepted = verdict.worth === "promised" || verdict.worth === accept;
  return { line: values.json ? jsonOf(bytes, verdict) : sentenceOf(bytes, verdict, amount), accepted };
}

/** Every key counts for the domain and the key id that the voucher itself names: it is pinned by its bytes. */
function pinned(bytes: Uint8Array, publicKeys: readonly Uint8Array[]): readonly IssuerKey[] {
  const bundle = decoded(bytes);
  if (bundle === null) return [];
  const { domain } = bundle.message;
  const { issuerKeyId: id } = bundle.allowanceBody;
  // The judge looks a key up by its id: of several, the one that signed the allowance.
  const keys = publicKeys.map((publicKey) => ({ domain, id, publicKey }));
  const signed = keys.find((key) => {
    const checks = createSignatureChecks([key], createNativeEngine());
    const card = checks.addressOf(bundle.cardKey);
    const allowance = {
      domain,
      cardKey: bundle.cardKey,
      body: bundle.allowanceBody,
      signature: bundle.allowanceSignature,
    };
    return card !== null && checks.allowanceFault(card, allowance) === null;
  });
  return signed === undefined ? keys : [signed];
}

function decoded(bytes: Uint8Array): VoucherBundle | null {
  try {
    return decodeVoucherBundle(bytes);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function readTerminal(path: string, publicKeys: readonly Uint8Array[]): CertifiedTerminal {
  const bytes = readBytes(path);
  if (bytes.length !== MERCHANT_CERTIFICATE_LENGTH + SIGNATURE_LENGTH) {
    throw usage(`${path} holds ${bytes.length} bytes.`, "A certificate has 163 bytes, and its signature 64 more.");
  }
  const certificate = bytes.subarray(0, MERCHANT_CERTIFICATE_LENGTH);
  const signature = bytes.subarray(MERCHANT_CERTIFICATE_LENGTH);
  const { verify } = createNativeEngine();
  if (!publicKeys.some((key) => verify(signature, digestOf(certificate), key))) {
    throw new ProgramError("CERTIFICATE_UNTRUSTED", `${path} is not signed by a given issuer key.`, {
      ...{ exit: "usage", next: "Give the certificate and the key of one issuer." },
    });
  }
  return { certificate: readValue(path, () => decodeMerchantCertificate(certificate)), softwareBefore: 0n };
}

function readArrival(text: string): Pick<VoucherGrounds, "arrival"> {
  const at = Number(text);
  if (!/^\d{1,10}$/.test(text)) throw usage(`--received ${text} is no time.`, "Give whole seconds since 1970.");
  return { arrival: { at, uploadWindowSeconds: DEFAULT_UPLOAD_WINDOW_SECONDS } };
}

function readKey(text: string): Uint8Array {
  return readValue("--issuer-key", () => {
    const bytes = fromHex(text);
    parsePublicKey(bytes);
    return bytes;
  });
}

function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    if (statSync(path).size > LIMITS.verifiedFileBytes)
      throw usage(`${path} is too long.`, "Name the file of one voucher.");
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof ProgramError) throw error;
    throw usage(`${path} cannot be read.`, "Name a file that is there and may be read.");
  }
  const text = Buffer.from(bytes).toString("latin1").trim();
  return /^(0x)?([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text.replace(/^0x/i, ""), "hex") : bytes;
}

function readValue<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (isProtocolError(error)) throw usage(`${name}: ${error.message}`, "Correct it.");
    throw error;
  }
}

function usage(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}

function sentenceOf(bytes: Uint8Array, verdict: VoucherVerdict, amount: AmountText): string {
  if (verdict.worth === "nothing") {
    const fault = verdict.fault === undefined ? "" : ` (${verdict.fault})`;
    return `Worth nothing, ${verdict.code}${fault}: ${worthlessCodes[verdict.code]}`;
  }
  const { message } = decodeVoucherBundle(bytes);
  const paid =
    `card ${toChecksumAddress(verdict.voucher.card)} paid ${amount(message.amount)} to ` +
    `${toChecksumAddress(message.payee)}, its payment ${message.counter}`;
  if (verdict.worth === "promised") return `Promised: ${paid}.`;
  return `Authentic, not promised, ${verdict.codes.join(", ")}: ${paid}. ${excessCodes[verdict.codes[0]]}`;
}

function jsonOf(bytes: Uint8Array, verdict: VoucherVerdict): string {
  const schema = "tallystick.verdict/1";
  if (verdict.worth === "nothing") {
    const { worth, code, fault } = verdict;
    return JSON.stringify({ schema, worth, codes: [code], ...(fault === undefined ? {} : { fault }) });
  }
  const { message, context } = decodeVoucherBundle(bytes);
  return JSON.stringify({
    ...{ schema, worth: verdict.worth, codes: verdict.worth === "promised" ? [] : verdict.codes },
    ...{ voucherId: toHex(verdict.voucher.id), card: toHex(verdict.voucher.card), payee: toHex(message.payee) },
    ...{ counter: message.counter, units: String(message.amount), time: context.time },
    ...{ chainId: String(message.domain.chainId), vault: toHex(message.domain.vault) },
  });
}
