import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { freePort } from "@tallystick/stack";
import { type AppProcess, runCommand, startApp } from "./app-process.ts";
import { httpClient, type Http } from "./http.ts";
import { writeDevelopmentKey } from "./key-files.ts";
import type { DomainAnswer } from "./settlement.ts";
import type { ReaderSlot } from "./reader-slot.ts";

/** The two merchants. */
export type MerchantName = "A" | "B";

/** A merchant with one terminal: its gateway as a process, its reader, and where its money goes. */
export interface Merchant {
  readonly name: MerchantName;
  readonly payee: string;
  /** The payee's key, with which the merchant refunds and claims. */
  readonly payeeKeyFile: string;
  readonly configFile: string;
  readonly slot: ReaderSlot;
  readonly http: () => Http;
  readonly process: () => AppProcess["process"];
  readonly start: () => Promise<void>;
}

/** What a tap answers; amounts are decimal strings. */
export interface TapAnswer {
  readonly id: string;
  readonly outcome: "accepted" | "refused" | "unresolved";
  readonly code: string | null;
  readonly message: string;
  readonly voucherId: string | null;
  readonly counter: number | null;
  readonly card: string | null;
  readonly amount: string;
  readonly sw: string | null;
  readonly apdus: number;
  readonly spentBefore: string | null;
  readonly spentAfter: string | null;
  /** What a newer allowance changed at this tap. */
  readonly update?: { readonly added: string; readonly message: string } | null;
}

/** What the issuer's certificate allows the terminal. */
const CERTIFICATE_LIMITS = {
  perTap: "100.00",
  unsentSum: "1000.00",
  unsentCount: 500,
  perCardSum: "500.00",
  softwareSum: "0",
};

/** Where a merchant reaches the chain by itself, and the account that is paid. */
export interface PayeeAccount {
  readonly rpc: string;
  readonly address: string;
  readonly privateKey: string;
}

/** Makes a merchant's keys, has the issuer certify them, and writes its configuration; the gateway is started by `start`. */
export async function openMerchant(options: {
  name: MerchantName;
  program: string;
  folder: string;
  slot: ReaderSlot;
  domain: DomainAnswer;
  settlementUrl: string;
  issuer: Http;
  category: number;
  batteryBacked: boolean;
  account: PayeeAccount;
}): Promise<Merchant> {
  const { name, folder, slot, domain } = options;
  const payee = options.account.address.toLowerCase();
  const payeeKeyFile = join(folder, `merchant-${name}-payee-key.json`);
  writeDevelopmentKey(payeeKeyFile, { privateKey: options.account.privateKey });
  const terminalId = `0x${randomBytes(8).toString("hex")}`;
  const configFile = join(folder, `merchant-${name}.json`);
  const certificateFile = join(folder, `merchant-${name}-certificate.json`);
  const asset = { code: domain.asset.code, decimals: domain.asset.decimals, scale: domain.asset.scale };
  const config = {
    listen: { host: "127.0.0.1", port: await freePort() },
    journal: join(folder, `merchant-${name}.sqlite`),
    reader: slot.name,
    pcscSocket: slot.pcscSocket,
    vpcd: slot.vpcd,
    payee,
    category: options.category,
    terminalId,
    terminalKeyFile: join(folder, `merchant-${name}-key.json`),
    certificateFile,
    issuerKeys: domain.issuerKeys,
    domains: [{ chainId: domain.chainId, vault: domain.vault, asset, guaranteeAccount: domain.guarantee.account }],
    settlementUrl: options.settlementUrl,
    claim: { rpcUrl: options.account.rpc, keyFile: payeeKeyFile },
    clock: { batteryBacked: options.batteryBacked },
    // The cards come and go with processes, so a tap waits for its card.
    cardWaitSeconds: 15,
    // The demo sends by itself, so that it can say what each upload did.
    sync: { background: false },
  };
  const write = (value: unknown): void => {
    writeFileSync(configFile, `${JSON.stringify(value, null, 2)}\n`);
  };
  write({ ...config, certificateFile: undefined });
  const made = await runCommand({
    program: options.program,
    args: ["--config", configFile, "--init-keys", "--json"],
    folder,
    name: `merchant-${name}-keys`,
  });
  const terminalKey = made.lines.map((line) => line["publicKey"]).find((key) => typeof key === "string");
  if (made.code !== 0 || terminalKey === undefined)
    throw new Error(`merchant ${name} made no terminal key:\n${made.text}`);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const certificate = await options.issuer.post<{ certificate: string; signature: string }>("/v1/merchants", {
    ...{ payee, category: options.category, terminalId, terminalKey },
    notBefore: nowSeconds - 3_600,
    notAfter: nowSeconds + 365 * 86_400,
    ...CERTIFICATE_LIMITS,
    reason: `Merchant ${name} joins the demo.`,
  });
  await nameMerchant(options.issuer, { name, payee, terminalId });
  writeFileSync(certificateFile, `${JSON.stringify(certificate, null, 2)}\n`);
  write(config);
  return merchant({
    ...{ name, payee, payeeKeyFile, configFile, slot },
    start: async () => await startApp({ program: options.program, configFile, folder, name: `merchant-${name}` }),
  });
}

/** People know a merchant by its name, not by its address: the console shows it. */
async function nameMerchant(
  issuer: Http,
  { name, payee, terminalId }: { readonly name: MerchantName; readonly payee: string; readonly terminalId: string },
): Promise<void> {
  const path = `/v1/merchants/${payee}`;
  const reason = "As the demo calls it.";
  await issuer.put(`${path}/name`, { name: `Merchant ${name}`, contact: "The demo", reason });
  await issuer.put(`${path}/terminals/${terminalId}/name`, { name: `Terminal ${name}`, reason });
}

function merchant(
  options: Omit<Merchant, "http" | "process" | "start"> & { start: () => Promise<AppProcess> },
): Merchant {
  let running: AppProcess | undefined;
  const app = (): AppProcess => {
    if (running === undefined) throw new Error(`the gateway of merchant ${options.name} is not started`);
    return running;
  };
  return {
    ...options,
    http: () => httpClient(app().url),
    process: () => app().process,
    start: async () => {
      running = await options.start();
    },
  };
}
