import type { Chosen } from "./choose-instance.ts";
import type { Sale, TapEngineParts } from "./sale.ts";
import { type TapCode, type TapResult, type TapView, viewOf } from "./tap-result.ts";

/** What is known of a tap that ends without PAY. */
interface RefusalFacts {
  readonly sw?: string | null;
  readonly apdus?: number;
}

/** An answer without PAY: a sale that a torn tap left open stays open, any other is refused. */
export function turnAway(parts: TapEngineParts, sale: Sale, code: TapCode, facts: RefusalFacts = {}): TapResult {
  if (sale.open !== null) {
    return { ...viewOf({ ...sale.open, code }), sw: facts.sw ?? null, apdus: facts.apdus ?? 0, resolved: [] };
  }
  return { ...refuse(parts, sale, code, { ...facts, chosen: null }), resolved: [] };
}

/** Journals a refusal before PAY and answers it. */
export function refuse(
  { journal, clock, newId }: TapEngineParts,
  sale: Sale,
  code: TapCode,
  facts: RefusalFacts & { readonly chosen: Chosen | null },
): TapView {
  const id = newId();
  const [first] = sale.request.domains;
  const domain = facts.chosen?.policy ?? first;
  if (domain === undefined) throw new RangeError("a sale needs a domain");
  journal.write(() => {
    journal.taps.refuse({
      id,
      saleId: sale.saleId,
      domainBytes: domain.served.domainBytes,
      amount: sale.request.amount,
      cardKey: facts.chosen?.select.cardKey ?? null,
      code,
      sw: facts.sw ?? null,
      apdus: facts.apdus ?? 0,
      spentBefore: facts.chosen?.select.spent ?? null,
      now: clock.now(),
    });
  });
  const tap = journal.taps.byId(id);
  if (tap === null) throw new Error(`tap ${id} has left the journal`);
  return viewOf(tap);
}
