import {
  type FaultList,
  isLoopbackUrl,
  type KeyUse,
  type PartialConfig,
  readAmount,
  readConfigFile,
} from "@tallystick/program";
import { type Address, type Domain, equalBytes, type IssuerKey } from "@tallystick/protocol";
import { checkCaps } from "./check-caps.ts";
import { configSchema, type ConfigFile } from "./config-schema.ts";
import { stockFaults, type StockProfile } from "./stock-schema.ts";
import { readTokenFile } from "./token-file.ts";

/** Command line flags that override the file. */
export interface ConfigFlags {
  readonly reader?: string;
  readonly operator?: string;
  readonly owner?: string;
  readonly fund?: string;
  readonly perTap?: string;
  readonly pinAbove?: string;
  readonly pinlessSum?: string;
  readonly pinlessCount?: string;
}

export interface Config extends Omit<ConfigFile, "domain" | "issuerKeys" | "fund" | "owner"> {
  readonly domain: Domain;
  readonly asset: ConfigFile["domain"]["asset"];
  readonly issuerKeys: readonly IssuerKey[];
  /** The key that is written to cards: its id, and 65 bytes. */
  readonly cardIssuerKey: { readonly id: number; readonly publicKey: Uint8Array };
  readonly token: string;
  readonly owner: Address | null;
  /** Units. */
  readonly fund: bigint | null;
}

/** Reads the configuration and applies the flags; throws ConfigError that names every fault at once. */
export function loadConfig(path: string, flags: ConfigFlags = {}): Config {
  const source = readConfigFile(path, configSchema, {
    override: (json) => withFlags(json, flags),
    check: checkMeaning,
  });
  const { value: file, faults, resolvePath } = source;
  const { asset, ...domain } = file.domain;
  const fund = readAmount(file.fund, { path: "fund", asset, faults, aboveZero: true });
  const { token, tokenFile } = file.settlement;
  const readToken = (): string => readTokenFile(resolvePath(tokenFile ?? ""));
  const givenToken = token ?? faults.read("settlement.tokenFile", readToken);
  faults.throwIfAny();
  const [first] = file.issuerKeys;
  if (first === undefined) throw new RangeError("The schema lets no list without a key pass.");
  return {
    ...file,
    domain,
    asset,
    issuerKeys: file.issuerKeys.map(({ id, publicKey }) => ({ domain, id, publicKey: publicKey.compressed })),
    cardIssuerKey: { id: first.id, publicKey: first.publicKey.uncompressed },
    token: givenToken ?? "",
    owner: file.owner ?? null,
    fund: fund ?? null,
    journal: resolvePath(file.journal),
    masterKeyFile: resolvePath(file.masterKeyFile),
    formerMasterKeyFiles: file.formerMasterKeyFiles.map((path) => resolvePath(path)),
    stock: withStockFiles(file.stock, resolvePath),
    testPayee: { ...file.testPayee, terminalKeyFile: resolvePath(file.testPayee.terminalKeyFile) },
    ...(file.pinFolder === undefined ? {} : { pinFolder: resolvePath(file.pinFolder) }),
  };
}

/** What the keys of a configuration are read for. */
export function keyUseOf({ domain, mode }: Pick<Config, "domain" | "mode">): KeyUse {
  return { chainIds: [domain.chainId], production: mode === "production" };
}

function withStockFiles(stock: StockProfile, resolvePath: (path: string) => string): StockProfile {
  const { keys, package: loaded } = stock;
  return {
    ...stock,
    ...(keys === "default" ? {} : { keys: { ...keys, file: resolvePath(keys.file) } }),
    ...(loaded === undefined ? {} : { package: { ...loaded, file: resolvePath(loaded.file) } }),
  };
}

/** Faults of the way to settlement, on which the token travels. */
function checkUrl(url: string, faults: FaultList): void {
  const { protocol, username, password } = new URL(url);
  if (username !== "" || password !== "")
    faults.add("settlement.url", "must hold no name and no password; the token stands in token or tokenFile");
  if (protocol === "http:" && !isLoopbackUrl(url))
    faults.add("settlement.url", "must be https: plain http would show the token to everybody on the way");
}

/** What no schema sees: settings that exclude or need each other, and amounts of the asset. */
function checkMeaning(given: PartialConfig<ConfigFile>, faults: FaultList): void {
  const { settlement, caps, testPayee, domain, stock } = given ?? {};
  for (const [path, message] of stockFaults((stock ?? {}) as Partial<StockProfile>))
    faults.add(`stock.${path}`, message);
  if (settlement !== undefined && (settlement.token === undefined) === (settlement.tokenFile === undefined))
    faults.add("settlement", "give either token or tokenFile");
  if (settlement?.url !== undefined) checkUrl(settlement.url, faults);
  const { categories } = caps ?? {};
  if (Array.isArray(categories) && testPayee?.category !== undefined && !categories.includes(testPayee.category))
    faults.add("caps.categories", "must allow the test payee's category, or no card can be finished");
  const { owner } = given ?? {};
  if (owner !== undefined && domain?.vault !== undefined && equalBytes(owner as Address, domain.vault as Address))
    faults.add(
      "owner",
      "is the vault itself, which could never withdraw; name the cardholder's address or the issuer's",
    );
  checkCaps(given, faults);
}

function withFlags(file: unknown, flags: ConfigFlags): unknown {
  if (typeof file !== "object" || file === null || Array.isArray(file)) return file;
  const { reader, operator, owner, fund, perTap, pinAbove, pinlessSum, pinlessCount } = flags;
  const given = withoutUndefined({ reader, operator, owner, fund });
  // What is not written in decimal digits is left as it is, and the schema refuses it.
  const noPinCount =
    pinlessCount !== undefined && /^[0-9]{1,3}$/.test(pinlessCount) ? Number(pinlessCount) : pinlessCount;
  const caps = withoutUndefined({ perTap, pinAbove, noPinSum: pinlessSum, noPinCount });
  const own = file as Record<string, unknown>;
  if (Object.keys(caps).length === 0) return { ...own, ...given };
  const ownCaps = typeof own["caps"] === "object" && own["caps"] !== null ? own["caps"] : {};
  return { ...own, ...given, caps: { ...ownCaps, ...caps } };
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
