#!/usr/bin/env node
// Gas per settled voucher, all in (the whole transaction's gas divided by its vouchers), beside what one payment costs otherwise.
// Everything is measured in one run on one node: ten merchants that exist, cards that have settled before.
// A batch names its cards' words in an access list where that is cheaper, as settlement sends it; one row shows it without.
// Prints one JSON row for each shape of a batch and each peer. Needs `forge build` and a package registry, from which Permit2
// comes. TALLYSTICK_BENCH_VAULT names another vault, TALLYSTICK_BENCH_HARDFORK other rules than Osaka's.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import {
  concat,
  Contract,
  ContractFactory,
  getBytes,
  JsonRpcProvider,
  keccak256,
  SigningKey,
  toBeHex,
  Wallet,
} from "ethers";
import { CARDS, MERCHANTS, NODE_POLL_MS, SEED } from "./limits.mjs";
import { compilePermit2 } from "./permit2.mjs";

/** Ten merchants and a batch of 1,000 unless it says otherwise. */
const SHAPES = [
  { name: "settle 1", vouchers: 1, perCard: 1 },
  { name: "settle 10", vouchers: 10, perCard: 10 },
  { name: "settle 100", vouchers: 100, perCard: 10 },
  { name: "settle 1000", vouchers: 1_000, perCard: 10 },
  { name: "1 per card", vouchers: 1_000, perCard: 1 },
  { name: "1 per card, no access list", vouchers: 1_000, perCard: 1, listed: false },
  { name: "10 per card", vouchers: 1_000, perCard: 10 },
  { name: "100 per card", vouchers: 1_000, perCard: 100 },
  { name: "100 merchants", vouchers: 1_000, perCard: 10, merchants: 100 },
  { name: "self-claim", vouchers: 1, perCard: 1, merchants: 1 },
  { name: "spill", vouchers: 1, perCard: 1, merchants: 1, ahead: 200 },
  { name: "late voucher", vouchers: 1, perCard: 1, merchants: 1, late: true },
];
const HARDFORK = process.env.TALLYSTICK_BENCH_HARDFORK ?? "osaka";
const VAULT = process.env.TALLYSTICK_BENCH_VAULT ?? "PackedVault";
const artifact = (name) =>
  JSON.parse(readFileSync(new URL(`../out/${name}.sol/${name}.json`, import.meta.url), "utf8"));
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
  const args = [
    anvil,
    "--port",
    String(port),
    "--silent",
    "--hardfork",
    HARDFORK,
    "--disable-code-size-limit",
    "--gas-limit",
    "60000000",
    // It would keep the states of old blocks in the user's home, and leave them there.
    "--prune-history",
  ];
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
      await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}',
      });
      return new JsonRpcProvider(url, undefined, { pollingInterval: 10, cacheTimeout: -1 });
    } catch {
      await pause(NODE_POLL_MS);
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

const merchants = Array.from({ length: MERCHANTS }, (_, index) => addressOf(key(`merchant ${index}`)));
const cards = Array.from({ length: CARDS }, (_, index) => ({ signing: key(`card ${index}`), counter: 0 }));
for (const card of cards) {
  card.address = addressOf(card.signing);
  const { r, vs } = signed(card.signing, concat(["0x544c594f", domain, account]));
  await vault.open(card.address, account, r, vs);
  await vault.fund(card.address, 10n ** 8n);
}

/** One voucher of a card. */
function voucher(card, payee, counter) {
  const head = concat([toBeHex(counter, 4), toBeHex(1_000, 6), sha256(toBeHex(counter, 4)).subarray(0, 20)]);
  const { r, vs } = signed(card.signing, concat(["0x544c5931", domain, payee, head]));
  return concat([head, r, vs]);
}

/** A payload of that shape, and its cards; cards take turns from the first, each with its next counters. */
function makeBatch({ vouchers, perCard, merchants: count = 10, ahead = 0, late = false }) {
  const groups = [];
  for (let index = 0; index * perCard < vouchers; index += 1) {
    const card = cards[index];
    const items = Array.from({ length: Math.min(perCard, vouchers - index * perCard) }, () => {
      const counter = late ? card.counter - 150 : (card.counter += 1 + ahead);
      return voucher(card, merchants[index % count], counter);
    });
    groups.push(concat([toBeHex(index % count, 2), card.address, toBeHex(items.length, 2), ...items]));
  }
  const head = [sha256("0x01"), sha256("0x02"), toBeHex(count, 2), ...merchants.slice(0, count)];
  return { payload: concat([...head, ...groups]), payers: cards.slice(0, groups.length) };
}

/** The words of the packed vault's cards stand at their addresses; a list costs 2,400, and each word in it 100 less. */
function accessListOf(payers, listed) {
  if (!listed || VAULT !== "PackedVault" || payers.length * 100 <= 2_400) return [];
  return [{ address: vault.target, storageKeys: payers.map(({ address }) => toBeHex(address, 32)) }];
}

async function settle(shape) {
  const { payload, payers } = makeBatch(shape);
  const accessList = accessListOf(payers, shape.listed ?? true);
  const receipt = await (await vault.settle(payload, { gasLimit: 60_000_000, accessList })).wait();
  const { result } = vault.interface.parseLog(receipt.logs[0]).args;
  const paid = getBytes(result).reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  if (paid !== shape.vouchers) throw new Error(`${shape.vouchers - paid} of ${shape.vouchers} vouchers were not paid`);
  return Number(receipt.gasUsed) / shape.vouchers;
}

/** A second transfer to the same payee: both balances exist. */
async function erc20Transfer() {
  await (await token.transfer(merchants[0], 1_000)).wait();
  return await gasOf(token.transfer(merchants[0], 1_000));
}

async function eip3009Transfer() {
  const payer = new Wallet(key("payer").privateKey, provider);
  await (await token.mint(payer.address, 10_000)).wait();
  const { name, version, chainId, verifyingContract } = await token.eip712Domain();
  const fields = [
    "from:address",
    "to:address",
    "value:uint256",
    "validAfter:uint256",
    "validBefore:uint256",
    "nonce:bytes32",
  ];
  const types = {
    TransferWithAuthorization: fields.map((field) => ({ name: field.split(":")[0], type: field.split(":")[1] })),
  };
  const value = {
    from: payer.address,
    to: merchants[0],
    value: 1_000,
    validAfter: 0,
    validBefore: 2 ** 40,
    nonce: sha256("0x03"),
  };
  const signature = await payer.signTypedData({ name, version, chainId, verifyingContract }, types, value);
  const [r, s, v] = [
    `0x${signature.slice(2, 66)}`,
    `0x${signature.slice(66, 130)}`,
    Number(`0x${signature.slice(130)}`),
  ];
  const fragment = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)";
  return await gasOf(token[fragment](...Object.values(value), v, r, s));
}

