/**
 * Where a merchant's money is (spec §5.8): what the vault logged of its payee, which can be read again and
 * is no entry of the log, and what all payments at their end come to, kept by SQLite in the transaction
 * of every change. What was read before these were kept is read again from the start.
 */
export const money = `
CREATE TABLE chain_payee_event (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  block INTEGER NOT NULL,
  log_index INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('payout', 'refund')),
  tx TEXT NOT NULL,
  units INTEGER NOT NULL CHECK (units >= 0),
  PRIMARY KEY (domain, block, log_index)
) STRICT;
CREATE INDEX chain_payout ON chain_payee_event (domain, block) WHERE kind = 'payout';
CREATE TABLE chain_payee (
  domain BLOB PRIMARY KEY CHECK (length(domain) = 28),
  earned INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL CHECK (withdrawn <= earned),
  as_of INTEGER NOT NULL
) STRICT;
DELETE FROM chain_withdrawal;
DELETE FROM chain_released;
DELETE FROM chain_void;
DELETE FROM chain_voided;
UPDATE chain_cursor SET block = NULL, hash = NULL;
CREATE TABLE end_total (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  outcome TEXT NOT NULL CHECK (outcome IN ('paid', 'released', 'compensated')),
  count INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  PRIMARY KEY (domain, outcome)
) STRICT;
INSERT INTO end_total
  SELECT domain, outcome, count(*), sum(amount), min(request_time), max(request_time)
  FROM voucher WHERE outcome IS NOT NULL GROUP BY domain, outcome;
CREATE TRIGGER voucher_end_counted AFTER UPDATE OF outcome ON voucher
WHEN OLD.outcome IS NULL AND NEW.outcome IS NOT NULL BEGIN
  INSERT INTO end_total VALUES (NEW.domain, NEW.outcome, 1, NEW.amount, NEW.request_time, NEW.request_time)
  ON CONFLICT (domain, outcome) DO UPDATE SET
    count = count + 1, sum = sum + excluded.sum,
    oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest);
END;
CREATE INDEX voucher_paid ON voucher (domain, outcome_block, request_time, amount) WHERE outcome = 'paid';
`;
