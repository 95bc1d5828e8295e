import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  contextHash,
  createSigner,
  digestOf,
  encodeAllowance,
  encodeMerchantCertificate,
  encodeVoucherBundle,
  messageHash,
  toAddress,
  toChecksumAddress,
  toHex,
  uncompressKey,
  type AllowanceBody,
} from "@tallystick/protocol";
import { verifyCommand } from "./verify-command.ts";

const NOW = 1_790_000_000;
const domain = { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 0x51)) };
const payee = toAddress(Buffer.alloc(20, 0x91));
const terminalId = Buffer.alloc(8, 3);
const issuer = createSigner(Buffer.alloc(32, 1));
const other = createSigner(Buffer.alloc(32, 8));
const card = createSigner(Buffer.alloc(32, 2));
const key = toHex(issuer.publicKey);

async function bundleOf(change: Partial<AllowanceBody> = {}): Promise<Uint8Array> {
  const allowanceBody: AllowanceBody = {
    ...{ issuerKeyId: 4, seq: 7, maxSpent: 100n, softSpent: 0n, maxCounter: 50, perTap: 50n, pinAbove: 50n },
    ...{
      noPinSum: 100n,
      noPinCount: 9,
      notBefore: 0,
      notAfter: NOW,
      cardIndex: 0,
      categories: 8n,
      flags: 0,
      ...change,
    },
  };
  const allowance = encodeAllowance({ domain, card: addressOfKey(card.publicKey), body: allowanceBody });
  const context = {
    ...{ challenge: Buffer.alloc(16, 4), terminalId, time: NOW, spent: 20n, allowanceSeq: 7, category: 3 },
    ...{ cvm: 0 as const, flags: 0 as const, link: Buffer.alloc(32) },
  };
  const message = { domain, payee, counter: 1, amount: 20n, context: contextHash(context) };
  return encodeVoucherBundle({
    ...{ cardKey: card.publicKey, message, context, signature: await card.sign(messageHash(message)) },
    ...{ allowanceBody, allowanceSignature: await issuer.sign(digestOf(allowance)) },
  });
}

async function certificateOf(perTap: bigint): Promise<Uint8Array> {
  const certificate = encodeMerchantCertificate({
    ...{ domain, issuerKeyId: 4, payee, category: 3, terminalId, terminalKey: uncompressKey(other.publicKey) },
    ...{ notBefore: 0, notAfter: NOW, perTap, unsentSum: 1n, unsentCount: 1, perCardSum: 50n, softwareSum: 0n },
  });
  return Buffer.concat([certificate, await issuer.sign(digestOf(certificate))]);
}

