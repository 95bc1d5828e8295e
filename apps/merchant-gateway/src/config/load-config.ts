import { existsSync } from "node:fs";
import type { Asset } from "@tallystick/money";
import { feePolicy } from "@tallystick/evm";
import {
  type ConfigSource,
  type FaultList,
  isLoopback,
  openDoorFault,
  plainNodeFault,
  readAmount,
  readConfigFile,
  readConfigValue,
} from "@tallystick/program";
import { encodeDomain, toHex } from "@tallystick/protocol";
import { pinnedBeside } from "./admission.ts";
import { certificateOfFile, keptAdmission } from "./certificate-file.ts";
import { type ConfigFile, configSchema } from "./config-schema.ts";
import { FIRST_LANE } from "./limits.ts";
import type {
  GatewayConfig,
  GivenCertificate,
  IssuerKey,
  LaneConfig,
  ServedDomain,
  WebhookEndpoint,
  Windows,
} from "./gateway-config.ts";

/**
 * Reads the configuration file with everything it names but the keys. Relative paths start at the
 * file's folder. Throws ConfigError with all faults.
 */
export function loadConfig(path: string, { isJoining = false }: LoadOptions = {}): GatewayConfig {
  return gatewayConfig(readConfigFile(path, configSchema), isJoining);
}

export interface LoadOptions {
  /** The terminal is about to join: files of certificates need not be there yet. */
  readonly isJoining?: boolean;
}

/**
 * Checks a configuration that is an object already; relative paths start at `folder`. Throws
 * ConfigError with all faults.
 */
export function parseConfig(json: unknown, folder: string): GatewayConfig {
  return gatewayConfig(readConfigValue(json, configSchema, { folder }), false);
}

function gatewayConfig(source: ConfigSource<ConfigFile>, isJoining: boolean): GatewayConfig {
  const { value: file, faults, resolvePath } = source;
  const domains = file.domains.map((_, index) => servedDomain(source, index, isJoining));
  const seen = new Set<string>();
  for (const [index, { domainBytes }] of domains.entries()) {
    const name = toHex(domainBytes);
    if (seen.has(name)) faults.add(`domains.${index}`, "this chain and vault are listed twice");
    seen.add(name);
  }
  const lanes = lanesOf(source);
  const doors = doorsOf(source);
  const webhooks = webhookEndpoints(source);
  checkNodes(source);
  faults.throwIfAny();
  const journalPath = resolvePath(file.journal);
  const { batteryBacked, synchronizedFile } = file.clock;
  return {
    ...doors,
    tokens: file.tokens,
    roles: file.roles,
    http: file.http,
    journalPath,
    witnessPath: file.journalWitness === undefined ? `${journalPath}.witness` : resolvePath(file.journalWitness),
    lanes,
    pcscSocket: file.pcscSocket ?? null,
    raisesReaderRate: file.raiseReaderRate,
    payee: file.payee,
    category: file.category,
    terminalId: file.terminalId,
    terminalKeyFile: resolvePath(file.terminalKeyFile),
    domains,
    windows: windowsOf(file.limits, domains),
    batteryBacked,
    synchronizedFile: synchronizedFile == null ? null : resolvePath(synchronizedFile),
    assuranceClasses: file.policy.assuranceClasses,
    claim: claimSettings(source),
    refundsBy: file.refundsBy,
    cardWaitSeconds: file.cardWaitSeconds,
    sync: file.sync,
    webhooks,
    logLevel: file.log.level,
  };
}

/** Those of the configuration; where an issuer's are shorter, those (spec §3.13). */
function windowsOf(own: Windows, domains: readonly ServedDomain[]): Windows {
  const { listAgeSeconds, chainMarginSeconds } = own;
  const told = domains.flatMap(({ admission }) => (admission === undefined ? [] : [admission]));
  const shortest = (name: "uploadWindowSeconds" | "vaultDelaySeconds"): number =>
    Math.min(own[name], ...told.map((each) => each[name]));
  return {
    ...{ listAgeSeconds, chainMarginSeconds },
    ...{ uploadWindowSeconds: shortest("uploadWindowSeconds"), vaultDelaySeconds: shortest("vaultDelaySeconds") },
  };
}

