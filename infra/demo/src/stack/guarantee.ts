import { join } from "node:path";
import { type Anvil, callRpc } from "@tallystick/stack";
import { FINAL_DEADLINE_MS } from "../limits.ts";
import { writeDevelopmentKey } from "./key-files.ts";
import { poll } from "./poll.ts";

/** The account that the issuer's compensations are paid from. */
export interface GuaranteeAccount {
  readonly address: string;
  readonly keyFile: string;
  /** What it got from the treasury, in display units. */
  readonly funds: string;
}

/** Base units of the test token that the account gets, at six decimals. */
const FUNDS = { baseUnits: "50000000", text: "50.00" };

/** `transfer(address,uint256)` of a token. */
function transferCall(to: string, baseUnits: string): string {
  return `0xa9059cbb${to.slice(2).toLowerCase().padStart(64, "0")}${BigInt(baseUnits).toString(16).padStart(64, "0")}`;
}

/**
 * Gives the guarantee an account with gas and tokens of its own. It must be done before settlement sends anything: the
 * treasury's nonces are settlement's from then on.
 */
export async function fundGuarantee(options: {
  anvil: Anvil;
  folder: string;
  token: string;
}): Promise<GuaranteeAccount> {
  const { anvil, folder, token } = options;
  // The first account is the treasury's, the next two are the merchants'; each of them has what transactions cost.
  const [treasury, , , account] = anvil.accounts;
  if (treasury === undefined || account === undefined) throw new Error("the chain gave too few accounts");
  const keyFile = join(folder, "guarantee-key.json");
  writeDevelopmentKey(keyFile, { privateKey: account.privateKey });
  const data = transferCall(account.address, FUNDS.baseUnits);
  const hash = await callRpc(anvil.rpc, "eth_sendTransaction", [{ from: treasury.address, to: token, data }]);
  await poll({
    what: "the guarantee's account having its tokens",
    ask: async () => await callRpc(anvil.rpc, "eth_getTransactionReceipt", [hash]),
    until: (receipt) => receipt !== null,
    deadlineMs: FINAL_DEADLINE_MS,
  });
  return { address: account.address.toLowerCase(), keyFile, funds: FUNDS.text };
}
