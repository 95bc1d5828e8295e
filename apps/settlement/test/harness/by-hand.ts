import {
  digestOf,
  encodeAllowance,
  signatureParity,
  encodeVoucherMessage,
  addressOfKey,
  toHex,
  type AllowanceBody,
  type VoucherBundle,
} from "@tallystick/protocol";
import { approveCall, buildBatchPayload, fundCall, settleCall } from "@tallystick/vault";
import type { SettlementHarness, TestService } from "./settlement-harness.ts";
import type { TestCard } from "./test-card.ts";

/** The call of `settle` with these vouchers, by whoever sends it. */
export function settleCallOf(bundles: readonly VoucherBundle[]): Uint8Array {
  const vouchers = bundles.map(({ message, signature, cardKey }) => ({
    ...{ card: addressOfKey(cardKey), payee: message.payee, counter: message.counter, amount: message.amount },
    ...{ context: message.context, signature },
    parity: signatureParity(signature, digestOf(encodeVoucherMessage(message)), cardKey),
  }));
  const root = new Uint8Array(32);
  return settleCall(buildBatchPayload({ batchRoot: root, ledgerRoot: root, vouchers }).payload);
}

/** Hands vouchers to the vault without settlement, as anybody may. */
export async function settleByHand(harness: SettlementHarness, bundles: readonly VoucherBundle[]): Promise<void> {
  await harness.sendAs(outsider(harness), settleCallOf(bundles));
}

/** `mint(address,uint256)` of the test token. */
const MINT = "40c10f19";

/** Makes tokens of the test token out of nothing; base units. */
export async function mint(harness: SettlementHarness, to: string, baseUnits: bigint): Promise<void> {
  const words = [to.slice(2).padStart(64, "0"), baseUnits.toString(16).padStart(64, "0")];
  await harness.sendAs(outsider(harness), Buffer.from(`${MINT}${words.join("")}`, "hex"), harness.token);
}

/** Gives the outsider tokens that the vault may pull. */
export async function bringTokens(harness: SettlementHarness, units: bigint): Promise<void> {
  await mint(harness, outsider(harness), units);
  await harness.sendAs(outsider(harness), approveCall(harness.domain.vault), harness.token);
}

/** Deposits what was brought, in one transaction; rejects where the vault takes no deposit. */
export async function depositBrought(harness: SettlementHarness, card: TestCard, units: bigint): Promise<void> {
  await harness.sendAs(outsider(harness), fundCall({ card: card.address, units }));
}

/** A deposit without settlement and its treasury. */
export async function fundByHand(harness: SettlementHarness, card: TestCard, units: bigint): Promise<void> {
  await bringTokens(harness, units);
  await depositBrought(harness, card, units);
}

/** An account that has nothing to do with the issuer. */
export function outsider(harness: SettlementHarness): string {
  const [, , account] = harness.anvil.accounts;
  if (account === undefined) throw new Error("anvil has too few accounts");
  return account.address;
}

/**
 * A contract at this address that hands calldata to the vault; with `from` 1 it leaves the first
 * byte out, so that what it was called with is not what it calls. It reverts where the vault does.
 */
export async function placeForwarder(harness: SettlementHarness, address: string, from: 0 | 1 = 0): Promise<void> {
  const skipped = `60${Buffer.of(from).toString("hex")}`;
  const size = `${skipped}3603`;
  const vault = toHex(harness.domain.vault).slice(2);
  await harness.rpc("anvil_setCode", [
    address,
    `0x${size}${skipped}5f375f5f${size}5f5f73${vault}5af115602c57005b5f5ffd`,
  ]);
}

/** Gives a card an allowance of the issuer's that no register knows, as after a lost database. */
export async function allow(service: TestService, card: TestCard, change: Partial<AllowanceBody>): Promise<void> {
  if (card.allowance === null) throw new Error("The test card holds no allowance.");
  const body = { ...card.allowance.body, ...change };
  const digest = digestOf(encodeAllowance({ domain: card.domain, card: card.address, body }));
  card.allowance = { body, signature: await service.platform.issuer.sign(digest) };
}
