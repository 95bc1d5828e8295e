import { formatTotal, type Asset } from "@tallystick/money";
import type { FailedKindName } from "./failed-kinds.ts";

/** What people call an action of a kind: one, and several. */
const WORDS: Readonly<Record<FailedKindName, readonly [string, string]>> = {
  approve: ["approval of the treasury's tokens", "approvals of the treasury's tokens"],
  open: ["opening of a card", "openings of cards"],
  fund: ["deposit to a card", "deposits to cards"],
  deposit: ["deposit for a withheld voucher", "deposits for withheld vouchers"],
  settle: ["batch", "batches"],
  advance: ["advance of the vault's time", "advances of the vault's time"],
  withdraw: ["payout", "payouts"],
  compensate: ["payment of the issuer", "payments of the issuer"],
  convict: ["proof against a card", "proofs against cards"],
  return: ["refund", "refunds"],
  "request-withdrawal": ["request for a card's balance", "requests for cards' balances"],
  "withdraw-card": ["withdrawal of a card's balance", "withdrawals of cards' balances"],
  "first-unit": ["first unit to a payee", "first units to payees"],
  "sweep-tokens": ["transfer of a former account's tokens", "transfers of a former account's tokens"],
  "sweep-coin": ["transfer of a former account's coin", "transfers of a former account's coin"],
};

/** Kinds that move the treasury's own tokens: what is missing then is missing there. */
const TREASURY_PAYS: readonly FailedKindName[] = ["fund", "deposit", "first-unit"];

/** Such as "1 deposit to a card". */
export function kindText(kind: FailedKindName, count: number): string {
  return `${count} ${WORDS[kind][count === 1 ? 0 : 1]}`;
}

/** The kind alone, such as "deposit to a card". */
export function kindName(kind: FailedKindName): string {
  return WORDS[kind][0];
}

/** Why an action ended without effect, as people read it. */
export interface FailureCause {
  readonly text: string;
  /** Who ends it, and how, where the reason alone says it; null where the kind of action does. */
  readonly remedy: string | null;
}

/**
 * Of a whole reason as it is stored: `CODE: name(arguments)`. The amounts of a lack of tokens are the token's base units,
 * and told in the asset's; those of several actions differ, and only one lack can be told.
 */
export function failureCause(
  failure: string | null,
  { kind, count, asset }: { readonly kind: FailedKindName; readonly count: number; readonly asset: Asset },
): FailureCause {
  if (failure === null) return { text: "no reason is known", remedy: null };
  const lack = /\bERC20InsufficientBalance\(\w+, (\d+), (\d+)\)/.exec(failure);
  if (lack === null) return { text: failure.replace(/^SIMULATION: /, ""), remedy: null };
  const [, held = "0", needed = "0"] = lack;
  const missing = tokenText(BigInt(needed) - BigInt(held), asset);
  const who = TREASURY_PAYS.includes(kind) ? "the treasury" : "the account that pays";
  return {
    text: count === 1 && missing !== null ? `${who} lacks ${missing}` : `${who} has too few tokens`,
    remedy: `whoever keeps ${who} must send it tokens`,
  };
}

/** Base units of the token with as many digits as it has; null where a unit is no power of ten of them. */
function tokenText(baseUnits: bigint, asset: Asset): string | null {
  const whole = baseUnits % asset.scale === 0n;
  if (whole) return `${formatTotal(baseUnits / asset.scale, asset)} ${asset.code}`;
  const digits = /^10*$/.test(String(asset.scale)) ? String(asset.scale).length - 1 : null;
  if (digits === null) return null;
  return `${formatTotal(baseUnits, { ...asset, decimals: asset.decimals + digits, scale: 1n })} ${asset.code}`;
}
