import { vaultAbi } from "@tallystick/vault";
import { Interface } from "ethers/abi";
import { isHexString } from "ethers/utils";
import { MAX_REASON } from "../limits.ts";
import { cleanText } from "./clean-text.ts";

/** Solidity's own, and those of OpenZeppelin's tokens. */
const common = new Interface([
  "error Error(string text)",
  "error Panic(uint256 code)",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidSender(address sender)",
  "error ERC20InvalidReceiver(address receiver)",
  "error ERC20InvalidApprover(address approver)",
  "error ERC20InvalidSpender(address spender)",
  "error SafeERC20FailedOperation(address token)",
  "error EnforcedPause()",
  "error ExpectedPause()",
  "error OwnableUnauthorizedAccount(address account)",
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
]);
const vaultErrors = new Interface(vaultAbi);

/** A contract's refusal, read. */
interface DecodedRevert {
  /** The error's name, or the text of a `require`. */
  readonly name: string;
  /** The same with its values. */
  readonly whole: string;
}

/**
 * The contract's name for its refusal, or the text of a `require`; the selector where nobody knows
 * it, and null where there are no data.
 */
export function revertReason(data: string | null): string | null {
  return decode(data)?.name ?? null;
}

/** The same with the values of the error, for people; null where there are no data. */
export function describeRevert(data: string | null): string | null {
  return decode(data)?.whole ?? null;
}

function decode(data: string | null): DecodedRevert | null {
  if (data === null || !isHexString(data) || data.length < 10) return null;
  for (const known of [common, vaultErrors]) {
    try {
      const error = known.parseError(data);
      if (error === null) continue;
      return named(
        error.name,
        error.args.map((value) => String(value)),
      );
    } catch {
      // The selector is known, and what follows is not of its form.
    }
  }
  const selector = data.slice(0, 10);
  return { name: selector, whole: selector };
}

function named(name: string, values: readonly string[]): DecodedRevert {
  if (name === "Error") {
    const text = cleanText(values[0] ?? "", MAX_REASON);
    return { name: text, whole: text };
  }
  if (name === "Panic") {
    const text = `Panic(0x${BigInt(values[0] ?? "0").toString(16)})`;
    return { name: text, whole: text };
  }
  return { name, whole: cleanText(values.length === 0 ? name : `${name}(${values.join(", ")})`, MAX_REASON) };
}
