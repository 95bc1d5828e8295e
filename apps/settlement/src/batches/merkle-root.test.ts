import { describe, expect, it } from "@jest/globals";
import { merkleRoot } from "./merkle-root.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Inputs and roots of Certificate Transparency's reference test data (RFC 6962; certificate-transparency merkle_tree_test). */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(
  (text) => Buffer.from(text, "hex"),
);

describe("merkleRoot", () => {
  it.each([
    [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
    [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
  ])("agrees with the reference for %i leaves", (count, root) => {
    expect(hex(merkleRoot(leaves.slice(0, count)))).toBe(root);
  });
});