function webhookEndpoints({ value: { webhooks }, faults, resolvePath }: ConfigSource<ConfigFile>): WebhookEndpoint[] {
  const names = new Set<string>();
  return webhooks.map(({ name, url, secretFile, events = null, private: isPrivate }, index) => {
    if (names.has(name)) faults.add(`webhooks.${index}.name`, "another endpoint has this name");
    names.add(name);
    if (!isPrivate && !url.startsWith("https:"))
      faults.add(`webhooks.${index}.url`, "must begin with https; plain HTTP only with private: true");
    return { name, url, secretFile: resolvePath(secretFile), events, isPrivate };
  });
}

/** Who comes in, and by which certificate. */
function doorsOf({
  value: file,
  faults,
  resolvePath,
}: ConfigSource<ConfigFile>): Pick<GatewayConfig, "listen" | "pairing" | "tls"> {
  const { listen } = file;
  const pairing = file.pairing ?? file.tls != null;
  const isOpen = openDoorFault(listen, file.tokens.length > 0 || pairing);
  if (isOpen !== null) faults.add("listen.host", isOpen);
  const isPlain = file.tls == null && listen.proxies.length === 0 && !isLoopback(listen.host);
  if (pairing && isPlain)
    faults.add(
      "pairing",
      "keys of devices would cross the network in the clear; set tls, or name the reverse proxy in listen.proxies",
    );
  if (file.tls == null) return { listen, pairing, tls: null };
  const names = file.tls.names ?? listen.hosts;
  if (names.length === 0)
    faults.add("tls.names", "name the box as its devices reach it, such as counter.local or a fixed address");
  if (names.some((name) => name.includes(":")))
    faults.add("tls.names", "an IPv6 address is no name that the box certifies; name others here");
  const folder = resolvePath(file.tls.folder ?? `${file.journal}.tls`);
  const hosts = [...new Set([...listen.hosts, ...names])];
  return { listen: { ...listen, hosts }, pairing, tls: { names, folder, helpPort: file.tls.helpPort } };
}

/** The lanes; a reader alone is one. */
function lanesOf({ value: file, faults }: ConfigSource<ConfigFile>): readonly LaneConfig[] {
  if (file.pcscSocket != null && file.vpcd != null) faults.add("vpcd", "choose pcscSocket or vpcd, not both");
  if (file.lanes === undefined) {
    if (file.reader === undefined) faults.add("reader", "name the reader, or the lanes with their readers");
    return [{ name: FIRST_LANE, reader: file.reader ?? "", vpcd: file.vpcd ?? null }];
  }
  if (file.reader !== undefined) faults.add("reader", "choose reader or lanes, not both");
  if (file.vpcd != null) faults.add("vpcd", "with lanes, each has its own");
  const lanes = file.lanes.map(({ name, reader, vpcd }) => ({ name, reader, vpcd: vpcd ?? null }));
  for (const [index, { name, reader }] of lanes.entries()) {
    const before = lanes.slice(0, index);
    if (before.some((each) => each.name === name)) faults.add(`lanes.${index}.name`, "another lane has this name");
    if (before.some((each) => each.reader === reader))
      faults.add(`lanes.${index}.reader`, "another lane has this reader");
  }
  return lanes;
}

