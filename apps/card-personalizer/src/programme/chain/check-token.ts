import { type BlockTag, isRpcError } from "@tallystick/evm";
import { concatBytes, fromHex } from "@tallystick/protocol";
import { balanceOfCall, decodeBalance, encodeTokenCall } from "@tallystick/vault";
import type { Asset } from "@tallystick/money";
import { Failure } from "../../failures.ts";
import { ABI_WORD_BYTES } from "../../limits.ts";
import type { ProgrammeChain } from "./programme-chain.ts";

/** `paused()`: how pausable tokens say that nothing of theirs moves. */
const PAUSED = fromHex("0x5c975abb");
/** Whether an account is shut out: `isBlacklisted`, `isBlackListed`, `isFrozen` and `isBlocked` of an address. */
const BLOCKED = ["0xfe575a87", "0xe47d6060", "0xe5839836", "0xfbac3951"].map((selector) => fromHex(selector));
/** `basisPointsRate()`: what a token takes of each transfer. */
const FEE_RATE = fromHex("0xdd644f72");

/** What a token says of itself that a programme should know. */
export interface TokenFindings {
  readonly decimals: number;
  /** Somebody can stop every transfer. */
  readonly pausable: boolean;
  /** Somebody can shut single accounts out. */
  readonly blocks: boolean;
}

/**
 * Asks a token what could make a vault of it useless: its decimals against the asset's, whether it is stopped or has shut
 * one of the accounts out, whether it takes a fee of transfers. Throws Failure TOKEN_UNFIT.
 */
export async function checkToken(
  chain: Pick<ProgrammeChain, "call" | "code">,
  {
    token,
    asset,
    accounts,
  }: { readonly token: Uint8Array; readonly asset: Asset; readonly accounts: readonly Uint8Array[] },
): Promise<TokenFindings> {
  if ((await chain.code(token)).length === 0) throw new Failure("TOKEN_UNFIT", "There is no contract at its address.");
  const ask = (data: Uint8Array): Promise<Uint8Array | null> => answerOf(chain, token, data);
  const decimals = await decimalsOf(ask);
  if (!/^10*$/.test(String(asset.scale))) throw new Failure("TOKEN_UNFIT", "asset.scale must be a power of ten.");
  const expected = asset.decimals + String(asset.scale).length - 1;
  if (decimals !== expected)
    throw new Failure(
      "TOKEN_UNFIT",
      `It has ${decimals} decimals; asset.decimals and asset.scale make ${expected} of them.`,
    );
  const paused = numberIn(await ask(PAUSED));
  if (paused === 1n) throw new Failure("TOKEN_UNFIT", "It is paused: nothing of it moves.");
  const rate = numberIn(await ask(FEE_RATE));
  if (rate !== null && rate > 0n)
    throw new Failure("TOKEN_UNFIT", `It takes ${rate} basis points of each transfer; the vault refuses such tokens.`);
  return { decimals, pausable: paused !== null, blocks: await blocksAny(ask, accounts) };
}

/** What a transfer of a known amount really moved. Throws Failure TOKEN_UNFIT where it was less or more. */
export function checkMoved(moved: { readonly sent: bigint; readonly left: bigint; readonly came: bigint }): void {
  const { sent, left, came } = moved;
  if (left !== sent || came !== sent)
    throw new Failure(
      "TOKEN_UNFIT",
      `Of a transfer of ${sent} base units ${left} left and ${came} came: it takes a fee, and the vault refuses it.`,
    );
}

/** Base units that an account holds at a block, the newest one where none is named. */
export async function tokensOf(
  chain: Pick<ProgrammeChain, "call">,
  token: Uint8Array,
  account: Uint8Array,
  block: BlockTag = "latest",
): Promise<bigint> {
  return decodeBalance(await chain.call({ to: token, data: balanceOfCall(account) }, block));
}

async function blocksAny(
  ask: (data: Uint8Array) => Promise<Uint8Array | null>,
  accounts: readonly Uint8Array[],
): Promise<boolean> {
  let canBlock = false;
  for (const selector of BLOCKED)
    for (const account of accounts) {
      const answer = numberIn(
        await ask(concatBytes(selector, new Uint8Array(ABI_WORD_BYTES - account.length), account)),
      );
      canBlock ||= answer !== null;
      if (answer === 1n) throw new Failure("TOKEN_UNFIT", "It has shut out one of the programme's accounts.");
    }
  return canBlock;
}

async function decimalsOf(ask: (data: Uint8Array) => Promise<Uint8Array | null>): Promise<number> {
  const decimals = numberIn(await ask(encodeTokenCall("decimals", [])));
  if (decimals === null) throw new Failure("TOKEN_UNFIT", "It does not say how many decimals it has.");
  return Number(decimals);
}

/** Null where the token has no such function. */
async function answerOf(
  chain: Pick<ProgrammeChain, "call">,
  token: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array | null> {
  try {
    return await chain.call({ to: token, data }, "latest");
  } catch (error) {
    if (isRpcError(error, "REVERTED")) return null;
    throw error;
  }
}

/** One word as a number; null where what came is no word, as from a function that is not there. */
function numberIn(answer: Uint8Array | null): bigint | null {
  if (answer === null || answer.length !== ABI_WORD_BYTES) return null;
  return BigInt(`0x${Buffer.from(answer).toString("hex")}`);
}
