/**
 * What the terminal ordered from the vault as its payee's delegate (spec §3.11, §5.9): signed once,
 * durable before it leaves, and sent as it is any number of times. One order of a payment is under
 * way at a time, and no smaller total follows one that was done.
 */
export const returnOrders = `
CREATE TABLE return_order (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  tap_id TEXT NOT NULL,
  refund_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('refund', 'release')),
  object BLOB NOT NULL CHECK (length(object) = CASE kind WHEN 'refund' THEN 74 ELSE 132 END),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  total INTEGER NOT NULL CHECK (total > 0),
  deadline INTEGER CHECK ((deadline IS NULL) = (kind = 'release')),
  state TEXT NOT NULL CHECK (state IN ('signed', 'done', 'expired', 'overtaken')),
  made_at INTEGER NOT NULL,
  FOREIGN KEY (tap_id, refund_id) REFERENCES refund (tap_id, refund_id)
) STRICT;
CREATE UNIQUE INDEX one_order_at_a_time ON return_order (tap_id) WHERE state = 'signed';
CREATE INDEX return_order_of_tap ON return_order (tap_id);
CREATE TRIGGER return_order_grows BEFORE INSERT ON return_order
WHEN NEW.total < (SELECT coalesce(max(total), 0) FROM return_order WHERE tap_id = NEW.tap_id AND state = 'done')
BEGIN SELECT RAISE(ABORT, 'what was given back of a payment only grows'); END;
CREATE TRIGGER return_order_fixed BEFORE UPDATE OF hash, tap_id, refund_id, kind, object, signature, total, deadline ON return_order
BEGIN SELECT RAISE(ABORT, 'a signed order is sent again as it was, never changed'); END;
CREATE TRIGGER return_order_ends BEFORE UPDATE OF state ON return_order WHEN OLD.state <> 'signed'
BEGIN SELECT RAISE(ABORT, 'this order is at its end'); END;
CREATE INDEX voucher_released_unordered ON voucher (id)
WHERE cancelled = 0 AND (outcome IS 'released' OR (settlement_state IS 'released' AND reported IS 'final'));
CREATE TRIGGER return_order_stays BEFORE DELETE ON return_order
BEGIN SELECT RAISE(ABORT, 'a signed order may be taken at any time and is never forgotten'); END;
`;
