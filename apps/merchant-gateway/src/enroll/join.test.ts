import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ManualTimer, settled } from "@tallystick/program/testing";
import {
  type Admission,
  certificateRequestDigits,
  digestOf,
  encodeAdmission,
  fromHex,
  type MerchantCertificate,
  toAddress,
  toHex,
} from "@tallystick/protocol";
import type { AdmissionAnswer, CertificateRequestAnswer, CertificateRequestBody } from "@tallystick/protocol/wire";
import {
  domain,
  issuer,
  payee,
  signCertificate,
  START,
  terminalId,
  terminalSigner,
  testSigner,
} from "../../test/harness/test-terminal.ts";
import { certificateOfFile, writeCertificate } from "../config/certificate-file.ts";
import { loadConfig } from "../config/load-config.ts";
import { Policies } from "../config/policies.ts";
import { SettlementError } from "../sync/settlement-client.ts";
import { createJoinPort, type JoinPort } from "./join-port.ts";
import { runJoin } from "./run-join.ts";

const next = testSigner("next issuer");
const URL = "https://settlement.example";
const GUARANTEE = `0x${"77".repeat(20)}`;

let folder: string;
let file: string;
let certificateFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-join-"));
  certificateFile = join(folder, "certificate.json");
  file = configFile({});
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function configFile(changes: Record<string, unknown>): string {
  const path = join(folder, "terminal.json");
  const config = {
    ...{ journal: "journal.db", reader: "Reader 00 00", payee: toHex(payee), category: 12 },
    ...{ terminalId: toHex(terminalId), terminalKeyFile: "key.json", certificateFile: "certificate.json" },
    issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
    domains: [{ chainId: 31_337, vault: toHex(domain.vault), asset: { code: "USDC", decimals: 6 } }],
    ...changes,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

interface Wish {
  readonly certificate?: Partial<MerchantCertificate>;
  readonly head?: Partial<Admission>;
  readonly terms?: Record<string, unknown>;
  /** The terms as they are handed on, where that is not what was signed. */
  readonly shown?: string;
  readonly by?: typeof issuer;
}

/** What an issuer answers to a request; both its keys sign, the new one first. */
async function admissionFor(request: Uint8Array, { certificate, head, terms, shown, by = issuer }: Wish = {}) {
  const text = JSON.stringify({
    schema: "tallystick.terms/1",
    asset: { code: "USDC", decimals: 6, scale: "1" },
    issuerKeys: [
      { id: 2, publicKey: toHex(next.publicKey) },
      { id: 1, publicKey: toHex(issuer.publicKey) },
    ],
    ...{ guaranteeAccount: GUARANTEE, settlementUrl: null, uploadWindowSeconds: 86_400, vaultDelaySeconds: 1_382_400 },
    ...terms,
  });
  const heads: AdmissionAnswer["heads"] = [];
  for (const [issuerKeyId, signer] of [
    [2, next],
    [1, by],
  ] as const) {
    const signed = await signCertificate({ ...certificate, issuerKeyId }, signer);
    const bytes = encodeAdmission({
      ...{ domain, issuerKeyId, issuedAt: START, requestHash: digestOf(request) },
      certificateHash: digestOf(signed.certificate),
      termsHash: digestOf(new TextEncoder().encode(text)),
      ...head,
    });
    heads.push({
      ...{ admission: toHex(bytes), signature: toHex(await signer.sign(digestOf(bytes))) },
      ...{ certificate: toHex(signed.certificate), certificateSignature: toHex(signed.signature) },
    });
  }
  return { terms: shown ?? text, heads };
}

type Said = (request: Uint8Array) => Promise<Partial<CertificateRequestAnswer>>;

const waits: Said = () => Promise.resolve({ state: "waiting" });
const approves =
  (wish: Wish = {}): Said =>
  async (request) => ({ state: "approved", admission: await admissionFor(request, wish) });

/** A settlement that says one thing after the other, the last one again and again. */
class FakePort implements JoinPort {
  readonly asked: CertificateRequestBody[] = [];
  private readonly says: Said[];

  constructor(...says: Said[]) {
    this.says = says;
  }

  ask(body: CertificateRequestBody): Promise<CertificateRequestAnswer> {
    this.asked.push(body);
    return this.look();
  }

  async look(): Promise<CertificateRequestAnswer> {
    const bytes = fromHex(this.asked.at(-1)?.request);
    const say = (this.says.length > 1 ? this.says.shift() : this.says[0]) ?? waits;
    return { id: toHex(digestOf(bytes)), state: "waiting", reason: null, admission: null, ...(await say(bytes)) };
  }
}

/** Runs the command to its end, time passing as it waits; answers the digits that were shown, and the error's code. */
async function joined(port: JoinPort, { waitMs = 60_000, now = START, to = null as string | null } = {}) {
  const timer = new ManualTimer();
  const digits: string[] = [];
  let taken: string | null = null;
  let code: string | null = null;
  let isDone = false;
  const run = runJoin(
    loadConfig(file, { isJoining: true }),
    { signer: terminalSigner, now: () => now, url: URL, port, to, waitMs, timer },
    {
      sent: ({ bytes }) => digits.push(certificateRequestDigits(bytes)),
      taken: (_, path) => (taken = path),
    },
  )
    .catch((error: Error & { readonly code?: string }) => {
      if (error.code === undefined) throw error;
      ({ code } = error as { code: string });
    })
    .finally(() => (isDone = true));
  for (let turn = 0; turn < 1_000 && !isDone; turn += 1) {
    await settled();
    await timer.pass(5_000);
  }
  await run;
  return { digits, taken, code };
}

describe("a terminal that joins", () => {
  it("shows its digits, waits for a person, and runs on what the issuer signed", async () => {
    const port = new FakePort(waits, waits, approves());
    const { digits, taken, code } = await joined(port);
    expect([code, taken, digits.length]).toEqual([null, certificateFile, 1]);
    expect(existsSync(`${certificateFile}.request`)).toBe(false);
    const config = loadConfig(file);
    const [served] = config.domains;
    expect(served?.issuerKeys.map(({ id }) => id)).toEqual([1, 2]);
    expect(served?.guaranteeAccount && toHex(served.guaranteeAccount)).toBe(GUARANTEE);
    expect([served?.settlementUrl, config.windows.uploadWindowSeconds]).toEqual([URL, 86_400]);
    expect(Policies.of(config, terminalSigner.publicKey).all()[0]?.certificate?.perTap).toBe(100_000_000n);
    // What the configuration names itself goes before.
    file = configFile({
      settlementUrl: "https://own.example",
      guaranteeAccount: null,
      limits: { uploadWindowSeconds: 3_600 },
    });
    const own = loadConfig(file);
    expect([own.domains[0]?.settlementUrl, own.domains[0]?.guaranteeAccount]).toEqual(["https://own.example", null]);
    expect(own.windows.uploadWindowSeconds).toBe(3_600);
    // A renewal keeps it beside the next certificate.
    const renewed = await signCertificate({ notAfter: START + 900 * 86_400 });
    writeCertificate(certificateFile, renewed, own.domains[0]?.admission);
    expect(loadConfig(file).domains[0]?.issuerKeys).toHaveLength(2);
    expect(certificateOfFile(certificateFile).certificate).toEqual(renewed.certificate);
  });

  it("goes on with the same request and digits wherever it was stopped", async () => {
    const waiting = new FakePort(waits);
    const first = await joined(waiting, { waitMs: 0 });
    expect(first.code).toBe("CERTIFICATE_NOT_DECIDED");
    const pending = readFileSync(`${certificateFile}.request`);
    const port = new FakePort(approves());
    const second = await joined(port, { now: START + 100 });
    expect(second).toEqual({ digits: first.digits, code: null, taken: certificateFile });
    // It was stopped between both files: the answer is taken once more.
    writeFileSync(`${certificateFile}.request`, pending);
    const before = loadConfig(file).domains[0]?.admission;
    expect((await joined(port, { now: START + 200 })).digits).toEqual(first.digits);
    expect(loadConfig(file).domains[0]?.admission).toEqual(before);
    // It was stopped within the first one: what is no request is made anew.
    writeFileSync(`${certificateFile}.request`, pending.subarray(0, 100));
    const anew = await joined(port, { now: START + 300 });
    expect([anew.code, anew.digits[0] === first.digits[0]]).toEqual([null, false]);
    // A request that nobody may approve any more is not sent again.
    writeFileSync(`${certificateFile}.request`, pending);
    const late = await joined(new FakePort(waits), { waitMs: 0, now: START + 8 * 86_400 });
    expect(late.digits).not.toEqual(first.digits);
  });

  it("asks again where a look does not come through, and sends again what settlement has forgotten", async () => {
    const away: Said = () => Promise.reject(new SettlementError("SETTLEMENT_UNREACHABLE", "away"));
    const forgot: Said = () =>
      Promise.reject(new SettlementError("SETTLEMENT_REFUSED", "forgot", { refusal: "CERTIFICATE_REQUEST_UNKNOWN" }));
    const port = new FakePort(waits, away, away, forgot, waits, approves());
    expect((await joined(port)).code).toBeNull();
    expect(new Set(port.asked.map(({ request }) => request)).size).toBe(1);
    expect(port.asked).toHaveLength(2);
    expect((await joined(new FakePort(away))).code).toBe("SETTLEMENT_UNREACHABLE");
  });

  it("is told why it was refused, and asks anew after it", async () => {
    const refuses: Said = () => Promise.resolve({ state: "refused", reason: "Nobody knows you." });
    const port = new FakePort(waits, refuses);
    expect((await joined(port)).code).toBe("CERTIFICATE_REFUSED");
    expect(existsSync(certificateFile)).toBe(false);
    await joined(port, { now: START + 9 });
    expect(new Set(port.asked.map(({ request }) => request)).size).toBe(2);
  });

  it.each<[string, Wish]>([
    ["ADMISSION_UNTRUSTED", { by: testSigner("nobody") }],
    ["ADMISSION_UNTRUSTED", { shown: "{}" }],
    ["ADMISSION_OTHER_VAULT", { head: { domain: { ...domain, chainId: 1n } } }],
    ["ADMISSION_OTHER_VAULT", { head: { domain: { ...domain, vault: toAddress(new Uint8Array(20).fill(3)) } } }],
    ["ADMISSION_OTHER_ASSET", { terms: { asset: { code: "USDC", decimals: 18, scale: "1" } } }],
    ["ADMISSION_OTHER_ASSET", { terms: { asset: { code: "USDC", decimals: 6, scale: "10" } } }],
    ["ADMISSION_UNREADABLE", { terms: { schema: "tallystick.terms/2" } }],
    ["ADMISSION_UNREADABLE", { terms: { issuerKeys: [{ id: 2, publicKey: `0x05${"00".repeat(32)}` }] } }],
    ["ADMISSION_OTHER_REQUEST", { head: { requestHash: new Uint8Array(32) } }],
    ["ADMISSION_OTHER_TERMINAL", { head: { certificateHash: new Uint8Array(32) } }],
    ["ADMISSION_OTHER_TERMINAL", { certificate: { payee: toAddress(new Uint8Array(20).fill(1)) } }],
    ["ADMISSION_OTHER_TERMINAL", { certificate: { terminalId: new Uint8Array(8) } }],
    ["ADMISSION_OTHER_TERMINAL", { certificate: { category: 3 } }],
  ])("takes no admission that is %s: %j", async (code, wish) => {
    expect((await joined(new FakePort(approves(wish)))).code).toBe(code);
    expect(existsSync(certificateFile)).toBe(false);
  });

  it("takes none that is older than what it holds", async () => {
    expect((await joined(new FakePort(approves({ head: { issuedAt: START + 9 } })))).code).toBeNull();
    const before = readFileSync(certificateFile, "utf8");
    expect((await joined(new FakePort(approves()))).code).toBe("ADMISSION_OLDER");
    expect(readFileSync(certificateFile, "utf8")).toBe(before);
    const longer = approves({ head: { issuedAt: START + 10 }, certificate: { notAfter: START + 100 } });
    expect((await joined(new FakePort(longer))).code).toBe("ADMISSION_OLDER");
  });

  it("says where its files cannot be written, and does not guess which currency is meant", async () => {
    expect((await joined(new FakePort(approves()), { to: join(folder, "no", "file.json") })).code).toBe(
      "REQUEST_FILE_UNWRITABLE",
    );
    const one = { chainId: 31_337, vault: toHex(domain.vault), asset: { code: "USDC", decimals: 6 } };
    file = configFile({ domains: [one, { ...one, chainId: 7 }] });
    expect((await joined(new FakePort(approves()))).code).toBe("CONFIG");
  });
});

describe("what answers in settlement's place", () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** The code by which the call ends, and what it waits for meanwhile. */
  async function codeOf(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const body = { request: `0x${"00".repeat(130)}`, signature: `0x${"00".repeat(64)}` };
    try {
      await createJoinPort(url).ask(body);
      return "taken";
    } catch (error) {
      if (error instanceof SettlementError) return error.reason;
      throw error;
    }
  }

  it.each<[string, string, RequestListener]>([
    ["a redirect", "LINE_LOGIN_PAGE", (_, answer) => answer.writeHead(302, { location: "/login" }).end()],
    ["a page", "LINE_LOGIN_PAGE", (_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<p>")],
    ["a 413", "LINE_BODY_TOO_LARGE", (_, answer) => answer.writeHead(413).end()],
    [
      "no answer of this form",
      "SETTLEMENT_ANSWER_UNREADABLE",
      (_, answer) => answer.writeHead(200, { "content-type": "application/json" }).end('{"state":"approved"}'),
    ],
    [
      "a refusal",
      "CERTIFICATE_REQUESTS_FULL",
      (_, answer) =>
        answer
          .writeHead(429, { "content-type": "application/problem+json" })
          .end('{"code":"CERTIFICATE_REQUESTS_FULL","detail":"full"}'),
    ],
    [
      "more than any answer has",
      "LINE_OTHER_ANSWERED",
      (_, answer) => {
        answer.on("error", () => undefined);
        answer.writeHead(200, { "content-type": "application/json" });
        const piece = Buffer.alloc(1 << 20, 0x20);
        const more = (): void => {
          while (!answer.destroyed && answer.write(piece));
        };
        answer.on("drain", more);
        more();
      },
    ],
  ])("is told by its name: %s", async (_, code, listener) => {
    expect(await codeOf(listener)).toBe(code);
  });
});
