import { equalBytes } from "@tallystick/protocol";
import { isReaderError } from "@tallystick/apdu";
import { REPEATED_SALE_SECONDS } from "./limits.ts";
import { type CardSession, openSession, type SessionOptions, type SessionOutcome } from "../reader/card-session.ts";
import type { RemovalWatch } from "../reader/removal-watch.ts";
import type { Chosen } from "./choose-instance.ts";
import type { Sale, TapEngineParts } from "./sale.ts";
import type { TapCode } from "./tap-result.ts";

/** A session, or why there is none. */
type Opened = SessionOutcome | { readonly ok: false; readonly code: TapCode };

/**
 * Waits for a card. The card that paid the sale before at this lane and lies on its reader when this one begins pays
 * nobody else's: it is to be taken away, and counts once it was, also between the two sales (spec §5.11).
 */
export async function openForSale(
  parts: TapEngineParts,
  { request, open }: Sale,
  removal: Pick<RemovalWatch, "isGone" | "seenAway">,
  options: SessionOptions,
): Promise<Opened> {
  const { reader, elapsed } = parts;
  const begun = elapsed();
  const isThere = request.sale !== undefined && open === null && !removal.isGone;
  const wasThere = isThere && (await holdsCard(parts));
  if (isThere && !wasThere) removal.seenAway();
  const opened = await openSession(reader, options);
  if (!opened.ok || !wasThere || !isOfLastSale(parts, opened.session)) return opened;
  await opened.session.end();
  request.sale?.onPhase("card-left");
  const leftMs = (): number => Math.max(0, begun + options.waitMs - elapsed());
  const { signal } = options;
  try {
    await reader.waitForRemoval({ timeoutMs: leftMs(), ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (signal?.aborted === true) return { ok: false, code: "SALE_CANCELLED" };
    if (!isReaderError(error)) throw error;
    return { ok: false, code: error.code === "READER_IN_USE" ? "CARD_LEFT" : error.code };
  }
  removal.seenAway();
  request.sale?.onPhase("waiting");
  return await openSession(reader, { ...options, waitMs: leftMs() });
}

/** A reader that cannot say it is asked again by the wait for a card, which names its fault. */
async function holdsCard({ reader }: TapEngineParts): Promise<boolean> {
  try {
    return (await reader.status()).card !== "absent";
  } catch (error) {
    if (!isReaderError(error)) throw error;
    return true;
  }
}

function isOfLastSale({ journal, lane }: TapEngineParts, { first }: CardSession): boolean {
  const last = journal.taps.lastPaid(lane);
  return last?.cardKey != null && first.kind === "card" && equalBytes(first.select.cardKey, last.cardKey);
}

/**
 * Whether this card has paid the same amount a moment ago for another sale: cashiers who press twice are
 * asked once (spec §5.11). A clock that was set back asks as well.
 */
export function isRepeated({ journal, clock }: TapEngineParts, sale: Sale, { select }: Chosen): boolean {
  const { request, open, saleId } = sale;
  if (request.sale === undefined || request.sale.again || open !== null) return false;
  const paid = journal.taps.lastPaidBy(select.cardKey, request.amount);
  return paid !== null && paid.saleId !== saleId && clock.now() - paid.createdAt < REPEATED_SALE_SECONDS;
}
