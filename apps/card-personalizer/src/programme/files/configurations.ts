import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { formatAmount, parseAmount } from "@tallystick/money";
import { toHex, type Address } from "@tallystick/protocol";
import { keyFileOf, type Answers, type KeyRole } from "../answers/load-answers.ts";
import { readTokenFile } from "../../config/token-file.ts";
import { writeDurably } from "./programme-state.ts";
import type { ProgrammeKeys } from "./programme-keys.ts";

/** What was found out on the way, which the configurations need. */
export interface Installation {
  readonly vault: Address;
  readonly token: Address;
  readonly startBlock: number;
  /** 0x and 16 hex digits each. */
  readonly issuerTerminalId: string;
  readonly terminalId: string;
}

/** The files of a programme by what reads them. */
export const CONFIGURATIONS = ["settlement.json", "issuer.json", "gateway.json"] as const;
export type ConfigurationName = (typeof CONFIGURATIONS)[number];

/** Where the first terminal's certificate stands, beside its configuration. */
export const CERTIFICATE_FILE = "certificate.json";

/**
 * Writes the three configurations where they are missing. One that is there stays as it is, whatever it says: somebody may
 * have changed it on purpose. Answers those that were kept although they say something else.
 */
export function writeConfigurations(
  answers: Answers,
  keys: ProgrammeKeys,
  installation: Installation,
): readonly ConfigurationName[] {
  const contents: Readonly<Record<ConfigurationName, object>> = {
    "settlement.json": settlementConfig(answers, keys, installation),
    "issuer.json": issuerConfig(answers, keys, installation),
    "gateway.json": gatewayConfig(answers, keys, installation),
  };
  return CONFIGURATIONS.filter((name) => {
    const path = join(answers.folder, name);
    const wanted = `${JSON.stringify(contents[name], null, 2)}\n`;
    if (existsSync(path)) return readFileSync(path, "utf8") !== wanted;
    writeDurably(path, wanted);
    return false;
  });
}

function settlementConfig(answers: Answers, keys: ProgrammeKeys, installation: Installation): object {
  const { guarantee, noPinResetDays, databaseUrl, redisUrl, rpcUrl, privateNode, settlement } = answers;
  const { perCard, perPayeePerDay, bears } = guarantee;
  return {
    listen: { host: "127.0.0.1", port: settlement.port },
    administration: { listen: { host: "127.0.0.1", port: settlement.administrationPort } },
    ...{ databaseUrl, redisUrl, rpcUrl, ...domainOf(answers, installation) },
    token: toHex(installation.token),
    startBlock: installation.startBlock,
    chainKeyFile: near(answers, "treasury"),
    ...(answers.gas === undefined ? {} : { gas: { keyFile: near(answers, "gas") } }),
    issuerKeyFile: near(answers, "issuer"),
    tokens: [
      { token: readTokenFile(keys.issuerTokenFile), role: "issuer", name: "issuer" },
      { token: readTokenFile(keys.operatorTokenFile), role: "operator", name: "operator" },
    ],
    guarantee: { bears, perCard, perPayeePerDay, ...(bears ? { keyFile: near(answers, "guarantee") } : {}) },
    ...(noPinResetDays === undefined ? {} : { allowancePolicy: { noPinResetDays } }),
    ...(privateNode ? { chain: { privateNodes: true } } : {}),
  };
}

function issuerConfig(answers: Answers, keys: ProgrammeKeys, installation: Installation): object {
  const { mode, limits, fund, pins, settlement, reader, pcscSocket, vpcd, waitSeconds } = answers;
  const { chainId, vault, asset } = domainOf(answers, installation);
  return {
    ...{ mode, journal: "journal.sqlite", reader, pcscSocket, vpcd, masterKeyFile: near(answers, "master") },
    settlement: {
      url: `http://127.0.0.1:${settlement.administrationPort}`,
      tokenFile: relative(answers.folder, keys.issuerTokenFile),
    },
    domain: { chainId, vault, asset },
    issuerKeys: [keys.issuerKey],
    // The issuer owns its cards, so that it can ask back what is on a lost one.
    owner: toHex(keys.treasury.address),
    fund: plain(answers, fund),
    caps: { ...limits },
    testPayee: {
      payee: keys.testPayee,
      terminalId: installation.issuerTerminalId,
      terminalKeyFile: near(answers, "issuerTerminal"),
    },
    finalityTimeoutSeconds: waitSeconds,
    ...(pins ? { pinFolder: "letters" } : {}),
  };
}

function gatewayConfig(answers: Answers, keys: ProgrammeKeys, installation: Installation): object {
  const { terminal, rpcUrl, privateNode, settlement, pcscSocket, vpcd } = answers;
  return {
    listen: { host: "127.0.0.1", port: terminal.port },
    journal: "gateway.sqlite",
    ...{ reader: terminal.reader, pcscSocket, vpcd, payee: toHex(terminal.payee), category: terminal.category },
    terminalId: installation.terminalId,
    terminalKeyFile: near(answers, "terminal"),
    certificateFile: CERTIFICATE_FILE,
    issuerKeys: [keys.issuerKey],
    ...(keys.guaranteeAddress === null ? {} : { guaranteeAccount: keys.guaranteeAddress }),
    domains: [domainOf(answers, installation)],
    settlementUrl: `http://127.0.0.1:${settlement.port}`,
    chain: { rpcUrl, startBlock: installation.startBlock, ...(privateNode ? { private: true } : {}) },
  };
}

function domainOf(
  { chainId, asset }: Pick<Answers, "chainId" | "asset">,
  { vault }: Pick<Installation, "vault">,
): { readonly chainId: string; readonly vault: string; readonly asset: object } {
  const { code, decimals, scale } = asset;
  return { chainId: chainId.toString(), vault: toHex(vault), asset: { code, decimals, scale: scale.toString() } };
}

/** A key file as seen from the programme's folder. */
function near(answers: Answers, role: KeyRole): string {
  return relative(answers.folder, keyFileOf(answers, role));
}

function plain({ asset }: Pick<Answers, "asset">, amount: string): string {
  return formatAmount(parseAmount(amount, asset), asset);
}
