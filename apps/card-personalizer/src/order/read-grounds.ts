import { parseAmount } from "@tallystick/money";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";
import { MAX_REGISTER_PAGES } from "../limits.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { OrderGrounds } from "./check-order.ts";

/** What an order is checked against: the whole register, the journal, and the treasury's tokens. */
export async function readGrounds(
  settlement: SettlementClient,
  { journal, config }: { readonly journal: Journal; readonly config: Config },
): Promise<OrderGrounds> {
  const register = await readRegister(settlement);
  const { chain } = await settlement.money();
  return {
    registered: (reference) => register.get(reference) ?? null,
    begun: (reference) => {
      const card = journal.step(reference, "generate-key")?.data["card"];
      return typeof card === "string" ? card : null;
    },
    treasury: parseAmount(chain.wallets, config.asset),
  };
}

/** Addresses of the whole register by their references. */
export async function readRegister(settlement: SettlementClient): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let after: string | null = null;
  for (let page = 0; page < MAX_REGISTER_PAGES; page++) {
    const answer = await settlement.cards(after === null ? {} : { after });
    for (const { reference, card } of answer.cards) found.set(reference, card);
    after = answer.next;
    if (after === null) return found;
  }
  throw new Failure("SETTLEMENT_ANSWER", "Its register has no end.");
}
