#!/usr/bin/env node
// Deploys the vault, and a test token where none is given, and prints one JSON line: chainId, vault, token, block.
// Needs `forge build` to have run. The key file is {"privateKey":"0x…"}; it pays for the transactions and has no right
// over the vault afterwards.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ContractFactory, Interface, JsonRpcProvider, Wallet } from "ethers";

const USAGE = `usage: deploy.mjs --rpc URL --key-file FILE (--token ADDRESS | --test-token [--mint BASE_UNITS]) --scale N [--vault CONTRACT]

  --rpc URL          the chain's JSON-RPC
  --key-file FILE    {"privateKey":"0x…"} of the account that pays
  --token ADDRESS    the ERC-20 that the vault holds for ever
  --test-token       deploys a dollar that anyone may mint; never where money is real
  --mint BASE_UNITS  mints that much of the test token to the account that pays
  --scale N          token base units in one unit, 1 for a token of 6 decimals
  --vault CONTRACT   ReferenceVault, unless another is named`;

/** Ends with exit status 2: the call's words are off. */
function usage(message) {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        rpc: { type: "string" },
        "key-file": { type: "string" },
        token: { type: "string" },
        "test-token": { type: "boolean", default: false },
        mint: { type: "string" },
        scale: { type: "string" },
        vault: { type: "string", default: "ReferenceVault" },
      },
    });
    if (!values.rpc || !values["key-file"] || !/^[1-9]\d*$/.test(values.scale ?? "")) usage("--rpc, --key-file and --scale are needed.");
    if (Boolean(values.token) === values["test-token"]) usage("Give either --token or --test-token.");
    if (values.mint !== undefined && !(values["test-token"] && /^[1-9]\d*$/.test(values.mint))) usage("--mint goes with --test-token and is a whole number.");
    return values;
  } catch (error) {
    return usage(error.message);
  }
}

const artifact = (name) => JSON.parse(readFileSync(new URL(`../out/${name}.sol/${name}.json`, import.meta.url), "utf8"));

/** Sends a transaction under the next nonce, counted here because a node may lag behind its own blocks. */
async function send(transaction) {
  const receipt = await (await signer.sendTransaction({ ...transaction, nonce: nonce++ })).wait();
  if (receipt === null || receipt.status !== 1) throw new Error("a transaction was reverted");
  return receipt;
}

async function deploy(name, ...args) {
  const { abi, bytecode } = artifact(name);
  const receipt = await send(await new ContractFactory(abi, bytecode.object).getDeployTransaction(...args));
  return { address: receipt.contractAddress.toLowerCase(), block: receipt.blockNumber };
}

const given = options();
const provider = new JsonRpcProvider(given.rpc, undefined, { pollingInterval: 100 });
const signer = new Wallet(JSON.parse(readFileSync(given["key-file"], "utf8")).privateKey, provider);
let nonce = await signer.getNonce();
const token = given.token ?? (await deploy("TestDollar")).address;
const vault = await deploy(given.vault, token, BigInt(given.scale));
if (given.mint !== undefined) {
  const { abi } = artifact("TestDollar");
  await send({ to: token, data: new Interface(abi).encodeFunctionData("mint", [signer.address, BigInt(given.mint)]) });
}
const { chainId } = await provider.getNetwork();
process.stdout.write(`${JSON.stringify({ chainId: Number(chainId), vault: vault.address, token: token.toLowerCase(), block: vault.block })}\n`);
provider.destroy();
