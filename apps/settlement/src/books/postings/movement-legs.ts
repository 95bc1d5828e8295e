import type { Operation } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { cardAccount, OUTSIDE, owedAccount, paidOutAccount } from "./chart-of-accounts.ts";
import type { Movement } from "./postings.ts";

/**
 * The postings of a movement; `place` makes their ids. The issuer's accounts are named in the books
 * as they are in a movement.
 */
export function movementOperations(place: string, movement: Movement): readonly Operation[] {
  return movementLegs(movement)
    .filter(({ amount }) => amount > 0n)
    .map(({ about, ...leg }, index): Operation => ({
      kind: "transfer",
      id: `${movement.kind}:${place}:${about ?? index}`,
      ...leg,
    }));
}

interface Leg {
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  /** Names the leg in the id; its place among the legs where this is left out. */
  readonly about?: string;
}

function movementLegs(movement: Movement): readonly Leg[] {
  switch (movement.kind) {
    case "minted":
      return [{ debit: movement.to, credit: OUTSIDE, amount: movement.units }];
    case "burned":
      return [{ debit: OUTSIDE, credit: movement.from, amount: movement.units }];
    case "shifted":
      return [{ debit: movement.to, credit: movement.from, amount: movement.units }];
    case "funded":
      return [{ debit: cardAccount(movement.card), credit: movement.own ?? OUTSIDE, amount: movement.units }];
    case "cardWithdrawn":
      return [{ debit: movement.own ?? OUTSIDE, credit: cardAccount(movement.card), amount: movement.units }];
    case "paidOut": {
      const debit = movement.own ?? paidOutAccount(movement.payee);
      return [{ debit, credit: owedAccount(movement.payee), amount: movement.units }];
    }
    case "refunded":
      return refundLegs(movement);
  }
}

/**
 * A refund, voucher by voucher, so that `refunded:PLACE:VOUCHER:…` stands beside `paid:VOUCHER`.
 * What had not been withdrawn is used up first; what belongs to no voucher is the card's.
 */
function refundLegs(refund: Extract<Movement, { kind: "refunded" }>): readonly Leg[] {
  const debit = cardAccount(refund.card);
  const wallet = refund.own ?? paidOutAccount(refund.payee);
  const shared = refund.shares.reduce((sum, { units }) => sum + units, 0n);
  const parts = [
    ...refund.shares.map(({ voucherId, units }) => ({ name: toHex(voucherId), units })),
    { name: "card", units: refund.fromEarnings + refund.fromTokens - shared },
  ];
  let earnings = refund.fromEarnings;
  return parts.flatMap(({ name, units }): Leg[] => {
    const earned = units < earnings ? units : earnings;
    earnings -= earned;
    return [
      { debit, credit: owedAccount(refund.payee), amount: earned, about: `${name}:e` },
      { debit, credit: wallet, amount: units - earned, about: `${name}:w` },
    ];
  });
}
