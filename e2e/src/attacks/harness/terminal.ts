import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { httpClient, type Http } from "@tallystick/demo";
import { createSigner, toAddress, toHex, type Address } from "@tallystick/protocol";
import { followLines, type OwnedProcess, projectRoot, startOwnedProcess, type WorkFolder } from "@tallystick/stack";
import { CATEGORY, certify, domain, draw, issuer } from "./issuer.ts";
import { CARD_WAIT_SECONDS, READY_DEADLINE_MS } from "./limits.ts";

/** Where a till finds its cards: a reader of pcscd, or a socket. */
export type TillReader =
  | { readonly name: string; readonly pcscSocket: string }
  | { readonly name: string; readonly vpcd: { readonly host: string; readonly port: number } };

/** What a tap answers; amounts are decimal strings. */
export interface Tap {
  readonly id: string;
  readonly outcome: "accepted" | "refused" | "unresolved";
  readonly code: string | null;
  readonly voucherId: string | null;
  readonly counter: number | null;
  readonly sw: string | null;
  readonly apdus: number;
  readonly spentBefore: string | null;
  readonly spentAfter: string | null;
  readonly saleOpen: boolean;
  readonly resolved: readonly Tap[];
}

/** The merchant gateway's program in a shop of its own, with its journal on disk. */
export interface Till {
  readonly payee: Address;
  readonly terminalId: Uint8Array;
  /** One sale of its own for each call, unless `saleId` names an earlier one. */
  readonly tap: (amount: string, options?: { readonly pin?: string; readonly saleId?: string }) => Promise<Tap>;
  readonly cancel: (id: string) => Promise<void>;
  /** Exchanges with settlement: sends what is unsent, fetches the list. */
  readonly sync: () => Promise<void>;
  readonly unsent: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

async function startProgram(folder: string, name: string, configFile: string): Promise<OwnedProcess & { url: string }> {
  const program = join(projectRoot(), "apps", "merchant-gateway", "dist", "main.js");
  const till = await startOwnedProcess({
    command: process.execPath,
    args: [program, "--config", configFile],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8" },
    stdoutFile: join(folder, `${name}.out`),
    stderrFile: join(folder, `${name}.log`),
  });
  const ready = await followLines(till).next(
    `${name} serving`,
    (event) => event["schema"] === "tallystick.ready/1",
    READY_DEADLINE_MS,
  );
  return Object.assign(till, { url: String(ready["url"]) });
}

/** Opens a shop: keys, certificate, configuration, and the gateway's program with a fresh status list. */
export async function openTill(options: {
  readonly name: string;
  readonly folder: WorkFolder;
  readonly reader: TillReader;
  readonly settlementUrl: string;
}): Promise<Till> {
  const { name, folder, reader, settlementUrl } = options;
  const secret = draw(32);
  const { publicKey } = createSigner(secret);
  const payee = toAddress(draw(20));
  const terminalId = draw(8);
  const path = (ending: string): string => join(folder.path, `${name}${ending}`);
  const key = { schema: "tallystick.terminal-key/1", privateKey: toHex(secret), publicKey: toHex(publicKey) };
  writeFileSync(path("-key.json"), JSON.stringify(key), { mode: 0o600 });
  const certificate = await certify({ payee, terminalId, terminalKey: publicKey });
  writeFileSync(path("-certificate.json"), JSON.stringify(certificate));
  const asset = { code: "USDC", decimals: 6, scale: 1 };
  const config = {
    listen: { host: "127.0.0.1", port: 0 },
    journal: path(".sqlite"),
    reader: reader.name,
    ...("vpcd" in reader ? { vpcd: reader.vpcd } : { pcscSocket: reader.pcscSocket }),
    payee: toHex(payee),
    category: CATEGORY,
    terminalId: toHex(terminalId),
    terminalKeyFile: path("-key.json"),
    certificateFile: path("-certificate.json"),
    issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
    domains: [{ chainId: Number(domain.chainId), vault: toHex(domain.vault), asset }],
    settlementUrl,
    clock: { batteryBacked: true },
    cardWaitSeconds: CARD_WAIT_SECONDS,
    sync: { background: false },
    log: { level: "warn" },
  };
  writeFileSync(path(".json"), JSON.stringify(config));
  const program = await startProgram(folder.path, name, path(".json"));
  const http: Http = httpClient(program.url);
  await http.post("/v1/sync");
  let sales = 0;
  return {
    payee,
    terminalId,
    tap: async (amount, { pin, saleId } = {}) => {
      sales += 1;
      const sale = saleId ?? `${name}-${sales}`;
      return await http.post<Tap>("/v1/taps", { amount, saleId: sale, ...(pin === undefined ? {} : { pin }) });
    },
    cancel: async (id) => void (await http.post(`/v1/taps/${id}/cancel`)),
    sync: async () => void (await http.post("/v1/sync")),
    unsent: async () => (await http.get<{ unsent: { count: number } }>("/v1/readiness")).unsent.count,
    stop: async () => void (await program.stop()),
  };
}
