import type { Chosen } from "./choose-instance.ts";
import type { Sale, TapEngineParts } from "./sale.ts";
import { writtenTap } from "./tap-journal.ts";
import { type TapCode, type TapResult, type TapView, viewOf } from "./tap-result.ts";

/** What is known of a tap that ends without PAY. */
interface RefusalDetails {
  readonly sw?: string | null;
  readonly apdus?: number;
  /** Its id, where it has one already. */
  readonly id?: string;
}

/** An answer without PAY: a sale that a torn tap left open stays open, any other is refused. */
export function turnAway(parts: TapEngineParts, sale: Sale, code: TapCode, details: RefusalDetails = {}): TapResult {
  if (sale.open !== null) {
    // Another lane may have met its card meanwhile.
    const open = writtenTap(parts.journal, sale.open.id);
    const isPaid = open.state === "accepted";
    const view = viewOf(isPaid ? open : { ...open, code });
    return isPaid
      ? { ...view, resolved: [] }
      : { ...view, sw: details.sw ?? null, apdus: details.apdus ?? 0, resolved: [] };
  }
  return { ...refuse(parts, sale, code, { ...details, chosen: null }), resolved: [] };
}

/** Journals a refusal before PAY and answers it. */
export function refuse(
  { journal, clock, newId, lane }: TapEngineParts,
  sale: Sale,
  code: TapCode,
  details: RefusalDetails & { readonly chosen: Chosen | null },
): TapView {
  const id = details.id ?? newId();
  const [first] = sale.request.domains;
  const domain = details.chosen?.policy ?? first;
  if (domain === undefined) throw new RangeError("a sale needs a domain");
  journal.write(() => {
    journal.taps.refuse({
      id,
      ...{ saleId: sale.saleId, lane },
      domainBytes: domain.served.domainBytes,
      amount: sale.request.amount,
      cardKey: details.chosen?.select.cardKey ?? null,
      code,
      sw: details.sw ?? null,
      apdus: details.apdus ?? 0,
      spentBefore: details.chosen?.select.spent ?? null,
      now: clock.now(),
    });
  });
  return viewOf(writtenTap(journal, id));
}
