import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { consistencyRanges, inclusionRanges } from "./leaf-ranges.ts";
import { leafHash, treeHead } from "./merkle-hash.ts";
import { LogFrontier, type ReadNodes } from "./log-frontier.ts";
import { consistencyPath, inclusionPath, rootAt } from "./prove.ts";
import { verifyConsistency, verifyInclusion } from "./verify-proofs.ts";

/**
 * Certificate Transparency's reference data for RFC 6962: inputs, roots, audit paths and
 * consistency proofs of merkle_tree_test.cc in github.com/google/certificate-transparency, repeated
 * in github.com/transparency-dev/merkle.
 */
const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const n01 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const n4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const n6 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f";
const n23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const n45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const n67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const n0123 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
const n4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const inclusion: readonly (readonly [index: number, size: number, path: readonly string[]])[] = [
  [0, 1, []],
  [0, 8, [n01, n23, n4567]],
  [5, 8, [n4, n67, n0123]],
  [2, 3, [roots[2] as string]],
  [1, 5, [roots[1] as string, n23, n4]],
  [5, 7, [n4, n6, n0123]],
];
const consistency: readonly (readonly [from: number, to: number, path: readonly string[]])[] = [
  [1, 1, []],
  [1, 8, [n01, n23, n4567]],
  [2, 8, [n23, n4567]],
  [2, 5, [n23, n4]],
  [6, 7, [n45, n6, n0123]],
  [6, 8, [n45, n67, n0123]],
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const leaves = inputs.map((text) => leafHash(bytes(text)));

/** A log in memory, added to in parts of this size. */
async function logOf(all: readonly Uint8Array[], part: number): Promise<{ frontier: LogFrontier; read: ReadNodes }> {
  const nodes: Uint8Array[][] = [];
  const read: ReadNodes = async (level, from, count) => (nodes[level] ?? []).slice(from, from + count);
  let frontier = await LogFrontier.read(0, read);
  for (let at = 0; at < all.length; at += part) {
    frontier = await LogFrontier.read(at, read);
    for (const { tileLevel, position, hash } of frontier.append(all.slice(at, at + part))) {
      const level = (nodes[tileLevel] ??= []);
      expect(position).toBe(level.length);
      level.push(hash);
    }
  }
  return { frontier, read };
}

describe("the Merkle log against Certificate Transparency's reference data (RFC 6962)", () => {
  it.each(roots.map((root, size) => [size, root] as const))("has the head of %i leaves", async (size, root) => {
    expect(hex(treeHead(leaves.slice(0, size)))).toBe(root);
    const { frontier, read } = await logOf(leaves.slice(0, size), 3);
    expect([hex(frontier.root()), hex(await rootAt(size, read))]).toEqual([root, root]);
  });

  it.each(inclusion)("has the audit path of leaf %i of %i", async (index, size, path) => {
    const { read } = await logOf(leaves, 8);
    expect((await inclusionPath({ index, size }, read)).map(hex)).toEqual(path);
    const root = bytes(roots[size] as string);
    const claim = { leaf: leaves[index] as Uint8Array, index, size, root, path: path.map(bytes) };
    expect(verifyInclusion(claim)).toBe(true);
  });

  it.each(consistency)("has the consistency proof from %i to %i", async (from, to, path) => {
    const { read } = await logOf(leaves, 8);
    expect((await consistencyPath({ from, to }, read)).map(hex)).toEqual(path);
    const [fromRoot, toRoot] = [bytes(roots[from] as string), bytes(roots[to] as string)];
    expect(verifyConsistency({ from, fromRoot, to, toRoot, path: path.map(bytes) })).toBe(true);
  });
});

/** The recursive definition of RFC 6962 §2.1, which the code above does not use. */
function plainHead(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length < 2) return treeHead(hashes);
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return treeHead([plainHead(hashes.slice(0, split)), plainHead(hashes.slice(split))]);
}

describe("the Merkle log", () => {
  const many = Array.from({ length: 70_000 }, (_, index) => leafHash(Uint8Array.of(index, index >> 8, index >> 16)));

  it("keeps a node of each full tile, on every level, and knows its head from the edge alone", async () => {
    const { frontier, read } = await logOf(many, 4_099);
    expect(hex(frontier.root())).toBe(hex(plainHead(many)));
    expect(hex((await read(2, 0, 1))[0] as Uint8Array)).toBe(hex(plainHead(many.slice(0, 65_536))));
    for (const size of [65_535, 65_536, 65_537, 69_999])
      expect(hex(await rootAt(size, read))).toBe(hex(plainHead(many.slice(0, size))));
    for (const index of [0, 255, 65_535, 65_536, 69_999]) {
      const claim = { leaf: many[index] as Uint8Array, index, size: 70_000, root: frontier.root() };
      expect(verifyInclusion({ ...claim, path: await inclusionPath({ index, size: 70_000 }, read) })).toBe(true);
    }
  });

  it("takes no proof of another leaf, place, size, root or length", async () => {
    const { read } = await logOf(many.slice(0, 600), 600);
    const draw = fc.tuple(fc.nat(599), fc.nat(599), fc.nat(8), fc.nat(31)).map(([one, other, at, byte]) => ({
      ...{ index: Math.min(one, other), size: Math.max(one, other) + 1 },
      ...{ at, byte },
    }));
    await fc.assert(
      fc.asyncProperty(draw, async ({ index, size, at, byte }) => {
        const path = await inclusionPath({ index, size }, read);
        const root = await rootAt(size, read);
        const claim = { leaf: many[index] as Uint8Array, index, size, root, path };
        expect(verifyInclusion(claim)).toBe(true);
        const bent = path.map((hash, place) => (place === at % Math.max(1, path.length) ? flip(hash, byte) : hash));
        if (path.length > 0) expect(verifyInclusion({ ...claim, path: bent })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: flip(claim.leaf, byte) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: flip(root, byte) })).toBe(false);
        expect(verifyInclusion({ ...claim, path: [...path, root] })).toBe(false);
        expect(verifyInclusion({ ...claim, index: size })).toBe(false);
        const proof = { from: index + 1, fromRoot: await rootAt(index + 1, read), to: size, toRoot: root };
        const steps = await consistencyPath(proof, read);
        expect(verifyConsistency({ ...proof, path: steps })).toBe(true);
        expect(verifyConsistency({ ...proof, fromRoot: flip(proof.fromRoot, byte), path: steps })).toBe(false);
        expect(verifyConsistency({ ...proof, toRoot: flip(root, byte), path: steps })).toBe(false);
        expect(verifyConsistency({ ...proof, path: [...steps, root] })).toBe(false);
        const swapped = { ...proof, from: proof.to, to: proof.from };
        if (proof.from !== proof.to) expect(verifyConsistency({ ...swapped, path: steps })).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("asks for as many hashes as the tree is high, and no more", () => {
    for (let size = 1; size <= 130; size += 1) {
      for (let index = 0; index < size; index += 1) {
        expect(inclusionRanges(index, size).length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(consistencyRanges(index, size).length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)) + 1);
      }
    }
  });
});

function flip(hash: Uint8Array, byte: number): Uint8Array {
  return hash.map((value, index) => (index === byte ? value ^ 1 : value));
}
