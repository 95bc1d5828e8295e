const COLUMNS = `event.seq, event.at, tap.domain, sale.currency, sale.decimals, sale.cashier, tap.lane, sale.reference,
  tap.sale_id, tap.id AS tap_id, tap.card_key, tap.voucher_id`;

/** Only the first event of this kind and state of its subject counts: a later one says the same again. */
const first = (state: string): string => `NOT EXISTS (SELECT 1 FROM event AS earlier
  WHERE earlier.kind = event.kind AND earlier.subject = event.subject AND earlier.seq < event.seq${state})`;

const PAYMENTS = `SELECT 'payment' AS type, tap.amount, NULL AS refund_id, ${COLUMNS}
  FROM event JOIN tap ON tap.id = event.subject LEFT JOIN sale ON sale.id = tap.sale_id
  WHERE event.seq > ? AND event.seq <= ? AND event.kind = 'tap' AND event.state = 'accepted'
    AND ${first(" AND earlier.state = 'accepted'")}`;

/** Of what was paid alone: a payment that nobody counted is not taken back. */
const REVERSALS = `SELECT 'reversal' AS type, tap.amount, NULL AS refund_id, ${COLUMNS}
  FROM event JOIN tap ON tap.id = event.subject LEFT JOIN sale ON sale.id = tap.sale_id
  WHERE event.seq > ? AND event.seq <= ? AND event.kind = 'cancellation' AND tap.state = 'accepted' AND ${first("")}`;

/** What is given back of a payment that was reversed stands there as its reversal. */
const REFUNDS = `SELECT iif(event.state = 'refused', 'refund-refused', 'refund') AS type, refund.amount, refund.refund_id, ${COLUMNS}
  FROM event JOIN refund ON refund.tap_id = substr(event.subject, 1, instr(event.subject, '/') - 1)
    AND refund.refund_id = substr(event.subject, instr(event.subject, '/') + 1)
  JOIN tap ON tap.id = refund.tap_id LEFT JOIN sale ON sale.id = tap.sale_id
  WHERE event.seq > ? AND event.seq <= ? AND event.kind = 'refund'
    AND (event.state = 'refused' AND ${first(" AND earlier.state = 'refused'")} OR event.state <> 'refused' AND ${first("")})
    AND NOT EXISTS (SELECT 1 FROM event AS reversal
      WHERE reversal.kind = 'cancellation' AND reversal.subject = tap.id AND reversal.seq <= ?)`;

/**
 * What moved money in a period of the event log, whose two ends are given for payments, reversals and refunds, and
 * its end once more.
 */
export const REPORT_ENTRIES = `${PAYMENTS} UNION ALL ${REVERSALS} UNION ALL ${REFUNDS}`;