/** A second signed transfer: its nonce stands in a word that exists. */
async function permit2Transfer() {
  const { abi, bytecode } = compilePermit2();
  const permit2 = await (await new ContractFactory(abi, bytecode, sender).deploy()).waitForDeployment();
  const payer = new Wallet(key("permit2 payer").privateKey, provider);
  await (await sender.sendTransaction({ to: payer.address, value: 10n ** 18n })).wait();
  await (await token.mint(payer.address, 10_000)).wait();
  await (await token.connect(payer).approve(permit2.target, 10_000)).wait();
  const { chainId } = await provider.getNetwork();
  const domain = { name: "Permit2", chainId, verifyingContract: permit2.target };
  const field = (type, name) => ({ type, name });
  const types = {
    PermitTransferFrom: [
      field("TokenPermissions", "permitted"),
      field("address", "spender"),
      field("uint256", "nonce"),
      field("uint256", "deadline"),
    ],
    TokenPermissions: [field("address", "token"), field("uint256", "amount")],
  };
  const fragment = "permitTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes)";
  let gas = 0;
  for (const nonce of [0, 1]) {
    const permit = { permitted: { token: token.target, amount: 1_000 }, nonce, deadline: 2 ** 40 };
    const signature = await payer.signTypedData(domain, types, { ...permit, spender: account });
    const details = { to: merchants[0], requestedAmount: 1_000 };
    gas = await gasOf(permit2[fragment](permit, details, payer.address, signature));
  }
  return gas;
}

/** 300 vouchers in one call of the loop that one would write first; more do not fit a transaction. */
async function plainLoop() {
  const loop = await deploy("PlainLoop", await token.getAddress());
  const signing = key("plain card");
  await (await token.approve(await loop.getAddress(), 10n ** 9n)).wait();
  await (await loop.fund(addressOf(signing), 10n ** 9n)).wait();
  const { chainId } = await provider.getNetwork();
  const vouchers = Array.from({ length: 300 }, (_, nonce) => {
    const payee = merchants[nonce % 10];
    const words = [chainId, loop.target, payee, 1_000, nonce].map((word) => toBeHex(BigInt(word), 32));
    return { payee, amount: 1_000, nonce, signature: signing.sign(keccak256(concat(words))).serialized };
  });
  return (await gasOf(loop.settle(vouchers, { gasLimit: 60_000_000 }))) / vouchers.length;
}

// Every card has paid every merchant's slot into being before anything is measured.
await settle({ vouchers: CARDS, perCard: 1, merchants: MERCHANTS });
for (const merchant of merchants.slice(0, 10)) await (await token.transfer(merchant, 1)).wait();
const peers = [
  { name: "ERC-20 transfer", value: await erc20Transfer() },
  { name: "EIP-3009 transferWithAuthorization", value: await eip3009Transfer() },
  { name: "Permit2 permitTransferFrom", value: await permit2Transfer() },
  { name: "plain loop, 300 vouchers", value: Math.round(await plainLoop()) },
];
for (const shape of SHAPES) {
  const ours = await settle(shape);
  for (const peer of peers) {
    const row = { schema: "tallystick.bench/1", name: shape.name, unit: "gas/voucher", ours: Math.round(ours), peer };
    const rest = {
      ratio: Number((ours / peer.value).toFixed(3)),
      samples: 1,
      cores: availableParallelism(),
      seed: SEED,
      node: process.versions.node,
    };
    process.stdout.write(`${JSON.stringify({ ...row, ...rest })}\n`);
  }
}
provider.destroy();
process.exit(0);
