import { createAsset, parseAmount, type Asset } from "@tallystick/money";
import { ConfigError, type ConfigFault } from "../configuration/config-error.ts";
import {
  compressKey,
  decodeMerchantCertificate,
  digestOf,
  encodeDomain,
  encodeOrderReport,
  equalBytes,
  findIssuerKey,
  fromHex,
  isProtocolError,
  parseAddress,
  toHex,
  verifyDigest,
  type Domain,
  type IssuerKey,
  type MerchantCertificate,
} from "@tallystick/protocol";
import type { z } from "zod";
import { MAX_ORDER_CARDS, MAX_REPORT_BYTES } from "../limits.ts";
import {
  cardLineSchema,
  headLineSchema,
  signatureLineSchema,
  sumLineSchema,
  type CardLine,
  type HeadLine,
  type SignatureLine,
  type SumLine,
} from "./report-lines.ts";

/** A report whose signature and sums hold. */
export interface VerifiedReport {
  readonly head: HeadLine;
  readonly cards: readonly CardLine[];
  readonly sum: SumLine;
  /** Payee and terminal id of the station's terminal. */
  readonly terminal: { readonly payee: string; readonly terminalId: string };
}

/** A report whose lines and sums hold, and whose signature or certificate does not. */
export class ReportSignatureError extends ConfigError {}

/** What a report is verified against: the issuer's own keys, of the report's domain. */
export interface ReportTrust {
  readonly issuerKeys: readonly IssuerKey[];
  readonly source: string;
}

/**
 * Reads a report and verifies all that it says of itself: the form of each line, its signature under a certificate of a
 * pinned issuer key, references and cards that stand once, and its sums. Throws ConfigError with every fault by its line; ReportSignatureError where the
 * signature or the certificate alone is at fault.
 */
export function verifyReport(bytes: Uint8Array, { issuerKeys, source }: ReportTrust): VerifiedReport {
  const faults: ConfigFault[] = [];
  const fault = (line: number | null, path: string, message: string): void =>
    void faults.push({ path, line, column: null, message });
  const throwIfAny = (): void => {
    if (faults.length > 0) throw new ConfigError(faults, source);
  };
  const texts = linesOf(bytes, (message) => fault(1, "", message));
  throwIfAny();
  const read = <T>(number: number, schema: z.ZodType<T>): T | null =>
    readLine(texts[number - 1] ?? "", schema, (path, message) => fault(number, path, message));
  const last = texts.length;
  const head = read(1, headLineSchema);
  const cards = texts.slice(1, -2).map((_text, index) => read(index + 2, cardLineSchema));
  const sum = read(last - 1, sumLineSchema);
  const signed = read(last, signatureLineSchema);
  throwIfAny();
  if (head === null || sum === null || signed === null) throw new ConfigError(faults, source);
  const lines = cards.filter((card) => card !== null);
  checkOnce(lines, fault);
  checkSums({ head, cards: lines, sum }, fault);
  const body = bytes.subarray(0, bytes.length - new TextEncoder().encode(`${texts[last - 1] ?? ""}\n`).length);
  const isWellFormed = faults.length === 0;
  const terminal = checkSignature({ head, signed, body, issuerKeys }, (message) => fault(last, "", message));
  if (isWellFormed && faults.length > 0) throw new ReportSignatureError(faults, source);
  throwIfAny();
  return { head, cards: lines, sum, terminal };
}

/** The domain that a report's first line names, before anything of it is verified; null where it names none. */
export function reportDomain(bytes: Uint8Array): Domain | null {
  const [first = ""] = new TextDecoder().decode(bytes).split("\n", 1);
  try {
    const { domain } = JSON.parse(first) as { readonly domain: { readonly chainId: string; readonly vault: string } };
    return { chainId: BigInt(domain.chainId), vault: parseAddress(domain.vault) };
  } catch {
    return null;
  }
}

type AddFault = (line: number | null, path: string, message: string) => void;

