import { Logger } from "@nestjs/common";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  decodeRenewalRequest,
  decodeTerminalRequest,
  digestOf,
  fromHex,
  type MerchantCertificate,
  type Signer,
  terminalRequestKinds,
  toAddress,
  toHex,
  uncompressKey,
  verifyDigest,
} from "@tallystick/protocol";
import type { TerminalRequestBody } from "@tallystick/protocol/wire";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import {
  DAY,
  issuer,
  payee,
  servedDomain,
  signCertificate,
  START,
  terminalId,
  terminalSigner,
  TestTerminal,
  testSigner,
} from "../../../test/harness/test-terminal.ts";
import { certificateOfFile } from "../../config/certificate-file.ts";
import { SettlementError } from "../settlement-client.ts";

const folders: string[] = [];
const terminals: TestTerminal[] = [];

Logger.overrideLogger(false);

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Settlement, as far as it renews. */
class Renewing {
  authenticated = true;
  readonly asked: TerminalRequestBody[] = [];
  answer: () => Promise<unknown> = () => certified({});

  request(body: TerminalRequestBody): Promise<unknown> {
    this.asked.push(body);
    return this.answer();
  }
}

const END = START + 30 * DAY;
const first = { notBefore: START - 335 * DAY };

/** As settlement answers: the certificate of before, for a year more. */
async function certified(changes: Partial<MerchantCertificate>, signer: Signer = issuer): Promise<unknown> {
  const signed = await signCertificate({ ...first, notAfter: END + 365 * DAY, ...changes }, signer);
  return { certificate: toHex(signed.certificate), signature: toHex(signed.signature) };
}

/** What the issuer signed beside the certificate of a terminal that joined by itself. */
const admission = {
  ...{ answer: { terms: "{}", heads: [] }, issuedAt: START, sentTo: "https://settlement.example" },
  ...{ uploadWindowSeconds: 1, vaultDelaySeconds: 1 },
};

