import type { VaultEvent } from "@tallystick/vault";
import { placeOf, type PlacedEvent } from "../../chain/vault-chain.ts";
import { countDeposit, countWithdrawal, renewAllowance, updateCard } from "./card-rows.ts";
import type { EventContext } from "./event-context.ts";
import { recordRefund, recordRelease, recordVoid } from "./returns.ts";
import { recordSettlement } from "./settlements.ts";
import { recordTransfer } from "./token-transfers.ts";

type MoneyEvent = Extract<VaultEvent, { kind: "funded" | "withdrawn" | "cardWithdrawn" }>;

/** Records what one event of a final block means: postings, states of vouchers and cards. */
export async function recordEvent(context: EventContext, placed: PlacedEvent): Promise<void> {
  const { event, log, released, straight } = placed;
  switch (event.kind) {
    case "settled":
      return recordSettlement(context, { event, log });
    case "transfer":
      return recordTransfer(context, { event, log, ...(straight === undefined ? {} : { straight }) });
    case "released":
      return recordRelease(context, { event, log, ...(released === undefined ? {} : { released }) });
    case "voided":
      return recordVoid(context, { event, log });
    case "refunded":
      return recordRefund(context, { event, log });
    case "funded":
    case "withdrawn":
    case "cardWithdrawn":
      return recordMovement(context, { event, log });
    case "opened":
      return updateCard(context, event.card, { opened_block: log.blockNumber });
    case "withdrawalRequested":
      return updateCard(context, event.card, { withdrawal_seen: true });
    case "equivocationProved":
      return updateCard(context, event.card, { flagged: true });
    case "withdrawalCancelled":
      return renewAllowance(context, event.card);
    case "voidRequested":
    case "advanced":
    // What delegates gave back is recorded by the refund or the release before it.
    case "delegateSet":
    case "reserveSet":
    case "returned":
      return;
  }
}

async function recordMovement(context: EventContext, placed: PlacedEvent<MoneyEvent>): Promise<void> {
  const { trx, postings } = context;
  const { event } = placed;
  const place = placeOf(placed);
  switch (event.kind) {
    case "funded": {
      const { kind, card, units, from } = event;
      await postings.moved(trx, place, { kind, card, units, own: context.own(from) });
      await countDeposit(context, card, units);
      return renewAllowance(context, card);
    }
    case "withdrawn": {
      const { merchant: payee, units, to } = event;
      return postings.moved(trx, place, { kind: "paidOut", payee, units, own: context.own(to) });
    }
    case "cardWithdrawn": {
      const { kind, card, units, owner } = event;
      await postings.moved(trx, place, { kind, card, units, own: context.own(owner) });
      return countWithdrawal(context, card, units);
    }
  }
}
