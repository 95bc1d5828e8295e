import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { httpClient, startApp, type Http } from "@tallystick/demo";
import type { CardChannel } from "@tallystick/apdu";
import { openLog, type CommandResult, type LoggedPayment } from "@tallystick/card";
import { createSigner, fromHex, toAddress, toHex, type Address } from "@tallystick/protocol";
import { projectRoot, type WorkFolder } from "@tallystick/stack";
import { CATEGORY, certify, domain, draw, issuer } from "./issuer.ts";
import { CARD_WAIT_SECONDS } from "./limits.ts";

/** Where a terminal finds its cards: a reader of pcscd, or a socket. */
export type TerminalReader =
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

/** What a card shows of itself in one currency. */
export interface ShownCard {
  readonly left: string | null;
  readonly payments: readonly { readonly counter: number; readonly amount: string; readonly here: boolean }[] | null;
  readonly paymentsCode: string | null;
}

/** The gateway's program at a merchant of its own, with its journal on disk. */
export interface Terminal {
  readonly payee: Address;
  readonly terminalId: Uint8Array;
  /** One sale of its own for each call, unless `saleId` names an earlier one. */
  readonly tap: (amount: string, options?: { readonly pin?: string; readonly saleId?: string }) => Promise<Tap>;
  /** What the card shows of itself after its PIN. */
  readonly payments: (pin: string) => Promise<{ readonly balances: readonly ShownCard[] }>;
  readonly cancel: (id: string) => Promise<void>;
  /** Exchanges with settlement: sends what is unsent, fetches the list. */
  readonly sync: () => Promise<void>;
  readonly unsent: () => Promise<number>;
  /** Reads a payment to its payee from a card that was selected, with its certificate and key (spec §4.13). */
  readonly readLog: (channel: CardChannel, cardTag: Uint8Array, age: number) => Promise<CommandResult<LoggedPayment>>;
  readonly stop: () => Promise<void>;
}

/** Opens a terminal: keys, certificate, configuration, and the gateway's program with a fresh status list. */
export async function openTerminal(options: {
  readonly name: string;
  readonly folder: WorkFolder;
  readonly reader: TerminalReader;
  readonly settlementUrl: string;
}): Promise<Terminal> {
  const { name, folder, reader, settlementUrl } = options;
  const secret = draw(32);
  const signer = createSigner(secret);
  const { publicKey } = signer;
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
  const app = await startApp({
    program: join(projectRoot(), "apps", "merchant-gateway", "bin", "tallystick-gateway.mjs"),
    configFile: path(".json"),
    folder: folder.path,
    name,
  });
  const http: Http = httpClient(app.url);
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
    payments: async (pin) => await http.post("/v1/balance", { pin }),
    cancel: async (id) => void (await http.post(`/v1/taps/${id}/cancel`)),
    sync: async () => void (await http.post("/v1/sync")),
    unsent: async () => (await http.get<{ unsent: { count: number } }>("/v1/readiness")).unsent.count,
    readLog: async (channel, cardTag, age) => {
      const signed = { certificate: fromHex(certificate.certificate), signature: fromHex(certificate.signature) };
      return await openLog(channel, { certificate: signed, payee, signer, domain, cardTag }, age);
    },
    stop: async () => void (await app.process.stop()),
  };
}