function servedDomain(source: ConfigSource<ConfigFile>, index: number, isJoining: boolean): ServedDomain {
  const { value: file, faults, resolvePath } = source;
  const entry = file.domains[index];
  if (entry === undefined) throw new RangeError(`there is no domain ${index}`);
  const domain = { chainId: entry.chainId, vault: entry.vault };
  const ownCertificate = entry.certificate != null || entry.certificateFile != null;
  const given = ownCertificate ? entry : file;
  const certificateFile = given.certificateFile == null ? null : resolvePath(given.certificateFile);
  const isMissing = isJoining && certificateFile !== null && !existsSync(certificateFile);
  const at = ownCertificate ? `domains.${index}.` : "";
  const pinned = (entry.issuerKeys ?? file.issuerKeys).map(({ id, publicKey }): IssuerKey => ({
    id,
    publicKey: publicKey.compressed,
  }));
  const certificate = isMissing ? null : readCertificate(given, { resolvePath, faults, at });
  const admitted =
    certificateFile === null || certificate === null
      ? null
      : (faults.read(`${at}certificateFile`, () =>
          keptAdmission(certificateFile, { domain, asset: entry.asset, issuerKeys: pinned }),
        ) ?? null);
  const account = entry.guaranteeAccount === undefined ? file.guaranteeAccount : entry.guaranteeAccount;
  const url = entry.settlementUrl === undefined ? file.settlementUrl : entry.settlementUrl;
  const amount = (path: string, text: string | null | undefined): bigint | null =>
    optionalAmount(text, { path, asset: entry.asset, faults });
  return {
    domain,
    domainBytes: encodeDomain(domain),
    asset: entry.asset,
    issuerKeys: pinnedBeside(pinned, admitted?.issuerKeys ?? []),
    guaranteeAccount: (account === undefined ? admitted?.guaranteeAccount : account) ?? null,
    settlementUrl: (url === undefined ? (admitted?.settlementUrl ?? admitted?.kept.sentTo) : url) ?? null,
    chain: watchedChain(entry.chain === undefined ? file.chain : entry.chain),
    certificate,
    certificateFile,
    admission: admitted?.kept,
    perTap: amount("limits.perTap", file.limits.perTap),
    unsentSum: amount("limits.unsentSum", file.limits.unsentSum),
    unsentCount: file.limits.unsentCount ?? null,
    softwareCardSum: amount("policy.softwareCardSum", file.policy.softwareCardSum),
  };
}

/** The ways to the chain's nodes, each against the chains that it is asked for. */
function checkNodes({ value: { domains, chain, claim }, faults }: ConfigSource<ConfigFile>): void {
  const idsOf = (served: ConfigFile["domains"]): readonly bigint[] => served.map(({ chainId }) => chainId);
  const check = (
    at: string,
    node: Pick<NonNullable<ConfigFile["chain"]>, "rpcUrl" | "private"> | null | undefined,
    chainIds: readonly bigint[],
  ): void => {
    if (node == null) return;
    const fault = plainNodeFault(node.rpcUrl, { chainIds, isPrivate: node.private, setting: `${at}.private: true` });
    if (fault !== null) faults.add(`${at}.rpcUrl`, fault);
  };
  check("chain", chain, idsOf(domains.filter((each) => each.chain === undefined)));
  for (const [index, each] of domains.entries()) check(`domains.${index}.chain`, each.chain, idsOf([each]));
  check("claim", claim, idsOf(domains));
}

function watchedChain(chain: ConfigFile["chain"]): ServedDomain["chain"] {
  return chain == null ? null : { rpcUrl: chain.rpcUrl, startBlock: BigInt(chain.startBlock) };
}

function claimSettings({ value: { claim }, resolvePath }: ConfigSource<ConfigFile>): GatewayConfig["claim"] {
  if (claim == null) return null;
  const { rpcUrl, keyFile, private: _private, ...fees } = claim;
  return { rpcUrl, keyFile: resolvePath(keyFile), fees: feePolicy(fees) };
}

function optionalAmount(
  text: string | null | undefined,
  at: { readonly path: string; readonly asset: Asset; readonly faults: FaultList },
): bigint | null {
  return readAmount(text ?? undefined, at) ?? null;
}

function readCertificate(
  given: Pick<ConfigFile, "certificate" | "certificateSignature" | "certificateFile">,
  {
    resolvePath,
    faults,
    at,
  }: Pick<ConfigSource<ConfigFile>, "resolvePath" | "faults"> & {
    /** Path of what holds the settings, with a point behind it. */
    readonly at: string;
  },
): GivenCertificate | null {
  const { certificate, certificateSignature: signature, certificateFile: file } = given;
  if (file != null) {
    if (certificate == null)
      return faults.read(`${at}certificateFile`, () => certificateOfFile(resolvePath(file))) ?? null;
    faults.add(`${at}certificateFile`, "give the certificate or its file, not both");
    return null;
  }
  if (certificate == null && signature == null) return null;
  if (certificate == null || signature == null) {
    faults.add(`${at}certificateSignature`, "a certificate and its signature come together");
    return null;
  }
  return { certificate, signature };
}
