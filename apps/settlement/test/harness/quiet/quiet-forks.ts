import type { MerchantCertificate, VoucherBundle } from "@tallystick/protocol";
import { Compensator } from "../../../src/vouchers/forks/compensator.ts";
import { keyOf, type QuietHarness } from "./quiet-harness.ts";
import { send } from "./quiet-intake.ts";
import type { TestCard } from "../test-card.ts";
import type { TestTerminal } from "../test-terminal.ts";

/** What decides about vouchers that the vault did not pay, in a quiet harness. */
export function compensatorOf(harness: QuietHarness): Compensator {
  const { db, actions, contract, postings, clock, config, domain, issuer, chain } = harness;
  return new Compensator(db, actions, contract, postings, clock, config, chain.rpc(), config.asset, domain, issuer);
}

/** Lets it decide, and answers what became of the voucher. */
export async function considered(
  harness: QuietHarness,
  bundle: VoucherBundle,
): Promise<{ state: string; dispute: string | null; ground: string | null }> {
  await compensatorOf(harness).consider(keyOf(bundle));
  const { state, dispute, withheld_ground: ground } = await harness.voucher(bundle);
  return { state, dispute, ground };
}

/** Two messages of one counter at two terminals: the second is forked. */
export interface Fork {
  readonly card: TestCard;
  readonly first: VoucherBundle;
  readonly second: VoucherBundle;
  readonly elsewhere: TestTerminal;
  readonly here: TestTerminal;
}

/** A card and its clone pay at one counter: `first` elsewhere, `amount` here. */
export async function forkedAt(
  harness: QuietHarness,
  amount: bigint,
  options: {
    readonly card?: TestCard;
    readonly here?: TestTerminal;
    readonly certificate?: Partial<MerchantCertificate>;
    readonly time?: number;
  } = {},
): Promise<Fork> {
  const card = options.card ?? (await harness.card());
  const here = options.here ?? (await harness.terminal(options.certificate));
  const elsewhere = await harness.terminal();
  const clone = card.clone();
  const [first, second] = [
    await harness.pay(card, elsewhere, 5n),
    await harness.pay(clone, here, amount, options.time),
  ];
  await send(harness, elsewhere, { vouchers: [first] });
  await send(harness, here, { vouchers: [second] });
  return { card, first, second, elsewhere, here };
}