function linesOf(bytes: Uint8Array, fault: (message: string) => void): readonly string[] {
  if (bytes.length > MAX_REPORT_BYTES) fault(`A report has at most ${MAX_REPORT_BYTES} bytes.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    fault("It is not UTF-8.");
    return [];
  }
  if (!text.endsWith("\n")) fault("Its last line does not end: the file is cut off.");
  const lines = text.split("\n").slice(0, -1);
  if (lines.length < 3 || lines.length > MAX_ORDER_CARDS + 3)
    fault("A report has a head, a line a card, a sum and a signature.");
  return lines;
}

function readLine<T>(text: string, schema: z.ZodType<T>, fault: (path: string, message: string) => void): T | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fault("", "It is no JSON object.");
    return null;
  }
  // One text a value: what JSON.parse drops, such as the first of two equal names, was never said.
  if (JSON.stringify(value) !== text) fault("", "It is not written as the program writes it.");
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) fault(path.join("."), message);
  return null;
}

function checkOnce(cards: readonly CardLine[], fault: AddFault): void {
  for (const name of ["reference", "card", "cplc", "funding"] as const) {
    const seen = new Map<string, number>();
    for (const [index, card] of cards.entries()) {
      const value = card[name];
      if (value === null) continue;
      const before = seen.get(value);
      if (before !== undefined) fault(index + 2, name, `stands twice; first on line ${before}`);
      else seen.set(value, index + 2);
    }
  }
}

function checkSums({ head, cards, sum }: Omit<VerifiedReport, "terminal">, fault: AddFault): void {
  const sumLine = cards.length + 2;
  let asset: Asset;
  try {
    asset = reportAsset(head);
  } catch (error) {
    return fault(1, "asset", error instanceof Error ? error.message : String(error));
  }
  let total = 0n;
  for (const [index, { deposited, outcome }] of cards.entries()) {
    const units = reportUnits(deposited, asset, (message) => fault(index + 2, "deposited", message));
    total += units;
    if (outcome === "ready" && units === 0n) fault(index + 2, "deposited", "is nothing, and the card is ready");
    if (outcome === "not-begun" && units > 0n) fault(index + 2, "deposited", "is something, and the card is not begun");
  }
  if (sum.cards !== cards.length) fault(sumLine, "cards", `is ${sum.cards}; there are ${cards.length} lines of cards`);
  const ready = cards.filter(({ outcome }) => outcome === "ready").length;
  if (sum.ready !== ready) fault(sumLine, "ready", `is ${sum.ready}; ${ready} lines say so`);
  if (reportUnits(sum.deposited, asset, (message) => fault(sumLine, "deposited", message)) !== total)
    fault(sumLine, "deposited", `is ${sum.deposited}; its lines are another sum`);
}

/** The asset that a report names. Throws MoneyError where it is none. */
export function reportAsset({ asset: { code, decimals, scale } }: HeadLine): Asset {
  return createAsset({ code, decimals, scale: BigInt(scale) });
}

/** Units of an amount of a report, which may be more than one amount of the asset can be; 0 and a fault for what is none. */
export function reportUnits(text: string, asset: Asset, fault: (message: string) => void): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  try {
    parseAmount(`0.${fraction === "" ? "0" : fraction}`, asset);
    return BigInt(whole) * unitsOfOne(asset) + parseAmount(`0.${fraction === "" ? "0" : fraction}`, asset);
  } catch (error) {
    fault(error instanceof Error ? error.message : String(error));
    return 0n;
  }
}

function unitsOfOne(asset: Asset): bigint {
  return parseAmount("1", asset);
}

function checkSignature(
  given: {
    readonly head: HeadLine;
    readonly signed: SignatureLine;
    readonly body: Uint8Array;
    readonly issuerKeys: readonly IssuerKey[];
  },
  fault: (message: string) => void,
): VerifiedReport["terminal"] {
  const { head, signed, body, issuerKeys } = given;
  const domain = { chainId: BigInt(head.domain.chainId), vault: parseAddress(head.domain.vault) };
  let certificate: MerchantCertificate;
  try {
    certificate = decodeMerchantCertificate(fromHex(signed.certificate));
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    fault(`Its certificate: ${error.message}`);
    return { payee: "", terminalId: "" };
  }
  if (!equalBytes(encodeDomain(certificate.domain), encodeDomain(domain)))
    fault("Its certificate is of another domain than the report.");
  const issuerKey = findIssuerKey(issuerKeys, { domain: certificate.domain, id: certificate.issuerKeyId });
  const isCertified =
    issuerKey !== undefined &&
    verifyDigest(fromHex(signed.certificateSignature), digestOf(fromHex(signed.certificate)), issuerKey.publicKey);
  if (!isCertified) fault("Its certificate is not signed by a pinned key of the issuer.");
  if (head.madeAt < certificate.notBefore || head.madeAt > certificate.notAfter)
    fault("Its certificate did not hold when the report was made.");
  const reportHash = digestOf(body);
  const digest = digestOf(encodeOrderReport({ domain, reportHash }));
  if (!verifyDigest(fromHex(signed.signature), digest, compressKey(certificate.terminalKey)))
    fault("Its signature does not hold: a line was changed after it was made.");
  return { payee: toHex(certificate.payee), terminalId: toHex(certificate.terminalId) };
}