async function make({ notAfter = END, inFile = true, hasJoined = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-certificate-"));
  folders.push(folder);
  const file = join(folder, "terminal.certificate.json");
  const certificate = await signCertificate({ ...first, notAfter });
  writeFileSync(
    file,
    JSON.stringify({ certificate: toHex(certificate.certificate), signature: toHex(certificate.signature) }),
  );
  const served = await servedDomain({
    certificate,
    certificateFile: inFile ? file : null,
    ...(hasJoined ? { admission } : {}),
  });
  const terminal = await TestTerminal.make({ domains: [served] });
  terminals.push(terminal);
  const settlement = new Renewing();
  terminal.requestPort = settlement;
  terminal.restart();
  terminal.takeLiveAnswer();
  const pass = (): Promise<void> => terminal.gateway.renewals.pass(served);
  const held = () => terminal.gateway.policies.of(served.domainBytes)?.certificate ?? null;
  return { terminal, settlement, served, file, pass, held, text: () => readFileSync(file, "utf8") };
}

describe("a certificate near its end", () => {
  it("is renewed 30 days before it, by a request that its own key signed, and once", async () => {
    const { terminal, settlement, pass, held, file } = await make({ notAfter: END + 1, hasJoined: true });
    await pass();
    expect(settlement.asked).toHaveLength(0);
    terminal.now += 1;
    await pass();
    const [asked] = settlement.asked;
    if (asked === undefined) throw new Error("nothing was asked");
    const time = START + 1;
    expect(decodeTerminalRequest(fromHex(asked.request))).toMatchObject({ kind: terminalRequestKinds.renewal, time });
    const { request, bytes, signature } = decodeRenewalRequest(fromHex(asked.body));
    expect(request).toMatchObject({ payee, terminalId, category: 12, time });
    expect(request.terminalKey).toEqual(uncompressKey(terminalSigner.publicKey));
    expect(verifyDigest(signature, digestOf(bytes), terminalSigner.publicKey)).toBe(true);
    expect(held()?.notAfter).toBe(END + 365 * DAY);
    // What came when it joined stays beside the certificate.
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      ...{ admission: admission.answer, settlementUrl: admission.sentTo },
    });
    expect(certificateOfFile(file).certificate).toEqual(
      (await signCertificate({ ...first, notAfter: END + 365 * DAY })).certificate,
    );
    await pass();
    expect(settlement.asked).toHaveLength(1);
  });

  it("is replaced without a restart: the terminal sells beyond the end of the old one, and asks by the new one", async () => {
    const { terminal, settlement, pass, served } = await make();
    await pass();
    terminal.now = END + DAY;
    terminal.knowTime();
    await terminal.offerList({ seq: 2 });
    terminal.reader.card = await terminal.card();
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted" });
    terminal.now = END + 350 * DAY;
    terminal.takeLiveAnswer();
    settlement.answer = () => certified({ notAfter: END + 730 * DAY });
    await terminal.gateway.exchange.run();
    await pass();
    const used = settlement.asked.map(({ certificate }) => certificate);
    expect(used[0]).toBe(toHex(served.certificate?.certificate ?? new Uint8Array(0)));
    expect(used.at(-1)).toBe(toHex((await signCertificate({ ...first, notAfter: END + 365 * DAY })).certificate));
  });

  it("that has ended is renewed all the same", async () => {
    const { pass, held } = await make({ notAfter: START - 1 });
    await pass();
    expect(held()?.notAfter).toBe(END + 365 * DAY);
  });

  it("is asked about once a day, also where settlement refuses or has nothing newer", async () => {
    const { terminal, settlement, pass, held } = await make();
    settlement.answer = () => Promise.reject(new SettlementError("SETTLEMENT_REFUSED", "No."));
    for (const seconds of [0, DAY - 1]) {
      terminal.now = START + seconds;
      await pass();
    }
    expect(settlement.asked).toHaveLength(1);
    settlement.answer = () => certified({ notAfter: END });
    terminal.now = START + DAY;
    await pass();
    await pass();
    expect([settlement.asked.length, held()?.notAfter]).toEqual([2, END]);
  });

  it("is asked about again in the next exchange where settlement was out of reach", async () => {
    const { settlement, pass } = await make();
    settlement.answer = () => Promise.reject(new SettlementError("SETTLEMENT_UNREACHABLE", "Away."));
    for (let time = 0; time < 2; time += 1) expect(await codeOfRejection(pass())).toBe("SETTLEMENT_UNREACHABLE");
    expect(settlement.asked).toHaveLength(2);
  });

  it("is believed by pinned issuer keys alone, for this terminal alone, and never later in its beginning", async () => {
    const otherIssuer = testSigner("another issuer");
    const wrong: readonly [Partial<MerchantCertificate>, Signer?][] = [
      [{}, otherIssuer],
      [{ issuerKeyId: 2 }, otherIssuer],
      [{ payee: toAddress(new Uint8Array(20).fill(1)) }],
      [{ terminalId: new Uint8Array(8) }],
      [{ terminalKey: uncompressKey(otherIssuer.publicKey) }],
      [{ category: 13 }],
      [{ domain: { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(0x51)) } }],
      [{ notBefore: START }],
    ];
    const { terminal, settlement, pass, held, text } = await make();
    const before = text();
    for (const [index, [changes, signer]] of wrong.entries()) {
      terminal.now = START + index * DAY;
      settlement.answer = () => certified(changes, signer);
      expect([index, await codeOfRejection(pass())]).toEqual([index, "SETTLEMENT_ANSWER_UNREADABLE"]);
    }
    expect([held()?.notAfter, text()]).toEqual([END, before]);
    settlement.answer = () => certified({});
    terminal.now += DAY;
    await pass();
    expect(held()?.notAfter).toBe(END + 365 * DAY);
  });

  it("that comes back older changes nothing", async () => {
    const { pass, settlement, held, text } = await make();
    const before = text();
    settlement.answer = () => certified({ notAfter: END - 1, perTap: 1n });
    await pass();
    expect([held()?.notAfter, text()]).toEqual([END, before]);
  });

  it("brings the limits that the issuer gave meanwhile, and the journal says which", async () => {
    const { terminal, settlement, pass, served } = await make();
    settlement.answer = () => certified({ perTap: 200_000_000n, unsentCount: 400 });
    await pass();
    const { policies, journal } = terminal.gateway;
    expect(policies.of(served.domainBytes)?.policy).toMatchObject({ perTap: 200_000_000n, unsentCount: 400 });
    const copy = join(folders[0] ?? "", "copy.db");
    journal.copyTo(copy);
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(copy, { readonly: true });
    const rows = database.prepare("SELECT body FROM event WHERE kind = 'certificate'").all() as { body: string }[];
    database.close();
    expect(rows.map(({ body }) => (JSON.parse(body) as { changes: unknown }).changes)).toEqual([
      [
        ["perTap", "100000000", "200000000"],
        ["unsentCount", "500", "400"],
      ],
    ]);
  });

  it("is taken up where no file can be written, and asked for again after a start", async () => {
    const { terminal, settlement, pass, held, file } = await make();
    rmSync(file);
    await pass();
    expect(held()?.notAfter).toBe(END + 365 * DAY);
    terminal.restart();
    terminal.takeLiveAnswer();
    expect(held()?.notAfter).toBe(END);
    await pass();
    expect([settlement.asked.length, held()?.notAfter]).toEqual([2, END + 365 * DAY]);
  });

  it("of the configuration itself is renewed too", async () => {
    const { pass, held, text } = await make({ inFile: false });
    const before = text();
    await pass();
    expect([held()?.notAfter, text()]).toEqual([END + 365 * DAY, before]);
  });
});
