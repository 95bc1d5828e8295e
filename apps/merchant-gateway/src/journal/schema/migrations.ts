import { chainCalls } from "./chain-calls.ts";
import { chainEvents, voidedCounters } from "./chain-events.ts";
import { doors } from "./doors/doors.ts";
import { events } from "./events.ts";
import { knowledge, withdrawals } from "./knowledge.ts";
import { knownCards } from "./known-cards.ts";
import { lanes } from "./sales/lanes.ts";
import { allowanceUpdates, mailbox, stateProofs } from "./mailbox.ts";
import { openPayments } from "./open-payments.ts";
import { outcomes } from "./outcomes.ts";
import { receipts } from "./receipts.ts";
import { refunds } from "./refunds.ts";
import { returnOrders } from "./return-orders.ts";
import { sales } from "./sales/sales.ts";
import { setAside } from "./set-aside.ts";
import { answeredCalls } from "./merchant/answered-calls.ts";
import { otherVouchers } from "./merchant/other-vouchers.ts";
import { reports } from "./merchant/reports.ts";
import { webhooks } from "./merchant/webhooks.ts";
import { money } from "./merchant/money.ts";
import { taps, tapStates } from "./taps.ts";
import { vouchers } from "./vouchers.ts";

/**
 * One step of the journal's schema. Steps are never edited once released; a change is a new step.
 */
export interface Migration {
  /** `PRAGMA user_version` after this step. */
  readonly version: number;
  readonly sql: string;
}

/** "TLYJ": marks a SQLite file as a journal. */
export const APPLICATION_ID = 0x544c_594a;

/** All steps in order; the last version is the one this gateway writes. */
export const migrations: readonly Migration[] = Object.freeze([
  { version: 1, sql: taps + tapStates + vouchers + knowledge + events },
  { version: 2, sql: refunds },
  { version: 3, sql: chainEvents },
  { version: 4, sql: voidedCounters },
  { version: 5, sql: chainCalls },
  { version: 6, sql: openPayments },
  { version: 7, sql: receipts },
  { version: 8, sql: outcomes },
  { version: 9, sql: setAside },
  { version: 10, sql: returnOrders },
  { version: 11, sql: mailbox + allowanceUpdates },
  { version: 12, sql: stateProofs },
  { version: 13, sql: sales },
  { version: 14, sql: answeredCalls + reports },
  { version: 15, sql: money + webhooks },
  { version: 16, sql: lanes },
  { version: 17, sql: doors },
  { version: 18, sql: otherVouchers },
  { version: 19, sql: knownCards },
  { version: 20, sql: withdrawals },
]);
