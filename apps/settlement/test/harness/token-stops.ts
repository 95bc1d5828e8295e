import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "@tallystick/protocol";
import { eventually } from "./eventually.ts";
import type { SettlementHarness } from "./settlement-harness.ts";

/** Where the original code of a token stands while another stands in its place. */
const ASIDE = `0x${"aa".repeat(20)}`;

/** Puts code in the token's place that refuses every transfer with the text "Paused". */
export async function pauseToken({ rpc, token }: SettlementHarness): Promise<() => Promise<void>> {
  const original = (await rpc("eth_getCode", [token, "latest"])) as string;
  await rpc("anvil_setCode", [ASIDE, original]);
  await rpc("anvil_setCode", [token, pausedCode()]);
  return async () => {
    await rpc("anvil_setCode", [token, original]);
  };
}

/** Refuses `transfer` and `transferFrom` by Error("Paused"), and hands all other calls to the original. */
function pausedCode(): string {
  const refuse = 0x4f;
  const answer = 0x4a;
  const head = ["6000", "35", "60e0", "1c", "80", "63a9059cbb", "14", `60${hex(refuse)}`, "57", "6323b872dd", "14"];
  const toOriginal = ["36", "6000", "6000", "37", "6000", "6000", "36", "6000", `73${ASIDE.slice(2)}`, "5a", "f4"];
  const back = ["3d", "6000", "6000", "3e", `60${hex(answer)}`, "57", "3d", "6000", "fd"];
  const code = [...head, `60${hex(refuse)}`, "57", ...toOriginal, ...back].join("");
  const answered = ["5b", "3d", "6000", "f3"].join("");
  const words = [
    `08c379a0${"00".repeat(28)}`,
    `00000020${"00".repeat(28)}`,
    `00000006${Buffer.from("Paused").toString("hex")}${"00".repeat(22)}`,
  ];
  const stores = words.map((word, index) => `7f${word}60${hex(32 * index)}52`).join("");
  const refused = `5b${stores}60646000fd`;
  if (code.length / 2 !== answer || answer + answered.length / 2 !== refuse)
    throw new Error(`the jumps are wrong: ${code.length / 2}, ${answer + answered.length / 2}`);
  return `0x${code}${answered}${refused}`;
}

/** Sets what an account holds, as a token can that destroys and makes; base units. */
export async function setHolding(
  { rpc, token }: SettlementHarness,
  { account, baseUnits }: { readonly account: Uint8Array; readonly baseUnits: bigint },
): Promise<void> {
  // The mapping of balances stands in the token's first slot.
  const place = Buffer.concat([Buffer.alloc(12), account, Buffer.alloc(32)]);
  const value = `0x${baseUnits.toString(16).padStart(64, "0")}`;
  await rpc("anvil_setStorageAt", [token, toHex(keccak_256(place)), value]);
  // Every read that follows is of a block that has it.
  const at = BigInt((await rpc("eth_blockNumber")) as string);
  await eventually(
    async () => BigInt(((await rpc("eth_getBlockByNumber", ["finalized", false])) as { number: string }).number),
    (final) => final > at,
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
