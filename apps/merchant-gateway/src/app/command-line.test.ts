import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import {
  addressOfKey,
  certificateRequestDigits,
  compressKey,
  decodeCertificateRequest,
  digestOf,
  fromHex,
  toAddress,
  toChecksumAddress,
  toHex,
  uncompressKey,
  verifyDigest,
} from "@tallystick/protocol";
import { setDelegateCall, setReserveCall } from "@tallystick/vault";
import { issuer, payee, signCertificate, terminalId, testSigner } from "../../test/harness/test-terminal.ts";
import { loadConfig } from "../config/load-config.ts";
import { openJournal } from "../journal/open-journal.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import { runCommandLine } from "./command-line.ts";
import { commandLine } from "./command-lines.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-command-"));
  file = join(folder, "terminal.json");
  const config = {
    ...{ journal: "journal.db", reader: "Reader 00 00", payee: toHex(payee), category: 12 },
    ...{ terminalId: toHex(terminalId), terminalKeyFile: "key.json" },
    issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
    domains: [{ chainId: 31_337, vault: `0x${"51".repeat(20)}`, asset: { code: "USDC", decimals: 6 } }],
  };
  writeFileSync(file, JSON.stringify(config));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What a command wrote, and its exit code. */
async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runCommandLine(args, {
    writeLine: (line) => out.push(line),
    writeError: (line) => err.push(line),
  });
  return { exit, out, err };
}

/** Code and exit of a command that fails. */
async function failureOf(...args: readonly string[]) {
  const { exit, out, err } = await run(...args, "--json");
  expect(out).toEqual([]);
  expect(err).toHaveLength(1);
  const { schema, app, code } = JSON.parse(err[0] ?? "") as Record<string, unknown>;
  expect([schema, app]).toEqual(["tallystick.failed/1", "gateway"]);
  return [code, exit];
}

const chain = ["--rpc-url", "http://127.0.0.1:1", "--key-file"];

