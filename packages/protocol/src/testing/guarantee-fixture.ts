import type * as guarantee from "../guarantee/index.ts";
import type * as protocol from "../index.ts";
import { now } from "./fixture.ts";

const DAY = 86_400;

/** A case that every rule lets through, each at its bound. */
export const guaranteedCase: guarantee.GuaranteeCase = {
  amount: 30n,
  time: now,
  assuranceClass: 2,
  verdict: { worth: "promised", voucher: {} as protocol.AuthenticVoucher },
  arrival: { at: now + 7 * DAY + 300, uploadWindowSeconds: 7 * DAY },
  reversed: false,
  rivals: [{ reversed: true, borne: false }],
  revokedAt: now - 7 * DAY - 300,
  listAgeSeconds: 7 * DAY,
  certificate: { perCardSum: 50n, softwareSum: 80n, withdrawnAt: null },
  largestMaxSpent: 50n,
  before: { cardAtTerminal: 20n, softwareAtTerminal: 50n, card: 70n, payeeToday: 170n },
  issuer: { bears: true, perCard: 100n, perPayeePerDay: 200n },
};
