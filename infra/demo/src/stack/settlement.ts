import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@tallystick/stack";
import { type AppProcess, startApp } from "./app-process.ts";
import { httpClient, type Http } from "./http.ts";
import { drawToken, writeDevelopmentKey } from "./key-files.ts";

/** `GET /v1/domain`. */
export interface DomainAnswer {
  readonly chainId: string | number;
  readonly vault: string;
  readonly token: string;
  readonly asset: { readonly code: string; readonly decimals: number; readonly scale: string | number };
  /** What compensations are paid from. */
  readonly guarantee: { readonly account: string | null };
  readonly issuerKeys: readonly { readonly id: number; readonly publicKey: string }[];
}

/** One side of `GET /v1/reconciliation`: what the chain or the ledger says. */
export interface MoneySide {
  readonly minted: string;
  readonly wallets: string;
  /** In the account that the issuer bears copied cards from. */
  readonly guarantee: string;
  readonly cards: string;
  readonly owed: string;
  readonly paidOut: string;
}

/** `GET /v1/reconciliation`. */
export interface ReconciliationAnswer {
  readonly block: string | number;
  readonly finalizedBlock: string | number;
  readonly chain: MoneySide;
  readonly ledger: MoneySide;
  readonly acceptedUnpaid: string;
  readonly ledgerDifference: string;
}

/** The settlement service as a process that can be stopped and started again at the same address. */
export interface Settlement {
  /** Where terminals send to. */
  readonly url: string;
  /** Where it is administered, with a token. */
  readonly administration: string;
  readonly issuerToken: string;
  readonly operatorToken: string;
  readonly issuer: Http;
  readonly operator: Http;
  readonly process: () => AppProcess["process"];
  readonly start: () => Promise<void>;
  readonly configFile: string;
}

/** What the deploy script answers. */
export interface Deployment {
  readonly chainId: number;
  readonly vault: string;
  readonly token: string;
  readonly block: number;
}

/** Writes settlement's configuration and keys; the service is started by `start`. */
export async function prepareSettlement(options: {
  program: string;
  folder: string;
  databaseUrl: string;
  redisUrl: string;
  rpc: string;
  deployment: Deployment;
  chainKeyFile: string;
  guaranteeKeyFile: string;
}): Promise<Settlement> {
  const { folder, deployment } = options;
  // The ports are chosen here and not by the service: all keep the addresses over a restart.
  const port = await freePort();
  const administrationPort = await freePort();
  const issuerToken = drawToken();
  const operatorToken = drawToken();
  const issuerKeyFile = join(folder, "issuer-key.json");
  writeDevelopmentKey(issuerKeyFile, { keyId: 1 });
  const configFile = join(folder, "settlement.json");
  const config = {
    listen: { host: "127.0.0.1", port },
    administration: { listen: { host: "127.0.0.1", port: administrationPort } },
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    rpcUrl: options.rpc,
    chainId: deployment.chainId,
    vault: deployment.vault,
    token: deployment.token,
    asset: { code: "TUSD", decimals: 6, scale: 1 },
    startBlock: deployment.block,
    chainKeyFile: options.chainKeyFile,
    issuerKeyFile,
    tokens: [
      { token: issuerToken, role: "issuer", name: "ines" },
      { token: operatorToken, role: "operator", name: "otto" },
    ],
    guarantee: { bears: true, perCard: "100.00", perPayeePerDay: "500.00", keyFile: options.guaranteeKeyFile },
    // A demonstration waits for no full batch, and its chain makes a block a second.
    batch: { maxAgeMs: 2_000 },
    statusList: { maxAgeSeconds: 2 },
    // A card is topped up on the day it is made.
    allowancePolicy: { everySeconds: 0 },
    chain: { pollMs: 250 },
  };
  writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  const administration = `http://127.0.0.1:${administrationPort}`;
  let running: AppProcess | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ administration, issuerToken, operatorToken },
    issuer: httpClient(administration, issuerToken),
    operator: httpClient(administration, operatorToken),
    configFile,
    process: () => {
      if (running === undefined) throw new Error("settlement is not started");
      return running.process;
    },
    start: async () => {
      running = await startApp({ program: options.program, configFile, folder, name: "settlement" });
    },
  };
}
