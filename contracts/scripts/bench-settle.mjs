#!/usr/bin/env node
// Gas per settled voucher, all in (the whole transaction's gas divided by its vouchers), beside what one payment costs otherwise.
// Everything is measured in one run on one node. Ten merchants that exist, cards that have settled before, ten vouchers a card
// (fewer in smaller batches). Prints one JSON row for each batch size and peer. Needs `forge build`.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { concat, Contract, ContractFactory, getBytes, JsonRpcProvider, keccak256, SigningKey, toBeHex, Wallet } from "ethers";

const SIZES = [1, 10, 100, 1_000];
const MERCHANTS = 10;
const VOUCHERS_A_CARD = 10;
const SEED = 1;
const VAULT = process.env.TALLYSTICK_BENCH_VAULT ?? "ReferenceVault";
const artifact = (name) => JSON.parse(readFileSync(new URL(`../out/${name}.sol/${name}.json`, import.meta.url), "utf8"));
const sha256 = (bytes) => createHash("sha256").update(getBytes(bytes)).digest();
const key = (name) => new SigningKey(sha256(Buffer.from(`tallystick bench ${SEED} ${name}`)));
const addressOf = (signing) => `0x${keccak256(`0x${signing.publicKey.slice(4)}`).slice(-40)}`;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startNode() {
  const port = await freePort();
  const anvil = new URL("../node_modules/@foundry-rs/anvil/bin.mjs", import.meta.url).pathname;
  const args = [anvil, "--port", String(port), "--silent", "--hardfork", "osaka", "--disable-code-size-limit"];
  const node = spawn(process.execPath, args, { stdio: "ignore", detached: true });
  process.on("exit", () => {
    try {
      process.kill(-node.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 500; attempt += 1) {
    try {
      await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' });
      return new JsonRpcProvider(url, undefined, { pollingInterval: 10, cacheTimeout: -1 });
    } catch {
      await pause(20);
    }
  }
  throw new Error("the EVM node did not answer within ten seconds");
}

const provider = await startNode();
const [account] = await provider.send("eth_accounts", []);
const sender = await provider.getSigner(account);
const gasOf = async (transaction) => Number((await (await transaction).wait()).gasUsed);

async function deploy(name, ...args) {
  const { abi, bytecode } = artifact(name);
  const contract = await new ContractFactory(abi, bytecode.object, sender).deploy(...args);
  return new Contract(await (await contract.waitForDeployment()).getAddress(), abi, sender);
}

const token = await deploy("TestDollar");
const vault = await deploy(VAULT, await token.getAddress(), 1n);
const domain = concat([toBeHex((await provider.getNetwork()).chainId, 8), await vault.getAddress()]);
await (await token.mint(account, 10n ** 12n)).wait();
await (await token.approve(await vault.getAddress(), 10n ** 12n)).wait();

/** r and s with the parity in its top bit. */
function signed(signing, message) {
  const { r, yParityAndS } = signing.sign(sha256(message));
  return { r, vs: yParityAndS };
}

const cards = Array.from({ length: Math.max(...SIZES) / VOUCHERS_A_CARD }, (_, index) => ({ signing: key(`card ${index}`), counter: 0 }));
const merchants = Array.from({ length: MERCHANTS }, (_, index) => addressOf(key(`merchant ${index}`)));
for (const card of cards) {
  card.address = addressOf(card.signing);
  const { r, vs } = signed(card.signing, concat(["0x544c594f", domain, account]));
  await (await vault.open(card.address, account, r, vs)).wait();
  await (await vault.fund(card.address, 10n ** 9n)).wait();
}

/** The next `n` vouchers of a card to a merchant. */
function group(card, payeeIndex, n) {
  const items = Array.from({ length: n }, () => {
    card.counter += 1;
    const head = concat([toBeHex(card.counter, 4), toBeHex(1_000, 6), randomBytes(20)]);
    const { r, vs } = signed(card.signing, concat(["0x544c5931", domain, merchants[payeeIndex], head]));
    return concat([head, r, vs]);
  });
  return concat([toBeHex(payeeIndex, 2), card.address, toBeHex(n, 2), ...items]);
}

function payload(size) {
  const groups = [];
  for (let left = size, index = 0; left > 0; left -= VOUCHERS_A_CARD, index += 1) {
    groups.push(group(cards[index], index % MERCHANTS, Math.min(left, VOUCHERS_A_CARD)));
  }
  return concat([randomBytes(32), randomBytes(32), toBeHex(MERCHANTS, 2), ...merchants, ...groups]);
}

async function settle(size) {
  const receipt = await (await vault.settle(payload(size), { gasLimit: 30_000_000 })).wait();
  const { result } = vault.interface.parseLog(receipt.logs[0]).args;
  const paid = getBytes(result).reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  if (paid !== size) throw new Error(`${size - paid} of ${size} vouchers were not paid`);
  return Number(receipt.gasUsed);
}

/** A second transfer to the same payee: both balances exist. */
async function erc20Transfer() {
  const payee = addressOf(key("payee"));
  await (await token.transfer(payee, 1_000)).wait();
  return await gasOf(token.transfer(payee, 1_000));
}

async function eip3009Transfer() {
  const payer = new Wallet(key("payer").privateKey, provider);
  const payee = addressOf(key("payee"));
  await (await token.mint(payer.address, 10_000)).wait();
  const { name, version, chainId, verifyingContract } = await token.eip712Domain();
  const fields = ["from:address", "to:address", "value:uint256", "validAfter:uint256", "validBefore:uint256", "nonce:bytes32"];
  const types = { TransferWithAuthorization: fields.map((field) => ({ name: field.split(":")[0], type: field.split(":")[1] })) };
  const value = { from: payer.address, to: payee, value: 1_000, validAfter: 0, validBefore: 2 ** 40, nonce: randomBytes(32) };
  const signature = await payer.signTypedData({ name, version, chainId, verifyingContract }, types, value);
  const [r, s, v] = [`0x${signature.slice(2, 66)}`, `0x${signature.slice(66, 130)}`, Number(`0x${signature.slice(130)}`)];
  const fragment = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)";
  return await gasOf(token[fragment](...Object.values(value), v, r, s));
}

await settle(Math.max(...SIZES));
const peers = [
  { name: "ERC-20 transfer", value: await erc20Transfer() },
  { name: "EIP-3009 transferWithAuthorization", value: await eip3009Transfer() },
];
for (const size of SIZES) {
  const ours = (await settle(size)) / size;
  for (const peer of peers) {
    const row = { schema: "tallystick.bench/1", name: `settle ${size} (${VAULT})`, unit: "gas/voucher", ours: Math.round(ours), peer };
    const rest = { ratio: Number((ours / peer.value).toFixed(3)), samples: 1, cores: availableParallelism(), seed: SEED, node: process.versions.node };
    process.stdout.write(`${JSON.stringify({ ...row, ...rest })}\n`);
  }
}
provider.destroy();
process.exit(0);
