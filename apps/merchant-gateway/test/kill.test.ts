import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { makeTerminalKey } from "../src/keys/terminal-key.ts";
import {
  allowanceBody,
  domain,
  issuer,
  payee,
  signCertificate,
  signList,
  terminalId,
} from "./harness/test-terminal.ts";
import { TestCard } from "./harness/test-card.ts";
import { listenAsCard, type SocketCard } from "./harness/socket-card.ts";

const PRICE = 2_500_000n;
const PROGRAM = fileURLToPath(new URL("harness/terminal-program.ts", import.meta.url));

interface Told {
  readonly steps: number;
  readonly outcome: string;
  readonly code: string | null;
  readonly counter: number;
  readonly id: string;
  readonly spentAfter: string;
  readonly resolved: number;
}

let folder: string;
let card: TestCard;
let reader: SocketCard;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-kill-"));
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const body = { ...allowanceBody, notBefore: nowSeconds - 3_600, notAfter: nowSeconds + 86_400 };
  card = await TestCard.make({ name: "kill", issuer, domain, body });
  reader = await listenAsCard(card);
  const terminalKey = makeTerminalKey(join(folder, "key.json"), (length) => new Uint8Array(length).fill(0x42));
  const certificate = await signCertificate({
    terminalKey,
    notBefore: nowSeconds - 3_600,
    notAfter: nowSeconds + 86_400,
  });
  const list = await signList({ issuedAt: nowSeconds - 60, asOf: nowSeconds - 60 });
  file = join(folder, "terminal.json");
  const config = {
    journal: "journal.db",
    reader: "Socket reader",
    vpcd: { host: "127.0.0.1", port: reader.port },
    payee: toHex(payee),
    category: 12,
    terminalId: toHex(terminalId),
    terminalKeyFile: "key.json",
    certificate: toHex(certificate.certificate),
    certificateSignature: toHex(certificate.signature),
    issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
    domains: [{ chainId: 31_337, vault: toHex(domain.vault), asset: { code: "USDC", decimals: 6, scale: 1 } }],
    clock: { batteryBacked: true },
  };
  writeFileSync(
    file,
    JSON.stringify({
      config,
      folder,
      list: { head: toHex(list.head), signature: toHex(list.signature), packedList: toHex(list.packedList) },
    }),
  );
});

afterEach(async () => {
  await reader.close();
  rmSync(folder, { recursive: true });
});

/** One terminal process; null when it was killed. */
async function run(amount: bigint, saleId: string, fatalStep = 0): Promise<Told | null> {
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--no-warnings", PROGRAM, file, String(amount), saleId, String(fatalStep)],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once("close", (...how) => {
      resolve(how);
    }),
  );
  if (signal === "SIGKILL") return null;
  if (code !== 0) throw new Error(`the terminal ended with ${code}:\n${errors}`);
  return JSON.parse(out) as Told;
}

/** Kills the terminal at every step of one payment in turn; `again` is what the merchant does after each restart. */
async function killEverywhere(saleIdOf: (step: number) => string): Promise<number> {
  const whole = await run(PRICE, saleIdOf(0));
  expect(whole).toMatchObject({ outcome: "accepted", counter: 1 });
  const steps = whole?.steps ?? 0;
  for (let step = 1; step <= steps; step += 1) {
    const spentBefore = card.spent;
    expect(await run(PRICE, saleIdOf(step), step)).toBeNull();
    const repeated = await run(PRICE, saleIdOf(step));
    expect(repeated).toMatchObject({
      outcome: "accepted",
      counter: step + 1,
      resolved: 0,
      spentAfter: String(spentBefore + PRICE),
    });
    expect(card.spent).toBe(spentBefore + PRICE);
  }
  return steps;
}

describe("kill -9 of the terminal", () => {
  it("at every write and every command, with a sale id: the same voucher, nothing doubled, nothing lost", async () => {
    // Two commands and two writes, each with a moment before and one after it.
    expect(await killEverywhere((step) => `sale-${step}`)).toBe(8);
  });

  it("before the outcome is durable, without a sale id: the open sale goes on", async () => {
    for (const step of [4, 5, 6, 7]) {
      const spentBefore = card.spent;
      expect(await run(PRICE, "", step)).toBeNull();
      expect(await run(PRICE, "")).toMatchObject({ outcome: "accepted", spentAfter: String(spentBefore + PRICE) });
      expect(card.spent).toBe(spentBefore + PRICE);
    }
  });
});