describe("the command line", () => {
  it("checks a configuration, names every fault with what to do, and makes no journal", async () => {
    const check = async () => {
      const { exit, out, err } = await run("check-config", "--config", file, "--json");
      expect(err).toEqual([]);
      const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.every(({ schema, app }) => schema === "tallystick.check/1" && app === "gateway")).toBe(true);
      return { exit, results: new Map(lines.map((line) => [line["check"], line["code"] ?? line["result"]])) };
    };
    const keyless = await check();
    expect(keyless.exit).toBe(3);
    expect(Object.fromEntries(keyless.results)).toMatchObject({
      ...{ "terminal key": "KEY_FILE_MISSING", certificates: "left-out", journal: "ok", disk: "ok" },
      reader: expect.stringMatching(/^[A-Z_]+$/),
    });
    await run("--config", file, "--init-keys");
    const keyed = await check();
    expect(keyed.exit).toBe(2);
    expect(keyed.results.get("certificates")).toBe("CERTIFICATE_MISSING");
    expect(existsSync(join(folder, "journal.db"))).toBe(false);
    expect(await failureOf("check-config", "--config", join(folder, "nowhere.json"))).toEqual([expect.any(String), 2]);
  });

  it("keeps a backup and puts it back, and says what of it is missing", async () => {
    await run("--config", file, "--init-keys");
    const kept = join(folder, "kept");
    expect(await failureOf("backup", kept, "--config", file)).toEqual(["BACKUP_NO_JOURNAL", 4]);
    const config = loadConfig(file);
    const { publicKey: terminalKey } = readTerminalKey(config.terminalKeyFile);
    openJournal(config, { terminalKey, now: 1 }).close();
    const made = await run("backup", kept, "--config", file, "--json");
    const line = JSON.parse(made.out[0] ?? "") as Record<string, unknown>;
    expect([made.exit, line["schema"], line["event"], line["missing"]]).toEqual([
      0,
      "tallystick.backup/1",
      "made",
      null,
    ]);
    expect(await failureOf("backup", kept, "--config", file)).toEqual(["BACKUP_EXISTS", 4]);
    rmSync(config.journalPath);
    const restored = await run("restore", kept, "--config", file);
    expect([restored.exit, restored.out]).toEqual([0, [expect.stringContaining(kept)]]);
    expect(existsSync(config.journalPath)).toBe(true);
  });

  it("asks for a certificate with a key of its own, and takes the answer of the pinned issuer alone", async () => {
    const to = join(folder, "request.json");
    const asked = await run("enroll", "--config", file, "--to", to, "--json");
    expect(asked).toMatchObject({ exit: 0, err: [] });
    const line = JSON.parse(asked.out[0] ?? "") as { request: string; signature: string; digits: string };
    const bytes = fromHex(line.request, 130);
    const request = decodeCertificateRequest(bytes);
    expect(request).toMatchObject({ payee, terminalId, category: 12 });
    expect(verifyDigest(fromHex(line.signature, 64), digestOf(bytes), compressKey(request.terminalKey))).toBe(true);
    expect(line).toMatchObject({ payee: toChecksumAddress(payee), digits: certificateRequestDigits(bytes) });
    expect(line.digits).toMatch(/^[0-9a-f]{20}$/);
    expect(JSON.parse(readFileSync(to, "utf8"))).toMatchObject({ requests: [line] });
    // The key stays the same, and a request that is on its way is not overwritten.
    expect(await failureOf("enroll", "--config", file, "--to", to)).toEqual(["REQUEST_FILE_UNWRITABLE", 2]);
    const again = JSON.parse((await run("enroll", "--config", file, "--json")).out[0] ?? "") as typeof line;
    expect(decodeCertificateRequest(fromHex(again.request, 130)).terminalKey).toEqual(request.terminalKey);

    const domain = { chainId: 31_337n, vault: request.domain.vault };
    const answered = async (changes: Parameters<typeof signCertificate>[0] = {}, signer = issuer) => {
      const signed = await signCertificate({ domain, terminalKey: request.terminalKey, ...changes }, signer);
      const answer = join(folder, "answer.json");
      writeFileSync(
        answer,
        JSON.stringify({ certificate: toHex(signed.certificate), signature: toHex(signed.signature) }),
      );
      return ["enroll", "--config", file, "--answer", answer];
    };
    const certificate = join(folder, "certificate.json");
    for (const [changes, signer] of [
      [{}, testSigner("nobody")],
      [{ payee: toAddress(new Uint8Array(20).fill(1)) }, issuer],
      [{ terminalKey: uncompressKey(issuer.publicKey) }, issuer],
      [{ category: 3 }, issuer],
    ] as const)
      expect(await failureOf(...(await answered(changes, signer)), "--to", certificate)).toEqual(["CONFIG", 2]);
    expect(existsSync(certificate)).toBe(false);
    const taken = await run(...(await answered()), "--to", certificate, "--json");
    expect(JSON.parse(taken.out[0] ?? "")).toMatchObject({
      ...{ schema: "tallystick.certificate/1", payee: toChecksumAddress(payee), perTap: "100.00", file: certificate },
    });
    expect((await run(...(await answered()))).out[0]).toContain(toChecksumAddress(payee));
    expect(existsSync(certificate)).toBe(true);
  });

  it("asks no address that holds a password, and waits for no time that is none", async () => {
    const send = ["enroll", "--config", file, "--to", join(folder, "certificate.json"), "--send"];
    for (const url of ["https://ann:secret@settlement.example", "ftp://settlement.example", "settlement"]) {
      const { exit, err } = await run(...send, url, "--json");
      expect([exit, (JSON.parse(err[0] ?? "") as { code: string }).code]).toEqual([2, "CONFIG"]);
      expect(err.join("")).not.toContain("secret");
    }
    expect(await failureOf(...send, "http://127.0.0.1:1", "--wait", "-1")).toEqual(["USAGE", 2]);
    expect(await failureOf(...send, "http://127.0.0.1:1")).toEqual(["LINE_CONNECTION_REFUSED", 7]);
    expect(existsSync(join(folder, "certificate.json.request"))).toBe(true);
  });

  it("prints an X report, and closes a period once under one number", async () => {
    await run("--config", file, "--init-keys");
    const report = async (...args: readonly string[]) => {
      const { exit, out } = await run("report", ...args, "--config", file, "--json");
      return [exit, JSON.parse(out[0] ?? "{}") as Record<string, unknown>] as const;
    };
    const schema = "tallystick.report/1";
    expect(await report("x")).toMatchObject([0, { schema, kind: "x", number: 1, by: null, totals: [] }]);
    const [, z] = await report("z", "--by", "ann", "--number", "1");
    expect(z).toMatchObject({ schema, kind: "z", number: 1, by: "ann" });
    expect(await report("z", "--number", "1")).toEqual([0, z]);
    expect((await run("report", "x", "--config", file)).out[0]).toMatch(/^X report 2 of terminal 0x07/);
    expect(await failureOf("report", "z", "--number", "3", "--config", file)).toEqual(["REPORT_OUT_OF_TURN", 2]);
    expect((await failureOf("report", "y", "--config", file))[1]).toBe(2);
  });

  it("makes the terminal's key once, and shows it afterwards", async () => {
    const made = await run("--config", file, "--init-keys", "--json");
    const line = JSON.parse(made.out[0] ?? "") as Record<string, unknown>;
    expect(line).toMatchObject({ schema: "tallystick.terminal-key/1", made: true, file: join(folder, "key.json") });
    expect(await run("--config", file, "--init-keys", "--json")).toEqual({
      ...{ exit: 0, err: [] },
      out: [JSON.stringify({ ...line, made: false })],
    });
    const { out } = await run("--config", file, "--init-keys");
    expect(out[0]).toContain(String(line["publicKey"]));
  });

  it("fails by a code and an exit of its own for each kind of fault", async () => {
    expect(await failureOf()).toEqual(["CONFIG", 2]);
    expect(await failureOf("--config", join(folder, "nowhere.json"))).toEqual(["CONFIG", 2]);
    expect(await failureOf("--confg", file)).toEqual(["USAGE", 2]);
    expect(await failureOf("claim", "--config", file)).toEqual(["USAGE", 2]);
    expect(await failureOf("doctr")).toEqual(["USAGE", 2]);
    const { err } = await run("doctr");
    for (const command of ["doctr", "claim", "export", "check-config"]) expect(err.join(" ")).toContain(command);
    expect(await failureOf("--config", file)).toEqual(["KEY_FILE_MISSING", 3]);
    await run("--config", file, "--init-keys");
    expect(await failureOf("claim", "--config", file, ...chain, join(folder, "nowhere"))).toEqual([
      ...["KEY_FILE_MISSING", 3],
    ]);
    writeFileSync(join(folder, "payer.json"), JSON.stringify({ privateKey: `0x${"11".repeat(32)}` }), { mode: 0o600 });
    const claim = ["claim", "--config", file, ...chain, join(folder, "payer.json")];
    expect(await failureOf(...claim, "--max-fee-gwei", "0")).toEqual(["USAGE", 2]);
    expect(await failureOf(...claim)).toEqual(["RPC_UNREACHABLE", 7]);
    // Where there is worth, a node elsewhere is not asked by plain http unless its line is said to be private.
    const worth = join(folder, "worth.json");
    writeFileSync(worth, readFileSync(file, "utf8").replace("31337", "8453"));
    const elsewhere = ["--config", worth, "--rpc-url", "http://node.example", "--key-file", join(folder, "nowhere")];
    expect(await failureOf("claim", ...elsewhere)).toEqual(["CONFIG", 2]);
    expect(await failureOf("claim", ...elsewhere, "--private-node")).toEqual(["KEY_FILE_MISSING", 3]);
    const refund = ["refund", ...claim.slice(1), "--voucher", `0x${"22".repeat(32)}`];
    expect(await failureOf(...refund)).toEqual(["VOUCHER_UNKNOWN", 2]);
    expect(await failureOf("export", "--config", file)).toEqual(["USAGE", 2]);
    expect(await failureOf("export", join(folder, "journal.db"), "--config", file)).toEqual([
      ...["BUNDLES_FILE_EXISTS", 2],
    ]);
    expect(await failureOf(...claim, "--bundles", join(folder, "nowhere"))).toEqual(["BUNDLES_FILE_UNREADABLE", 2]);
    expect(await failureOf(...claim, "--bundles", file)).toEqual(["BUNDLES_MALFORMED", 2]);
    writeFileSync(join(folder, "journal.db"), "something else, and long enough to be read as such ".repeat(100));
    expect(await failureOf(...claim)).toEqual(["JOURNAL_NOT_A_JOURNAL", 4]);
  });

  it("prints the calls that make the terminal its payee's delegate, and sends nothing", async () => {
    expect(await failureOf("delegate", "--config", file, "--per-day", "1.00")).toEqual(["KEY_FILE_MISSING", 3]);
    const key = JSON.parse((await run("--config", file, "--init-keys", "--json")).out[0] ?? "") as {
      publicKey: string;
    };
    const delegate = addressOfKey(compressKey(fromHex(key.publicKey)));
    const made = await run("delegate", "--config", file, "--per-day", "200.00", "--reserve", "50", "--json");
    const lines = made.out.map((line) => JSON.parse(line) as Record<string, unknown>);
    const place = { schema: "tallystick.delegate/1", chainId: "31337", from: toHex(payee), to: `0x${"51".repeat(20)}` };
    expect(lines).toEqual([
      {
        ...{ ...place, currency: "USDC", event: "delegate", delegate: toHex(delegate), amount: "200.00" },
        data: toHex(setDelegateCall({ delegate, unitsPerDay: 200_000_000n })),
      },
      {
        ...{ ...place, currency: "USDC", event: "reserve", delegate: null, amount: "50.00" },
        data: toHex(setReserveCall(50_000_000n)),
      },
    ]);
    const { out } = await run("delegate", "--config", file, "--per-day", "0");
    expect(out).toHaveLength(1);
    expect(out[0]).toContain(toHex(setDelegateCall({ delegate, unitsPerDay: 0n })));
    for (const amount of ["1.2345678", "-1", "much"]) {
      expect(await failureOf("delegate", "--config", file, "--per-day", amount)).toEqual(["CONFIG", 2]);
    }
    expect(await failureOf("delegate", "--config", file)).toEqual(["USAGE", 2]);
  });

  it("is asked for help without a fault", async () => {
    const write = jest.spyOn(process.stdout, "write").mockImplementation(() => true);
    try {
      expect(await run("--help")).toEqual({ exit: 0, out: [], err: [] });
      expect(await run("refund", "--help")).toEqual({ exit: 0, out: [], err: [] });
      expect(write).toHaveBeenCalled();
    } finally {
      write.mockRestore();
    }
  });
});

describe("a result of a command", () => {
  const place = { schema: "tallystick.claim/1", chainId: "1", vault: "0x51", currency: "USDC" } as const;

  it("is JSON for programs and a sentence for people", () => {
    const line = { ...place, event: "withdrawn", tx: "0x01", amount: "1.50" } as const;
    expect(JSON.parse(commandLine(line, true))).toEqual(line);
    expect(commandLine(line, false)).toBe("Paid out 1.50 USDC (transaction 0x01).");
  });

  it("says of a claim what it came to", () => {
    const counts = { settled: 2, usedBefore: 1, skipped: 0, released: 3, withdrawn: "1.50" };
    expect(commandLine({ ...place, event: "done", ...counts }, false)).toBe(
      "Done with vault 0x51: 2 settled, 1 paid before, 0 skipped, 3 released, 1.50 USDC paid out.",
    );
  });
});
