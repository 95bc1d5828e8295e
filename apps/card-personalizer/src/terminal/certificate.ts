import { formatAmount } from "@tallystick/money";
import {
  decodeMerchantCertificate,
  digestOf,
  encodeDomain,
  encodeMerchantCertificate,
  equalBytes,
  findIssuerKey,
  fromHex,
  MERCHANT_CERTIFICATE_LENGTH,
  toHex,
  uncompressKey,
  verifyDigest,
  type MerchantCertificate,
} from "@tallystick/protocol";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import type { Journal, StoredCertificate } from "../journal/journal.ts";
import {
  CERTIFICATE_RENEWAL_SECONDS,
  CLOCK_TOLERANCE_SECONDS,
  TERMINAL_CARD_SUM,
  TERMINAL_CERTIFICATE_SECONDS,
  TERMINAL_UNSENT_COUNT,
} from "../limits.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { IssuerTerminal } from "./issuer-terminal.ts";

export interface CertificateOptions {
  readonly terminal: IssuerTerminal;
  readonly journal: Journal;
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly nowSeconds: number;
}

/** The terminal's certificate: the one in the journal while it is good for another day, else a new one. */
export async function ensureCertificate(options: CertificateOptions): Promise<StoredCertificate> {
  const { journal, terminal, settlement, config, nowSeconds } = options;
  const stored = journal.certificate(terminal.name);
  if (stored !== null && isGoodFor(stored, nowSeconds + CERTIFICATE_RENEWAL_SECONDS)) return stored;
  const answer = await settlement.certify({
    payee: toHex(config.testPayee.payee),
    category: config.testPayee.category,
    terminalId: toHex(config.testPayee.terminalId),
    terminalKey: toHex(uncompressKey(terminal.signer.publicKey)),
    notBefore: nowSeconds - CLOCK_TOLERANCE_SECONDS,
    notAfter: nowSeconds + TERMINAL_CERTIFICATE_SECONDS,
    perTap: formatAmount(1n, config.asset),
    unsentSum: formatAmount(BigInt(TERMINAL_UNSENT_COUNT), config.asset),
    unsentCount: TERMINAL_UNSENT_COUNT,
    // Each card pays one unit here, and a resumed run may pay another.
    perCardSum: formatAmount(TERMINAL_CARD_SUM, config.asset),
    softwareSum: formatAmount(BigInt(TERMINAL_UNSENT_COUNT), config.asset),
    reason: "The station's own terminal, which every new card pays one unit.",
  });
  const certificate = { certificate: fromHex(answer.certificate), signature: fromHex(answer.signature) };
  checkCertificate(options, decodeMerchantCertificate(certificate.certificate), certificate.signature);
  journal.storeCertificate(terminal.name, certificate);
  return certificate;
}

/** A certificate of another length was kept by an earlier version and is asked for anew. */
function isGoodFor({ certificate }: StoredCertificate, seconds: number): boolean {
  return (
    certificate.length === MERCHANT_CERTIFICATE_LENGTH && decodeMerchantCertificate(certificate).notAfter > seconds
  );
}

function checkCertificate(
  { config, terminal }: CertificateOptions,
  certificate: MerchantCertificate,
  signature: Uint8Array,
): void {
  const { domain, issuerKeys, testPayee } = config;
  const key = findIssuerKey(issuerKeys, { domain, id: certificate.issuerKeyId });
  const digest = digestOf(encodeMerchantCertificate(certificate));
  if (key === undefined || !verifyDigest(signature, digest, key.publicKey)) {
    throw new Failure("ISSUER_KEY_MISMATCH", "The issuer terminal's certificate is not signed by a pinned key.");
  }
  const isOurs =
    equalBytes(encodeDomain(certificate.domain), encodeDomain(domain)) &&
    equalBytes(certificate.payee, testPayee.payee) &&
    equalBytes(certificate.terminalId, testPayee.terminalId) &&
    equalBytes(certificate.terminalKey, uncompressKey(terminal.signer.publicKey));
  if (!isOurs) throw new Failure("SETTLEMENT_ANSWER", "The certificate is for another terminal than was asked for.");
}
