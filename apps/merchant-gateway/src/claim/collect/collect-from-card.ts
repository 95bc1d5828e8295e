import { type CardConnection, withGetResponse, withLengthRetry } from "@tallystick/apdu";
import { getLog, type LoggedPayment, openLog } from "@tallystick/card";
import {
  type Address,
  cardTag,
  createSignatureChecks,
  encodeVoucherBundle,
  equalBytes,
  isProtocolError,
  judgeVoucher,
  messageHash,
  normalizeCardSignature,
  rebuildVoucher,
  RING_SIZE,
  type SelectAnswer,
  type Signer,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { ServedDomain } from "../../config/gateway-config.ts";
import { MAX_INSTANCES } from "../../limits.ts";
import { SW_NO_RECORD } from "../../reader/status-words.ts";
import { createTapCard } from "../../reader/tap-card.ts";

/** A payment that a card still holds, as a bundle that anybody can claim. */
export interface CollectedPayment {
  readonly served: ServedDomain;
  /** The voucher's id, hexadecimal. */
  readonly id: string;
  readonly card: Uint8Array;
  readonly amount: bigint;
  readonly bytes: Uint8Array;
}

/** A certified terminal of the payee whose payments are read. */
export interface Collector {
  readonly domains: readonly ServedDomain[];
  readonly payee: Address;
  readonly signer: Signer;
}

type Transmit = CardConnection["transmit"];

/**
 * Reads what a card holds for this terminal's payee, whichever of its terminals took it, in every
 * domain that the card and this terminal share: the last 16 payments of the card at most (spec §4.13).
 * A card that does not take this terminal for the payee's gives nothing. Rejects where the card has
 * gone.
 */
export async function collectFromCard(collector: Collector, transmit: Transmit): Promise<CollectedPayment[]> {
  const card = createTapCard({ transmit });
  const found: CollectedPayment[] = [];
  for (let instance = 1; instance <= MAX_INSTANCES; instance += 1) {
    const outcome = await card.select(instance);
    if (outcome.kind === "refused") {
      if (outcome.absent) break;
      continue;
    }
    const { select } = outcome;
    const served = collector.domains.find(({ domain }) => equalBytes(cardTag(domain, select.cardKey), select.cardTag));
    if (served !== undefined) found.push(...(await collectInstance(collector, { served, select, transmit })));
  }
  return found;
}

async function collectInstance(
  { payee, signer }: Collector,
  { served, select, transmit }: { served: ServedDomain; select: SelectAnswer; transmit: Transmit },
): Promise<CollectedPayment[]> {
  const { certificate, domain } = served;
  if (certificate === null) return [];
  const channel = withLengthRetry(withGetResponse(transmit));
  const found: CollectedPayment[] = [];
  let isOpen = false;
  for (let age = 0; age < RING_SIZE && age < select.counter; age += 1) {
    const terminal = { certificate, payee, signer, domain, cardTag: select.cardTag };
    const read = isOpen ? await getLog(channel, age, { payee }) : await openLog(channel, terminal, age);
    if (read.ok) {
      const payment = judged(served, select, read.value);
      if (payment !== null) found.push(payment);
    } else if (read.sw !== SW_NO_RECORD) return found;
    // Another payee's record is answered only to who has the right.
    isOpen = true;
  }
  return found;
}

/** The bundle of a record, where it proves itself (spec §5.4); its card's present allowance stands in it. */
function judged(
  served: ServedDomain,
  select: SelectAnswer,
  { record, signature }: LoggedPayment,
): CollectedPayment | null {
  const { domain, issuerKeys } = served;
  const { cardKey, allowanceBody, allowanceSignature } = select;
  const { message, context } = rebuildVoucher(domain, record.request, record);
  try {
    const normalized = normalizeCardSignature(signature, messageHash(message), cardKey);
    const bundle: VoucherBundle = {
      ...{ cardKey, message, context, allowanceBody, allowanceSignature },
      signature: normalized.signature,
    };
    const checks = createSignatureChecks(issuerKeys.map((key) => ({ domain, ...key })));
    const verdict = judgeVoucher(bundle, { checks, domain, payee: record.request.payee });
    if (verdict.worth === "nothing") return null;
    const { id, card } = verdict.voucher;
    return { served, id: toHex(id), card, amount: message.amount, bytes: encodeVoucherBundle(bundle) };
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}
