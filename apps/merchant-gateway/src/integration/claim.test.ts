import { execFile } from "node:child_process";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  type Address,
  decodeSignature,
  digestOf,
  type Domain,
  encodeDomain,
  encodeOpening,
  encodeSignature,
  fromHex,
  parseAddress,
  signatureParity,
  toHex,
  withParity,
} from "@tallystick/protocol";
import { type Anvil, makeWorkFolder, projectRoot, startAnvil, type WorkFolder } from "@tallystick/stack";
import { tokenAbi, vaultAbi } from "@tallystick/vault";
import { Contract, JsonRpcProvider, Wallet } from "ethers";
import { claim, type ClaimEvent } from "../claim/claim.ts";
import { createEthersVault } from "../claim/ethers-vault.ts";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { TestCard } from "../testing/test-card.ts";
import { asset, servedDomain, signCertificate, TestTill } from "../testing/test-till.ts";

const FUNDED = 20_000_000n;

let anvil: Anvil;
let folder: WorkFolder;
let provider: JsonRpcProvider;
let deployed: { readonly domain: Domain; readonly token: string };
/** Pays the gas and funds the cards. */
let payer: Wallet;
/** The shop's own account. */
let shop: Wallet;

function account(index: number): string {
  const key = anvil.accounts[index]?.privateKey;
  if (key === undefined) throw new Error(`anvil has no account ${index}`);
  return key;
}

async function send(contract: Contract, name: string, ...values: readonly unknown[]): Promise<void> {
  const nonce = await provider.getTransactionCount(payer.address, "latest");
  const response = (await contract.getFunction(name)(...values, { nonce })) as { wait(): Promise<unknown> };
  await response.wait();
}

/** Opens a card in the vault and puts money behind it. */
async function fund(card: TestCard, units: bigint): Promise<void> {
  const vault = new Contract(toHex(deployed.domain.vault), vaultAbi, payer);
  const token = new Contract(deployed.token, tokenAbi, payer);
  const address = addressOfKey(card.signer.publicKey);
  const owner = parseAddress(payer.address.toLowerCase());
  const digest = digestOf(encodeOpening({ domain: deployed.domain, owner }));
  const signature = encodeSignature(decodeSignature(await card.signer.sign(digest)));
  const carried = withParity(signature, signatureParity(signature, digest, card.signer.publicKey));
  await send(vault, "open", toHex(address), payer.address, toHex(carried.slice(0, 32)), toHex(carried.slice(32)));
  await send(token, "approve", toHex(deployed.domain.vault), units);
  await send(vault, "fund", toHex(address), units);
}

/** A till of this vault, whose payee is the shop. */
async function makeTill(): Promise<{ readonly till: TestTill; readonly served: ServedDomain }> {
  const payee: Address = parseAddress(shop.address.toLowerCase());
  const certificate = await signCertificate({ domain: deployed.domain, payee });
  const served = await servedDomain({
    domain: deployed.domain,
    domainBytes: encodeDomain(deployed.domain),
    certificate,
    asset,
  });
  const till = await TestTill.make({ payee, domains: [served] }, { list: false });
  await till.offerList({ domain: deployed.domain });
  return { till, served };
}

async function run(till: TestTill, served: ServedDomain, key: string) {
  const vault = createEthersVault({ rpc: anvil.rpc, vault: deployed.domain.vault, payingKey: fromHex(key, 32) });
  const events: ClaimEvent[] = [];
  try {
    const report = await claim(
      { journal: till.gateway.journal, config: till.config, served, vault, now: till.now },
      (event) => events.push(event),
    );
    return { report, events };
  } finally {
    vault.close();
  }
}

async function balance(): Promise<bigint> {
  const token = new Contract(deployed.token, tokenAbi, provider);
  return (await token.getFunction("balanceOf")(shop.address)) as bigint;
}

beforeAll(async () => {
  anvil = await startAnvil({ blockTimeSeconds: 0 });
  folder = makeWorkFolder("claim-test");
  provider = new JsonRpcProvider(anvil.rpc, undefined, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 50 });
  payer = new Wallet(account(0), provider);
  shop = new Wallet(account(1), provider);
  const keyFile = join(folder.path, "payer.json");
  writeFileSync(keyFile, JSON.stringify({ privateKey: account(0) }));
  const script = join(projectRoot(), "contracts", "scripts", "deploy.mjs");
  const args = [
    script,
    "--rpc",
    anvil.rpc,
    "--key-file",
    keyFile,
    "--test-token",
    "--mint",
    String(10n * FUNDED),
    "--scale",
    "1",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const told = JSON.parse(stdout) as { readonly chainId: number; readonly vault: string; readonly token: string };
  deployed = { domain: { chainId: BigInt(told.chainId), vault: parseAddress(told.vault) }, token: told.token };
}, 60_000);

afterAll(async () => {
  provider.destroy();
  await anvil.stop();
  folder.remove();
}, 30_000);

describe("a shop that nobody serves any more", () => {
  it("is paid by the vault with an RPC and anybody's gas, once, and releases what it cancelled with its own key", async () => {
    const { till, served } = await makeTill();
    const anna = await till.card("claim anna", {}, deployed.domain);
    const bert = await till.card("claim bert", {}, deployed.domain);
    await fund(anna, FUNDED);
    for (const [card, amount] of [
      [anna, 1_000_000n],
      [bert, 2_000_000n],
      [anna, 3_000_000n],
    ] as const) {
      till.reader.card = card;
      expect(await till.tap(amount)).toMatchObject({ outcome: "accepted" });
    }
    till.reader.card = anna;
    const given = await till.tap(5_000_000n);
    till.gateway.engine.cancel(given.id);

    // Bert's card was never funded: its voucher is skipped and harms nobody.
    const first = await run(till, served, account(0));
    expect(first.report).toEqual({ settled: 2, usedBefore: 0, skipped: 1, released: 0, withdrawn: 4_000_000n });
    expect(first.events.map(({ event }) => event)).toEqual(["settled", "withdrawn"]);
    expect(await balance()).toBe(4_000_000n);

    const second = await run(till, served, account(0));
    expect(second.report).toEqual({ settled: 0, usedBefore: 2, skipped: 1, released: 0, withdrawn: 0n });
    expect(await balance()).toBe(4_000_000n);

    await fund(bert, FUNDED);
    const third = await run(till, served, account(1));
    expect(third.report).toEqual({ settled: 1, usedBefore: 2, skipped: 0, released: 1, withdrawn: 2_000_000n });
    expect(await balance()).toBe(6_000_000n);
    till.remove();
  }, 60_000);

  it("is told when the node is of another chain or out of reach", async () => {
    const { till, served } = await makeTill();
    const other = { ...served, domain: { ...served.domain, chainId: 5n } };
    await expect(run(till, other, account(0))).rejects.toMatchObject({ code: "WRONG_CHAIN" });
    const vault = createEthersVault({
      rpc: "http://127.0.0.1:1",
      vault: deployed.domain.vault,
      payingKey: fromHex(account(0), 32),
    });
    const parts = { journal: till.gateway.journal, config: till.config, served, vault, now: till.now };
    await expect(claim(parts, () => undefined)).rejects.toMatchObject({ code: "RPC_UNREACHABLE" });
    vault.close();
    till.remove();
  }, 60_000);
});
