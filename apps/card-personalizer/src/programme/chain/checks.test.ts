import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { createAsset } from "@tallystick/money";
import { toAddress, toHex } from "@tallystick/protocol";
import { DEPLOYMENT_PROXY, encodeTokenCall, encodeVaultCall } from "@tallystick/vault";
import { FakeChain } from "../../../test/harness/fake-chain.ts";
import { checkMoved, checkToken } from "./check-token.ts";
import { verifyVault } from "./deploy-vault.ts";
import { checkNode } from "./programme-chain.ts";
import { readArtifact } from "./vault-artifact.ts";

const token = toAddress(new Uint8Array(20).fill(0x70));
const account = new Uint8Array(20).fill(0x71);
const asset = createAsset({ code: "USDC", decimals: 6, scale: 1n });
const selector = (data: Uint8Array): string => toHex(data.slice(0, 4));

describe("a token", () => {
  const fit = (): FakeChain => {
    const chain = new FakeChain();
    chain.codes.set(toHex(token), Uint8Array.of(1));
    chain.answer(selector(encodeTokenCall("decimals", [])), 6n);
    return chain;
  };
  const check = (chain: FakeChain, unit = asset) => checkToken(chain, { token, asset: unit, accounts: [account] });

  it("that says nothing of itself fits, and one that can be stopped is shown as that", async () => {
    expect(await check(fit())).toEqual({ decimals: 6, pausable: false, blocks: false });
    const chain = fit();
    chain.answer("0x5c975abb", 0n);
    chain.answer("0xfe575a87", 0n);
    chain.answer("0xdd644f72", 0n);
    expect(await check(chain)).toEqual({ decimals: 6, pausable: true, blocks: true });
  });

  it.each<[string, (chain: FakeChain) => void]>([
    ["no contract", (chain) => chain.codes.clear()],
    ["no decimals", (chain) => chain.answers.clear()],
    ["other decimals", (chain) => chain.answer(selector(encodeTokenCall("decimals", [])), 18n)],
    ["a pause", (chain) => chain.answer("0x5c975abb", 1n)],
    ["an account shut out", (chain) => chain.answer("0xe47d6060", 1n)],
    ["a fee", (chain) => chain.answer("0xdd644f72", 10n)],
  ])("with %s is refused", async (_name, change) => {
    const chain = fit();
    change(chain);
    await expect(check(chain)).rejects.toMatchObject({ code: "TOKEN_UNFIT" });
  });

  it("has the decimals of its asset and scale together", async () => {
    const chain = fit();
    chain.answer(selector(encodeTokenCall("decimals", [])), 18n);
    await check(chain, createAsset({ code: "DAI", decimals: 6, scale: 10n ** 12n }));
    await expect(check(fit(), createAsset({ code: "DAI", decimals: 5, scale: 20n }))).rejects.toMatchObject({
      code: "TOKEN_UNFIT",
    });
  });

  it("that moves less than it says is refused, also to itself", () => {
    expect(() => checkMoved({ sent: 50n, left: 50n, came: 50n })).not.toThrow();
    for (const [sent, left, came] of [
      [50n, 50n, 49n],
      [50n, 51n, 50n],
      [0n, 1n, 0n],
    ] as const)
      expect(() => checkMoved({ sent, left, came })).toThrow(expect.objectContaining({ code: "TOKEN_UNFIT" }));
  });
});

it("refuses a node of another chain, without final blocks, or without the deployment proxy", async () => {
  const wanted = { chainId: 31_337n, deploys: true };
  const fit = (): FakeChain => {
    const chain = new FakeChain();
    chain.codes.set(toHex(DEPLOYMENT_PROXY), Uint8Array.of(1));
    return chain;
  };
  await checkNode(fit(), wanted);
  await checkNode(new FakeChain(), { ...wanted, deploys: false });
  const [other, young] = [fit(), fit()];
  other.chain = 1n;
  young.finalized = false;
  for (const chain of [other, young, new FakeChain()])
    await expect(checkNode(chain, wanted)).rejects.toMatchObject({ code: "NODE_UNFIT" });
});

describe("a vault", () => {
  const vault = toAddress(new Uint8Array(20).fill(0x72));
  const path = join(mkdtempSync(join(tmpdir(), "tallystick-artifact-")), "vault.json");
  writeFileSync(
    path,
    JSON.stringify({
      bytecode: { object: "0x6001" },
      deployedBytecode: { object: "0x60000061", immutableReferences: { "1": [{ start: 1, length: 2 }] } },
    }),
  );
  const artifact = readArtifact("PackedVault", path);
  const standing = (code: readonly number[] = [0x60, 9, 9, 0x61], holds = token, scale = 1n): FakeChain => {
    const chain = new FakeChain();
    chain.codes.set(toHex(vault), Uint8Array.from(code));
    chain.answer(selector(encodeVaultCall("token", [])), BigInt(toHex(holds)));
    chain.answer(selector(encodeVaultCall("scale", [])), scale);
    chain.answer(selector(encodeVaultCall("DELAY", [])), 86_400n);
    return chain;
  };
  const verify = (chain: FakeChain) => verifyVault(chain, vault, { artifact, token, scale: 1n });

  it("is known by its code but for what it was made for, its token and its scale", async () => {
    expect(await verify(standing())).toEqual({ delaySeconds: 86_400 });
    const unfit = [
      standing([]),
      standing([0x60, 9, 9, 0x62]),
      standing([0x60, 9, 9, 0x61, 0]),
      standing(undefined, vault),
      standing(undefined, token, 10n),
    ];
    for (const chain of unfit) await expect(verify(chain)).rejects.toMatchObject({ code: "VAULT_UNFIT" });
  });

  it("needs what the compiler made", () => {
    expect(() => readArtifact("PackedVault", `${path}.none`)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
