import { existsSync } from "node:fs";
import { formatAmount } from "@tallystick/money";
import {
  decodeMerchantCertificate,
  digestOf,
  encodeDomain,
  encodeMerchantCertificate,
  equalBytes,
  findIssuerKey,
  fromHex,
  type MerchantCertificate,
  type Signer,
  toHex,
  verifyDigest,
} from "@tallystick/protocol";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import type { Journal, StoredCertificate, TerminalName } from "../journal/journal.ts";
import { drawTerminalKeyFile, readTerminalSigner } from "../keys/key-files.ts";
import { TEST_CERTIFICATE_SECONDS, TEST_UNSENT_COUNT } from "../limits.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";

/** The issuer's own small terminal, which every new card pays one unit. */
export interface TestTerminal {
  readonly name: TerminalName;
  readonly signer: Signer;
}

const DAY_SECONDS = 86_400;

/** Reads the terminal's key; in development a missing one is drawn. */
export function openTestTerminal({ testPayee, domain, mode }: Config): TestTerminal {
  if (mode === "development" && !existsSync(testPayee.terminalKeyFile)) drawTerminalKeyFile(testPayee.terminalKeyFile);
  const signer = readTerminalSigner(testPayee.terminalKeyFile);
  const parts = [encodeDomain(domain), testPayee.payee, testPayee.terminalId, signer.publicKey];
  return { name: parts.map((part) => toHex(part).slice(2)).join(":"), signer };
}

export interface CertificateOptions {
  readonly terminal: TestTerminal;
  readonly journal: Journal;
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly nowSeconds: number;
}

/** The terminal's certificate: the one that is there while it is good for another day, else a new one. */
export async function ensureCertificate(options: CertificateOptions): Promise<StoredCertificate> {
  const { journal, terminal, settlement, config, nowSeconds } = options;
  const stored = journal.certificate(terminal.name);
  if (stored !== null && decodeMerchantCertificate(stored.certificate).notAfter > nowSeconds + DAY_SECONDS)
    return stored;
  const oneUnit = formatAmount(1n, config.asset);
  const answer = await settlement.certify({
    payee: toHex(config.testPayee.payee),
    category: config.testPayee.category,
    terminalId: toHex(config.testPayee.terminalId),
    terminalKey: toHex(terminal.signer.publicKey),
    notBefore: nowSeconds - DAY_SECONDS,
    notAfter: nowSeconds + TEST_CERTIFICATE_SECONDS,
    perTap: oneUnit,
    unsentSum: formatAmount(BigInt(TEST_UNSENT_COUNT), config.asset),
    unsentCount: TEST_UNSENT_COUNT,
  });
  const certificate = { certificate: fromHex(answer.certificate), signature: fromHex(answer.signature) };
  checkCertificate(options, decodeMerchantCertificate(certificate.certificate), certificate.signature);
  journal.storeCertificate(terminal.name, certificate);
  return certificate;
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
    throw new Failure("ISSUER_KEY_MISMATCH", "The test terminal's certificate is not signed by a pinned key.");
  }
  const isOurs =
    equalBytes(encodeDomain(certificate.domain), encodeDomain(domain)) &&
    equalBytes(certificate.payee, testPayee.payee) &&
    equalBytes(certificate.terminalId, testPayee.terminalId) &&
    equalBytes(certificate.terminalKey, terminal.signer.publicKey);
  if (!isOurs) throw new Failure("SETTLEMENT_ANSWER", "The certificate is for another terminal than was asked for.");
}
