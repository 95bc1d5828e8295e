import type { MerchantCertificate, VoucherBundle } from "@tallystick/protocol";
import { Compensator } from "../../src/vouchers/forks/compensator.ts";
import { keyOf, type Desk } from "./desk.ts";
import { send } from "./intake-desk.ts";
import type { TestCard } from "./test-card.ts";
import type { TestTerminal } from "./test-terminal.ts";

/** What decides about vouchers that the vault did not pay, on a desk. */
export function compensatorOf(desk: Desk): Compensator {
  const { db, actions, contract, postings, clock, config, domain, issuer, chain } = desk;
  return new Compensator(db, actions, contract, postings, clock, config, chain.rpc(), config.asset, domain, issuer);
}

/** Lets it decide, and answers what became of the voucher. */
export async function considered(
  desk: Desk,
  bundle: VoucherBundle,
): Promise<{ state: string; dispute: string | null; ground: string | null }> {
  await compensatorOf(desk).consider(keyOf(bundle));
  const { state, dispute, withheld_ground: ground } = await desk.voucher(bundle);
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
  desk: Desk,
  amount: bigint,
  options: {
    readonly card?: TestCard;
    readonly here?: TestTerminal;
    readonly certificate?: Partial<MerchantCertificate>;
    readonly time?: number;
  } = {},
): Promise<Fork> {
  const card = options.card ?? (await desk.card());
  const here = options.here ?? (await desk.terminal(options.certificate));
  const elsewhere = await desk.terminal();
  const clone = card.clone();
  const [first, second] = [await desk.pay(card, elsewhere, 5n), await desk.pay(clone, here, amount, options.time)];
  await send(desk, elsewhere, { vouchers: [first] });
  await send(desk, here, { vouchers: [second] });
  return { card, first, second, elsewhere, here };
}
