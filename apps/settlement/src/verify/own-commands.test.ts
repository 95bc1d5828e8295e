import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { leafHash, treeHead } from "@tallystick/ledger-core";
import { createSigner, digestOf, encodeReceipt, toAddress, toHex } from "@tallystick/protocol";
import type { OwnProofAnswer, OwnReceiptsAnswer } from "../operations/own/own-files.ts";
import { proofCommand } from "./proof-command.ts";
import { receiptCommand } from "./receipt-command.ts";
import type { VerifyResult } from "./verify-command.ts";

const folder = mkdtempSync(join(tmpdir(), "own-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const issuer = createSigner(new Uint8Array(32).fill(7));
const other = createSigner(new Uint8Array(32).fill(8));
const payee = toAddress(new Uint8Array(20).fill(3));
const hash = (fill: number) => toHex(new Uint8Array(32).fill(fill));

function judged(run: (args: readonly string[]) => VerifyResult, content: unknown, args: readonly string[]) {
  const file = join(folder, "file.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  const { line, accepted } = run([file, "--json", ...args]);
  return { ...JSON.parse(line), accepted };
}

describe("verify proof", () => {
  const entryText = (name: string, kind: string, change: Partial<Record<"amount" | "owed", string>> = {}) =>
    JSON.stringify([
      ...["tallystick.entry/1", name, kind, "TUSD", `owed:${change.owed ?? toHex(payee)}`, `card:0x${"ab".repeat(20)}`],
      ...[change.amount ?? "250", null, null, 1_795_000_000_000],
    ]);
  const leaf = (text: string) => leafHash(new TextEncoder().encode(text));

  /** A log of two entries, and the proof of both under its root. */
  function proofOf(first: string, second: string): OwnProofAnswer & { readonly hold: object; readonly paid: object } {
    const [left, right] = [leaf(first), leaf(second)];
    const root = toHex(treeHead([left, right]));
    const of = (index: number, entry: string, path: Uint8Array) => ({
      ...{ index, size: 2, root, entry, leafHash: toHex(leaf(entry)), path: [toHex(path)] },
      ...{ batch: null, tx: hash(9) },
    });
    return { hold: of(0, first, right), paid: of(1, second, left) };
  }
  const hold = entryText(`hold:${hash(1)}`, "hold");
  const proof = proofOf(hold, entryText(`paid:${hash(1)}`, "post"));
  const root = proof.hold?.root ?? "";

  it("says that a voucher stands in the books, and whether the root is that of the chain", () => {
    const facts = { fault: null, accepted: true, voucher: hash(1), payee: toHex(payee), units: "250" };
    expect(judged(proofCommand, proof, [])).toMatchObject({
      ...facts,
      root: "claimed",
      paid: { index: 1, tx: hash(9) },
    });
    expect(judged(proofCommand, proof, ["--root", root])).toMatchObject({ ...facts, root: "given" });
    expect(judged(proofCommand, { ...proof, paid: null }, ["--root", root])).toMatchObject({ ...facts, paid: null });
    const { line } = proofCommand([join(folder, "file.json"), "--asset", "TUSD:2"]);
    expect([line.includes("2.50 TUSD"), line.includes(hash(1))]).toEqual([true, true]);
  });

  const changed = (change: Partial<NonNullable<OwnProofAnswer["hold"]>>) => ({
    ...proof,
    hold: { ...proof.hold, ...change },
  });
  it.each<[string, string, unknown, readonly string[]]>([
    ["text", "MALFORMED", "no proof", []],
    ["nothing", "MALFORMED", { hold: null, paid: null }, []],
    ["an entry that is none", "ENTRY_WRONG", changed({ entry: "[]" }), []],
    ["a payment of another voucher", "ENTRY_WRONG", proofOf(hold, entryText(`paid:${hash(2)}`, "post")), []],
    ["another sum", "ENTRY_WRONG", proofOf(hold, entryText(`paid:${hash(1)}`, "post", { amount: "251" })), []],
    [
      "another payee",
      "ENTRY_WRONG",
      proofOf(hold, entryText(`paid:${hash(1)}`, "post", { owed: `0x${"cd".repeat(20)}` })),
      [],
    ],
    ["a hold that ended", "ENTRY_WRONG", proofOf(hold, entryText(`paid:${hash(1)}`, "void")), []],
    ["an end for a payment", "ENTRY_WRONG", proofOf(hold, entryText(`free:${hash(1)}`, "void")), []],
    ["an entry that the log has not", "PROOF_WRONG", changed({ entry: hold.replace("1795", "1796") }), []],
    ["another place", "PROOF_WRONG", changed({ index: 1 }), []],
    ["a place behind the log", "PROOF_WRONG", changed({ index: 2 }), []],
    ["a path of another length", "PROOF_WRONG", changed({ path: [] }), []],
    ["a path that is no hash", "PROOF_WRONG", changed({ path: ["0x12"] }), []],
    ["another root", "PROOF_WRONG", changed({ root: hash(4) }), []],
    ["a root that was not given", "ROOT_WRONG", proof, ["--root", hash(4)]],
  ])("refuses %s as %s", (_, fault, content, args) => {
    expect(judged(proofCommand, content, args)).toMatchObject({ fault, accepted: false, root: null });
  });

  it("names what is wrong with its arguments", () => {
    const file = join(folder, "file.json");
    for (const args of [[], [file, file], [join(folder, "none")], [file, "--root", "0x1"], [file, "--asset", "TUSD"]])
      expect(() => proofCommand(args)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});

describe("verify receipt", () => {
  const domain = { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(9)) };
  const bytesOf = (uploadSeq: number, terminal = 5) =>
    encodeReceipt({
      ...{ domain, issuerKeyId: 1, payee, terminalId: new Uint8Array(8).fill(terminal), uploadSeq },
      ...{ uploadHash: new Uint8Array(32).fill(uploadSeq), receivedAt: 1_795_000_000 + uploadSeq },
    });
  const receipt = async (uploadSeq: number, terminal?: number): Promise<OwnReceiptsAnswer["receipts"][number]> => {
    const bytes = bytesOf(uploadSeq, terminal);
    return {
      ...{ upload: hash(uploadSeq), receivedAt: 1_795_000_000 + uploadSeq, receipt: toHex(bytes) },
      signature: toHex(await issuer.sign(digestOf(bytes))),
    };
  };
  const key = ["--issuer-key", toHex(issuer.publicKey)];

  it("says which uploads the issuer signed to have had, and when", async () => {
    const file = { receipts: [await receipt(2), await receipt(1)] };
    const shown = {
      terminalId: "0x0505050505050505",
      payee: toHex(payee),
      upload: 2,
      hash: hash(2),
      receivedAt: 1_795_000_002,
    };
    expect(judged(receiptCommand, file, key)).toMatchObject({
      fault: null,
      accepted: true,
      receipts: [shown, { upload: 1 }],
    });
    const both = ["--issuer-key", toHex(other.publicKey), ...key];
    expect(judged(receiptCommand, file, both)).toMatchObject({ fault: null });
    expect(judged(receiptCommand, { receipts: [] }, key)).toMatchObject({ fault: null, receipts: [] });
  });

  it("names the first that is wrong", async () => {
    const [first, second] = [await receipt(2), await receipt(1)];
    const spoilt = (change: Partial<typeof second>) => ({ receipts: [first, { ...second, ...change }] });
    for (const [content, fault, place] of [
      ["{}", "MALFORMED", null],
      [spoilt({ receipt: `${second.receipt}00` }), "MALFORMED", 2],
      [spoilt({ signature: "0x12" }), "MALFORMED", 2],
      [spoilt({ receipt: toHex(bytesOf(3)) }), "SIGNATURE_WRONG", 2],
      [spoilt({ receivedAt: 1 }), "CONTENT_WRONG", 2],
      [spoilt({ upload: hash(7) }), "CONTENT_WRONG", 2],
      [spoilt(await receipt(1, 6)), "CONTENT_WRONG", 2],
    ] as const)
      expect(judged(receiptCommand, content, key)).toMatchObject({ fault, place, accepted: false, receipts: [] });
    const foreign = judged(receiptCommand, { receipts: [first] }, ["--issuer-key", toHex(other.publicKey)]);
    expect(foreign).toMatchObject({ fault: "SIGNATURE_WRONG", place: 1 });
  });

  it("names what is wrong with its arguments", () => {
    const file = join(folder, "file.json");
    for (const args of [
      key,
      [file],
      [file, file, ...key],
      [join(folder, "none"), ...key],
      [file, "--issuer-key", "0x02"],
    ])
      expect(() => receiptCommand(args)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
