import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Asset, parseAmount } from "@tallystick/money";
import { encodeDomain, fromHex, MERCHANT_CERTIFICATE_LENGTH, toHex } from "@tallystick/protocol";
import { feePolicy } from "./fee-policy.ts";
import { ConfigError, type ConfigFault } from "./config-error.ts";
import { type ConfigFile, configSchema } from "./config-schema.ts";
import type { GatewayConfig, GivenCertificate, ServedDomain } from "./gateway-config.ts";

/**
 * Reads the configuration file with everything it names but the terminal key. Relative paths start at the file's folder.
 * Throws ConfigError with all faults.
 */
export function loadConfig(path: string): GatewayConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([
      { at: "", message: `The configuration cannot be read: ${messageOf(error)}. Check the path after --config.` },
    ]);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigError([{ at: "", message: `The configuration is no JSON: ${messageOf(error)}.` }]);
  }
  return parseConfig(json, dirname(resolve(path)));
}

/** Checks a parsed configuration; relative paths start at `folder`. Throws ConfigError with all faults. */
export function parseConfig(json: unknown, folder: string): GatewayConfig {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => ({ at: issue.path.join("."), message: issue.message })));
  }
  const file = parsed.data;
  const faults: ConfigFault[] = [];
  const domains = file.domains.map((_, index) => serveDomain(file, index, folder, faults));
  const seen = new Set<string>();
  for (const [index, served] of domains.entries()) {
    const name = toHex(served.domainBytes);
    if (seen.has(name)) faults.push({ at: `domains.${index}`, message: "this chain and vault are listed twice" });
    seen.add(name);
  }
  if (file.pcscSocket != null && file.vpcd != null) {
    faults.push({ at: "vpcd", message: "choose pcscSocket or vpcd, not both" });
  }
  if (faults.length > 0) throw new ConfigError(faults);
  const journalPath = resolve(folder, file.journal);
  return {
    listen: file.listen,
    journalPath,
    witnessPath: file.journalWitness === undefined ? `${journalPath}.witness` : resolve(folder, file.journalWitness),
    reader: file.reader,
    pcscSocket: file.pcscSocket ?? null,
    vpcd: file.vpcd ?? null,
    payee: file.payee,
    category: file.category,
    terminalId: file.terminalId,
    terminalKeyFile: resolve(folder, file.terminalKeyFile),
    domains,
    windows: {
      listAgeSeconds: file.limits.listAgeSeconds,
      uploadWindowSeconds: file.limits.uploadWindowSeconds,
      chainMarginSeconds: file.limits.chainMarginSeconds,
      vaultDelaySeconds: file.limits.vaultDelaySeconds,
    },
    batteryBacked: file.clock.batteryBacked,
    synchronizedFile: file.clock.synchronizedFile == null ? null : resolve(folder, file.clock.synchronizedFile),
    assuranceClasses: file.policy.assuranceClasses,
    claim: claimOf(file.claim, folder),
    cardWaitSeconds: file.cardWaitSeconds,
    sync: file.sync,
    logLevel: file.log.level,
  };
}

function serveDomain(file: ConfigFile, index: number, folder: string, faults: ConfigFault[]): ServedDomain {
  const entry = file.domains[index];
  if (entry === undefined) throw new RangeError(`there is no domain ${index}`);
  const domain = { chainId: entry.chainId, vault: entry.vault };
  const given = [entry.certificate, entry.certificateFile].some((value) => value != null) ? entry : file;
  return {
    domain,
    domainBytes: encodeDomain(domain),
    asset: entry.asset,
    issuerKeys: entry.issuerKeys ?? file.issuerKeys,
    settlementUrl: (entry.settlementUrl === undefined ? file.settlementUrl : entry.settlementUrl) ?? null,
    chain: chainOf(entry.chain === undefined ? file.chain : entry.chain),
    certificate: readCertificate(given, folder, given === entry ? `domains.${index}.` : "", faults),
    perTap: readAmount(file.limits.perTap, entry.asset, "limits.perTap", faults),
    unsentSum: readAmount(file.limits.unsentSum, entry.asset, "limits.unsentSum", faults),
    unsentCount: file.limits.unsentCount ?? null,
    softwareCardSum: readAmount(file.policy.softwareCardSum, entry.asset, "policy.softwareCardSum", faults),
  };
}

function chainOf(chain: ConfigFile["chain"]): ServedDomain["chain"] {
  return chain == null ? null : { rpcUrl: chain.rpcUrl, startBlock: BigInt(chain.startBlock) };
}

function claimOf(claim: ConfigFile["claim"], folder: string): GatewayConfig["claim"] {
  if (claim == null) return null;
  const { rpc, keyFile, replaceAfterSeconds, maxFeeGwei } = claim;
  return { rpc, keyFile: resolve(folder, keyFile), fees: feePolicy({ replaceAfterSeconds, maxFeeGwei }) };
}

function readAmount(text: string | null | undefined, asset: Asset, at: string, faults: ConfigFault[]): bigint | null {
  if (text === null || text === undefined) return null;
  try {
    return parseAmount(text, asset);
  } catch (error) {
    faults.push({ at, message: messageOf(error) });
    return null;
  }
}

function readCertificate(
  given: Pick<ConfigFile, "certificate" | "certificateSignature" | "certificateFile">,
  folder: string,
  at: string,
  faults: ConfigFault[],
): GivenCertificate | null {
  if (given.certificateFile != null) {
    if (given.certificate != null) {
      faults.push({ at: `${at}certificateFile`, message: "give the certificate or its file, not both" });
      return null;
    }
    try {
      const json = JSON.parse(readFileSync(resolve(folder, given.certificateFile), "utf8")) as Record<string, unknown>;
      const { certificate, signature } = json;
      return { certificate: fromHex(certificate, MERCHANT_CERTIFICATE_LENGTH), signature: fromHex(signature, 64) };
    } catch (error) {
      faults.push({ at: `${at}certificateFile`, message: messageOf(error) });
      return null;
    }
  }
  if (given.certificate == null && given.certificateSignature == null) return null;
  if (given.certificate == null || given.certificateSignature == null) {
    faults.push({ at: `${at}certificateSignature`, message: "a certificate and its signature come together" });
    return null;
  }
  return { certificate: given.certificate, signature: given.certificateSignature };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
