import { formatAmount, parseAmount, toBaseUnits } from "@tallystick/money";
import { concatBytes, fromHex, parseAddress, toHex, type Address } from "@tallystick/protocol";
import { type Deployment, deploymentOf, transferCall } from "@tallystick/vault";
import { Failure } from "../failures.ts";
import { ABI_WORD_BYTES } from "../limits.ts";
import { weiOf } from "./answers/load-answers.ts";
import { checkMoved, checkToken, tokensOf, type TokenFindings } from "./chain/check-token.ts";
import { deployOnce, vaultDeployment, verifyVault } from "./chain/deploy-vault.ts";
import { sendOnce } from "./chain/send-once.ts";
import { readArtifact } from "./chain/vault-artifact.ts";
import { waitFor } from "./chain/wait-for.ts";
import type { ProgrammeState } from "./files/programme-state.ts";
import { sendOptionsOf, waitOptionsOf, type Making } from "./making.ts";

/** `mint(address,uint256)` of the test token. */
const MINT = fromHex("0x40c10f19");

/** Waits until each account can pay for its transactions. */
export async function awaitEther(making: Making): Promise<string> {
  const { answers, keys, chain } = making;
  const wanted: readonly (readonly [address: string, ether: string])[] = [
    [toHex(keys.treasury.address), answers.treasury.ether],
    ...(keys.gasAddress === null ? [] : [[keys.gasAddress, answers.gas?.ether ?? "0"] as const]),
    ...(keys.guaranteeAddress === null ? [] : [[keys.guaranteeAddress, answers.guarantee.ether ?? "0"] as const]),
  ];
  for (const [address, ether] of wanted)
    await waitFor(
      `Ether for ${address}`,
      async () => {
        const wei = await chain.balance(fromHex(address), "latest");
        if (wei >= weiOf(ether)) return { done: true };
        return { done: false, stands: `it has ${wei} wei and needs ${weiOf(ether)} (${ether} ether)` };
      },
      // Nobody pays a chain that stands still.
      { ...waitOptionsOf(making), chain, late: "NOT_FUNDED" },
    );
  return wanted.map(([address]) => address).join(", ");
}

/** The token of the programme: the one that was named, or a test token that is made once. */
export async function settleToken(making: Making): Promise<{ readonly token: Address; readonly isMade: boolean }> {
  const { answers, state } = making;
  if (answers.token !== undefined) return { token: answers.token, isMade: false };
  const deployment = testToken(state);
  await deployOnce("the test token", deployment, sendOptionsOf(making));
  return { token: deployment.address, isMade: true };
}

/** The token of a programme that was made. */
export function settledToken(answers: Making["answers"], state: ProgrammeState): Address {
  return answers.token ?? testToken(state).address;
}

function testToken(state: ProgrammeState): Deployment {
  return deploymentOf(readArtifact("TestDollar").creation, fromHex(state.text("drawn", "tokenSalt")));
}

/** What the token says of itself, asked again in every run. */
export async function judgeToken(making: Making, token: Address): Promise<TokenFindings> {
  const { answers, keys, chain } = making;
  const accounts = [keys.treasury.address, ...(keys.guaranteeAddress === null ? [] : [fromHex(keys.guaranteeAddress)])];
  return await checkToken(chain, { token, asset: answers.asset, accounts });
}

/** Waits until the treasury has its tokens; a test token is minted to it once. */
export async function awaitTokens(making: Making, token: Address): Promise<string> {
  const { answers, keys, chain } = making;
  const { asset, testToken, treasury } = answers;
  if (testToken !== undefined) {
    const minted = toBaseUnits(parseAmount(testToken.mint, asset), asset);
    await sendOnce("minting", { to: token, data: mintCall(keys.treasury.address, minted) }, sendOptionsOf(making));
  }
  const wanted = toBaseUnits(parseAmount(treasury.tokens, asset), asset);
  await waitFor(
    `Tokens ${toHex(token)} for ${toHex(keys.treasury.address)}`,
    async () => {
      const held = await tokensOf(chain, token, keys.treasury.address);
      if (held >= wanted) return { done: true };
      return {
        done: false,
        stands: `it has ${held} base units and needs ${wanted} (${treasury.tokens} ${asset.code})`,
      };
    },
    { ...waitOptionsOf(making), chain, late: "NOT_FUNDED" },
  );
  return toHex(keys.treasury.address);
}

/** The vault of a programme, from which block it counts, and who made it. */
export interface StandingVault {
  readonly vault: Address;
  readonly startBlock: number;
  readonly deployedBy: string | null;
  readonly delaySeconds: number;
}

/** Deploys the vault once, or takes the one that was named; compares it with what was compiled here either way. */
export async function standVault(making: Making, token: Address): Promise<StandingVault> {
  const { answers, chain, state } = making;
  const artifact = readArtifact("PackedVault", answers.vaultArtifact);
  const terms = { artifact, token, scale: answers.asset.scale };
  if (answers.vault !== undefined) {
    const { address, startBlock } = answers.vault;
    return { vault: address, startBlock, deployedBy: null, ...(await verifyVault(chain, address, terms)) };
  }
  const stored = state.get("vault");
  if (stored === null) {
    const deployment = vaultDeployment(artifact, terms, state.text("drawn", "vaultSalt"));
    const mined = await deployOnce("the vault", deployment, sendOptionsOf(making));
    if (mined === null)
      throw new Failure("VAULT_UNFIT", "It stands already, and this programme did not make it; name it as `vault`.");
    state.put("vault", { address: toHex(deployment.address), block: mined.block, transaction: mined.hash });
  }
  const vault = parseAddress(state.text("vault", "address"));
  const block = Number(state.get("vault")?.["block"]);
  const findings = await verifyVault(chain, vault, terms);
  return { vault, startBlock: block, deployedBy: state.text("vault", "transaction"), ...findings };
}

/**
 * Moves tokens once and looks what came: to the guarantee's account what it is to have, or to the treasury itself where the
 * issuer bears nothing. A token that takes a fee of transfers shows by it, whatever it says of itself.
 */
export async function tryTransfer(making: Making, token: Address): Promise<string> {
  const { answers, keys, chain, state } = making;
  const { asset, guarantee } = answers;
  const from = keys.treasury.address;
  const given = guarantee.bears ? (guarantee.tokens ?? "0") : answers.treasury.tokens;
  if (state.get("transfer") !== null) return given;
  const to = keys.guaranteeAddress === null ? from : fromHex(keys.guaranteeAddress);
  const baseUnits = toBaseUnits(parseAmount(given, asset), asset);
  const { block, hash } = await sendOnce(
    "the first transfer",
    { to: token, data: transferCall({ to, baseUnits }) },
    sendOptionsOf(making),
  );
  const at = async (account: Uint8Array, number: number): Promise<bigint> =>
    await tokensOf(chain, token, account, BigInt(number));
  const left = (await at(from, block - 1)) - (await at(from, block));
  const came = (await at(to, block)) - (await at(to, block - 1));
  const isOwn = keys.guaranteeAddress === null;
  checkMoved(isOwn ? { sent: 0n, left, came } : { sent: baseUnits, left, came });
  state.put("transfer", { transaction: hash, amount: formatAmount(parseAmount(given, asset), asset) });
  return given;
}

function mintCall(to: Uint8Array, baseUnits: bigint): Uint8Array {
  const units = fromHex(`0x${baseUnits.toString(16).padStart(2 * ABI_WORD_BYTES, "0")}`);
  return concatBytes(MINT, new Uint8Array(ABI_WORD_BYTES - to.length), to, units);
}
