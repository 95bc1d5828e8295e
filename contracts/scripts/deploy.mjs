#!/usr/bin/env node
// Deploys the vault, and a test token where none is given, and prints one JSON line: chainId, vault, token, block.
// Needs `forge build` to have run. The key file is {"privateKey":"0x…"}; it pays for the transactions and has no right
// over the vault afterwards.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { concat, ContractFactory, getCreate2Address, Interface, JsonRpcProvider, keccak256, Wallet } from "ethers";

/** The deployment proxy that stands at this address on most chains; it hands salt and code to CREATE2 (EIP-1014). */
const CREATE2_PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

const USAGE = `usage: deploy.mjs --rpc URL --key-file FILE (--token ADDRESS | --test-token [--mint BASE_UNITS]) --scale N
                  [--vault CONTRACT] [--salt BYTES32] [--verification FILE]

  --rpc URL          the chain's JSON-RPC
  --key-file FILE    {"privateKey":"0x…"} of the account that pays
  --token ADDRESS    the ERC-20 that the vault holds permanently
  --test-token       deploys a dollar that anyone may mint; never where money is real
  --mint BASE_UNITS  mints that much of the test token to the account that pays
  --scale N          token base units in one unit, 1 for a token of 6 decimals
  --vault CONTRACT   PackedVault, unless another is named
  --salt BYTES32     deploys with CREATE2 through the usual proxy: one address on every chain for one token and scale
  --verification FILE  writes what a block explorer needs to verify the vault: sources, settings, constructor arguments`;

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
        vault: { type: "string", default: "PackedVault" },
        salt: { type: "string" },
        verification: { type: "string" },
      },
    });
    if (!values.rpc || !values["key-file"] || !/^[1-9]\d*$/.test(values.scale ?? ""))
      usage("--rpc, --key-file and --scale are needed.");
    if (Boolean(values.token) === values["test-token"]) usage("Give either --token or --test-token.");
    if (values.mint !== undefined && !(values["test-token"] && /^[1-9]\d*$/.test(values.mint)))
      usage("--mint goes with --test-token and is a whole number.");
    if (values.salt !== undefined && !/^0x[0-9a-fA-F]{64}$/.test(values.salt)) usage("--salt is 0x and 64 hex digits.");
    return values;
  } catch (error) {
    return usage(error.message);
  }
}

const artifact = (name) =>
  JSON.parse(readFileSync(new URL(`../out/${name}.sol/${name}.json`, import.meta.url), "utf8"));

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

/** The same through CREATE2: the address follows from the salt, the code and its arguments alone. */
async function deployDeterministically(name, salt, ...args) {
  const { abi, bytecode } = artifact(name);
  const { data } = await new ContractFactory(abi, bytecode.object).getDeployTransaction(...args);
  const address = getCreate2Address(CREATE2_PROXY, salt, keccak256(data)).toLowerCase();
  const isThere = async (place) => (await provider.getCode(place)) !== "0x";
  if (!(await isThere(CREATE2_PROXY)))
    throw new Error(`This chain has no deployment proxy at ${CREATE2_PROXY}; deploy without --salt.`);
  if (await isThere(address)) throw new Error(`The vault stands at ${address} already; use it, or another salt.`);
  const receipt = await send({ to: CREATE2_PROXY, data: concat([salt, data]) });
  if (!(await isThere(address))) throw new Error(`The deployment proxy made no contract at ${address}.`);
  return { address, block: receipt.blockNumber };
}

/** Standard JSON input of the compiler, rebuilt from the artifact's metadata, and the arguments: verification by source. */
function writeVerification(file, name, address, args) {
  const { abi, bytecode, metadata } = artifact(name);
  const { compilationTarget, ...settings } = metadata.settings;
  const sources = Object.fromEntries(
    Object.keys(metadata.sources).map((path) => [
      path,
      { content: readFileSync(new URL(`../${path}`, import.meta.url), "utf8") },
    ]),
  );
  const [[source, contract]] = Object.entries(compilationTarget);
  const constructorArguments = new ContractFactory(abi, bytecode.object).interface.encodeDeploy(args);
  const standardJsonInput = { language: metadata.language, sources, settings };
  const found = { address, contract: `${source}:${contract}`, compiler: metadata.compiler.version };
  writeFileSync(file, `${JSON.stringify({ ...found, constructorArguments, standardJsonInput })}\n`);
}

process.on("uncaughtException", (error) => {
  process.stderr.write(`Nothing more was deployed: ${error.shortMessage ?? error.message}\n`);
  process.exit(1);
});
const given = options();
const provider = new JsonRpcProvider(given.rpc, undefined, { pollingInterval: 100, cacheTimeout: -1 });
const signer = new Wallet(JSON.parse(readFileSync(given["key-file"], "utf8")).privateKey, provider);
let nonce = await signer.getNonce();
const token = given.token ?? (await deploy("TestDollar")).address;
const args = [token, BigInt(given.scale)];
const vault =
  given.salt === undefined
    ? await deploy(given.vault, ...args)
    : await deployDeterministically(given.vault, given.salt, ...args);
if (given.verification !== undefined) writeVerification(given.verification, given.vault, vault.address, args);
if (given.mint !== undefined) {
  const { abi } = artifact("TestDollar");
  await send({ to: token, data: new Interface(abi).encodeFunctionData("mint", [signer.address, BigInt(given.mint)]) });
}
const { chainId } = await provider.getNetwork();
process.stdout.write(
  `${JSON.stringify({ chainId: Number(chainId), vault: vault.address, token: token.toLowerCase(), block: vault.block })}\n`,
);
provider.destroy();
