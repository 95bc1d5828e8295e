import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  CERTIFICATE_REQUEST_SECONDS,
  certificateRequestDigits,
  CLOCK_SKEW_SECONDS,
  createSigner,
  digestOf,
  encodeCertificateRequest,
  toAddress,
  toChecksumAddress,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import { requestCommand } from "./request-command.ts";

const NOW = 1_790_000_000;
const terminal = createSigner(Buffer.alloc(32, 7));
const request = {
  domain: { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 0x51)) },
  payee: toAddress(Buffer.alloc(20, 0x91)),
  terminalId: Uint8Array.from(Buffer.alloc(8, 3)),
  terminalKey: uncompressKey(terminal.publicKey),
  category: 12,
  time: NOW,
};

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-request-"));
  file = join(folder, "request.json");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function write(changes: Partial<typeof request> = {}, signer = terminal): Promise<string> {
  const bytes = encodeCertificateRequest({ ...request, ...changes });
  const signature = toHex(await signer.sign(digestOf(bytes)));
  writeFileSync(file, JSON.stringify({ requests: [{ request: toHex(bytes), signature }] }));
  return certificateRequestDigits(bytes);
}

function judged(now: number, ...args: readonly string[]) {
  const { lines, accepted } = requestCommand(["--file", file, "--json", ...args], () => now * 1_000);
  const [line = ""] = lines;
  return { accepted, ...(JSON.parse(line) as Record<string, unknown>) };
}

describe("certificate-request", () => {
  it("takes a request that its key has signed in time, and names what certifies it", async () => {
    const digits = await write();
    const spaced = digits.replace(/(.{4})/g, "$1 ").toUpperCase();
    for (const args of [[], ["--digits", digits], ["--digits", spaced]])
      expect(judged(NOW, ...args)).toMatchObject({
        ...{ accepted: true, fault: null, digits, chainId: "31337", payee: toChecksumAddress(request.payee) },
        merchant: {
          ...{ payee: toHex(request.payee), category: 12 },
          ...{ terminalId: toHex(request.terminalId), terminalKey: toHex(request.terminalKey) },
        },
      });
    const { lines } = requestCommand(["--file", file], () => NOW * 1_000);
    expect(lines[0]).toContain(toChecksumAddress(request.payee));
  });

  it("refuses other digits, another's signature, and a request of another time", async () => {
    const digits = await write();
    expect(judged(NOW, "--digits", `${digits.slice(0, 19)}x`)).toMatchObject({
      accepted: false,
      fault: "DIGITS_DIFFER",
    });
    expect(judged(NOW, "--digits", digits.slice(0, 8))).toMatchObject({ fault: "DIGITS_DIFFER" });
    const last = NOW + CERTIFICATE_REQUEST_SECONDS + CLOCK_SKEW_SECONDS;
    expect(judged(last)).toMatchObject({ accepted: true });
    expect(judged(last + 1)).toMatchObject({ accepted: false, fault: "REQUEST_OUT_OF_TIME" });
    expect(judged(NOW - CLOCK_SKEW_SECONDS)).toMatchObject({ accepted: true });
    expect(judged(NOW - CLOCK_SKEW_SECONDS - 1)).toMatchObject({ fault: "REQUEST_OUT_OF_TIME" });
    await write({}, createSigner(Buffer.alloc(32, 8)));
    expect(judged(NOW)).toMatchObject({ accepted: false, fault: "REQUEST_SIGNATURE_WRONG" });
  });

  it.each(["", "[]", '{"requests":[]}', '{"requests":{}}', JSON.stringify({ requests: Array(17).fill({}) })])(
    "says what is no file of a terminal: %s",
    (text) => {
      writeFileSync(file, text);
      expect(() => judged(NOW)).toThrow(expect.objectContaining({ code: "USAGE" }));
    },
  );

  it("refuses what no decoder takes", () => {
    writeFileSync(file, JSON.stringify({ requests: [{ request: "0x00", signature: "0x00" }, null] }));
    const { lines, accepted } = requestCommand(["--file", file, "--json"], () => NOW * 1_000);
    expect(accepted).toBe(false);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ fault: "REQUEST_MALFORMED" });
    expect(() => requestCommand([], () => 0)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
