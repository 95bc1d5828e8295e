import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseAmount } from "@tallystick/money";
import { type Address, type Domain, type IssuerKey } from "@tallystick/protocol";
import type { z } from "zod";
import { Failure } from "../failures.ts";
import { configSchema, type ConfigFile } from "./config-schema.ts";

/** Command line flags that override the file. */
export interface ConfigFlags {
  readonly reader?: string;
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

/** Reads the configuration and applies the flags; throws Failure CONFIG that names every fault at once. */
export function loadConfig(path: string, flags: ConfigFlags = {}): Config {
  const parsed = configSchema.safeParse(withFlags(readJson(path), flags), { error: missingOrUsual });
  if (!parsed.success) throw new Failure("CONFIG", `${path}: ${describeFaults(parsed.error)}`);
  const file = parsed.data;
  const folder = dirname(resolve(path));
  const at = (name: string): string => resolve(folder, name);
  const { asset, ...domain } = file.domain;
  const [first] = file.issuerKeys;
  if (first === undefined) throw new Failure("CONFIG", `${path}: issuerKeys is empty.`);
  return {
    ...file,
    domain,
    asset,
    issuerKeys: file.issuerKeys.map(({ id, publicKey }) => ({ domain, id, publicKey: publicKey.compressed })),
    cardIssuerKey: { id: first.id, publicKey: first.publicKey.uncompressed },
    token: file.settlement.token ?? readToken(at(file.settlement.tokenFile ?? "")),
    owner: file.owner ?? null,
    fund: file.fund === undefined ? null : readAmount(file.fund, "fund", asset),
    journal: at(file.journal),
    masterKeyFile: at(file.masterKeyFile),
    testPayee: { ...file.testPayee, terminalKeyFile: at(file.testPayee.terminalKeyFile) },
    ...(file.pinFolder === undefined ? {} : { pinFolder: at(file.pinFolder) }),
  };
}

function readAmount(text: string, field: string, asset: Config["asset"]): bigint {
  try {
    const units = parseAmount(text, asset);
    if (units === 0n) throw new Error("must be above zero.");
    return units;
  } catch (error) {
    throw new Failure("CONFIG", `${field}: ${(error as Error).message}`);
  }
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure("CONFIG", code === "ENOENT" ? `There is no file ${path}.` : `${path} cannot be read: ${message}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Failure("CONFIG", `${path} cannot be read as JSON: ${(error as Error).message}`);
  }
}

function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new Failure("CONFIG", `settlement.tokenFile cannot be read: ${(error as Error).message}`);
  }
}

function withFlags(file: unknown, flags: ConfigFlags): unknown {
  if (typeof file !== "object" || file === null || Array.isArray(file)) return file;
  const { reader, owner, fund, perTap, pinAbove, pinlessSum, pinlessCount } = flags;
  const given = withoutUndefined({ reader, owner, fund });
  const noPinCount = pinlessCount === undefined ? undefined : Number(pinlessCount);
  const caps = withoutUndefined({ perTap, pinAbove, noPinSum: pinlessSum, noPinCount });
  const own = file as Record<string, unknown>;
  if (Object.keys(caps).length === 0) return { ...own, ...given };
  const ownCaps = typeof own["caps"] === "object" && own["caps"] !== null ? own["caps"] : {};
  return { ...own, ...given, caps: { ...ownCaps, ...caps } };
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A name that is not there is called missing; for every other fault the schema has a message. */
function missingOrUsual(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "invalid_type" && issue.input === undefined ? "is missing" : undefined;
}

function describeFaults(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "(file)"}: ${message}`).join("; ");
}