describe("verify", () => {
  let folder: string;
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  let good: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "verify-"));
    good = file("good.bin", await bundleOf());
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("prints one sentence about a promised voucher, from bytes and from their text", async () => {
    const text = file("good.hex", `${toHex(await bundleOf())}\n`);
    for (const path of [good, text]) {
      const { line, accepted } = verifyCommand(["--bundle", path, "--issuer-key", key]);
      expect(accepted).toBe(true);
      expect(line).toBe(
        `Promised: card ${toChecksumAddress(addressOfKey(card.publicKey))} paid 20 units to ` +
          `${toChecksumAddress(payee)}, its payment 1.`,
      );
    }
  });

  it("shows amounts of the asset that is named, beside the units that were signed", () => {
    const asked = (asset: string): string =>
      verifyCommand(["--bundle", good, "--issuer-key", key, "--asset", asset]).line;
    expect(asked("TUSD:6")).toContain("paid 0.00002 TUSD (20 units) to ");
    expect(asked("JPY:0")).toContain("paid 20 JPY (20 units) to ");
    for (const wrong of ["TUSD", "TUSD:", ":6", "TUSD:19", "T USD:6", "TUSD:x"])
      expect(() => asked(wrong)).toThrow(expect.objectContaining({ code: "USAGE", exit: "usage" }));
  });

  it("accepts an authentic voucher only where that is asked for", async () => {
    const path = file("over.bin", await bundleOf({ pinAbove: 19n, perTap: 19n }));
    const args = ["--bundle", path, "--issuer-key", key, "--json"];
    const { line, accepted } = verifyCommand(args);
    expect(accepted).toBe(false);
    expect(JSON.parse(line)).toMatchObject({
      ...{ schema: "tallystick.verdict/1", worth: "authentic", codes: ["OVER_PER_TAP", "OVER_NO_PIN"] },
      ...{ card: toHex(addressOfKey(card.publicKey)), payee: toHex(payee), counter: 1, units: "20", time: NOW },
    });
    expect(verifyCommand([...args, "--accept", "authentic"]).accepted).toBe(true);
  });

  it("judges by every further ground that is given", async () => {
    const within = file("within.bin", await certificateOf(20n));
    const below = file("below.bin", await certificateOf(19n));
    const worth = (...args: string[]) =>
      JSON.parse(verifyCommand(["--bundle", good, "--issuer-key", key, "--json", ...args]).line) as unknown;
    expect(worth("--certificate", within, "--received", String(NOW + 605_100))).toMatchObject({ worth: "promised" });
    expect(worth("--certificate", below)).toMatchObject({ codes: ["ABOVE_CERTIFICATE"] });
    expect(worth("--received", String(NOW + 605_101))).toMatchObject({ codes: ["LATE"] });
    expect(worth("--payee", toChecksumAddress(payee))).toMatchObject({ worth: "promised" });
    const foreign = toHex(addressOfKey(other.publicKey));
    expect(worth("--payee", foreign)).toEqual({
      ...{ schema: "tallystick.verdict/1", worth: "nothing", codes: ["FOREIGN_PAYEE"] },
    });
  });

  it("takes any of several keys, and nothing by another's", () => {
    const keys = ["--issuer-key", toHex(other.publicKey)];
    expect(verifyCommand(["--bundle", good, ...keys, "--issuer-key", key]).accepted).toBe(true);
    const { line, accepted } = verifyCommand(["--bundle", good, ...keys, "--json", "--accept", "authentic"]);
    expect([accepted, JSON.parse(line)]).toMatchObject([false, { codes: ["ALLOWANCE_SIGNATURE_WRONG"] }]);
  });

  it("names what no decoder takes", async () => {
    const bytes = await bundleOf();
    const short = file("short.bin", bytes.subarray(1));
    const { line, accepted } = verifyCommand(["--bundle", short, "--issuer-key", key, "--json"]);
    expect(accepted).toBe(false);
    expect(JSON.parse(line)).toMatchObject({ worth: "nothing", codes: ["MALFORMED_VOUCHER"], fault: "WRONG_LENGTH" });
  });

  it("says which argument it cannot use", async () => {
    const long = file("long.bin", Buffer.alloc(2_000));
    const foreign = file(
      "foreign.bin",
      Buffer.concat([(await certificateOf(20n)).subarray(0, 163), Buffer.alloc(64, 1)]),
    );
    const basic = ["--bundle", good, "--issuer-key", key];
    for (const [args, code] of [
      [[], "USAGE"],
      [["--bundle", good], "USAGE"],
      [["--bundle", join(folder, "none"), "--issuer-key", key], "USAGE"],
      [["--bundle", long, "--issuer-key", key], "USAGE"],
      [["--bundle", good, "--issuer-key", "0x1234"], "USAGE"],
      [["--bundle", good, "--issuer-key", "0xzz"], "USAGE"],
      [[...basic, "--payee", "0x12"], "USAGE"],
      [[...basic, "--received", "yesterday"], "USAGE"],
      [[...basic, "--accept", "anything"], "USAGE"],
      [[...basic, "--certificate", good], "USAGE"],
      [[...basic, "--certificate", foreign], "CERTIFICATE_UNTRUSTED"],
    ] as const) {
      expect(() => verifyCommand(args)).toThrow(expect.objectContaining({ code }));
    }
  });
});
