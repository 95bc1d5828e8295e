/**
 * The chain ends a voucher, what settlement says stands beside that as `reported` (spec §5.8), and
 * what a decision asks about many vouchers is kept as running totals. Vouchers that were final by
 * settlement's word are reported now, and are looked up on the chain like any other. `late` marks a
 * reversal that was made after the voucher was packed, `receipted` one of whose uploads arrived.
 */
const columns = `
ALTER TABLE voucher ADD COLUMN reported TEXT CHECK (reported IN ('final', 'reversed'));
ALTER TABLE voucher ADD COLUMN outcome TEXT CHECK (outcome IN ('paid', 'released', 'compensated'));
ALTER TABLE voucher ADD COLUMN outcome_tx TEXT CHECK ((outcome IS NULL) = (outcome_tx IS NULL));
ALTER TABLE voucher ADD COLUMN outcome_block INTEGER;
ALTER TABLE voucher ADD COLUMN claim_tx TEXT;
ALTER TABLE voucher ADD COLUMN rival_tx TEXT;
ALTER TABLE voucher ADD COLUMN checked_at INTEGER;
ALTER TABLE voucher ADD COLUMN searched_from INTEGER;
ALTER TABLE voucher ADD COLUMN searched_to INTEGER;
ALTER TABLE voucher ADD COLUMN late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1));
ALTER TABLE voucher ADD COLUMN receipted INTEGER NOT NULL DEFAULT 0 CHECK (receipted IN (0, 1));
DROP TRIGGER voucher_moves;
UPDATE voucher SET reported = 'final', delivery = 'taken' WHERE delivery = 'final';
UPDATE voucher SET claim_tx = tx, settlement_state = NULL, tx = NULL WHERE settlement_state = 'claimed';
UPDATE voucher SET reported = 'reversed' WHERE settlement_state = 'cancelled' AND reported IS NULL;
UPDATE voucher SET late = 1 WHERE cancelled = 1 AND upload_seq IS NOT NULL
  AND upload_seq < coalesce((SELECT upload_seq FROM cancellation WHERE tap_id = voucher.tap_id), upload_seq + 1);
UPDATE voucher SET receipted = 1
WHERE EXISTS (SELECT 1 FROM receipt WHERE receipt.domain = voucher.domain AND seq = upload_seq);
`;

const rules = `
INSERT INTO delivery_transition VALUES ('unsent', 'final'), ('packed', 'final');
CREATE TRIGGER voucher_moves BEFORE UPDATE OF delivery ON voucher
WHEN OLD.delivery <> NEW.delivery
 AND NOT EXISTS (SELECT 1 FROM delivery_transition WHERE before = OLD.delivery AND after = NEW.delivery)
BEGIN SELECT RAISE(ABORT, 'this change of delivery is not in the table'); END;
CREATE TRIGGER voucher_ends_on_chain BEFORE UPDATE OF delivery, outcome ON voucher
WHEN (NEW.delivery = 'final') <> (NEW.outcome IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a final block ends a voucher, and nothing else'); END;
CREATE TRIGGER voucher_end_stays BEFORE UPDATE OF outcome, outcome_tx, outcome_block ON voucher WHEN OLD.outcome IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'what a final block shows does not change'); END;
CREATE TRIGGER voucher_stays_late BEFORE UPDATE OF late ON voucher WHEN OLD.late = 1 AND NEW.late = 0
BEGIN SELECT RAISE(ABORT, 'a voucher that was sent before its reversal stays so'); END;
CREATE TRIGGER voucher_arrived AFTER INSERT ON receipt
BEGIN UPDATE voucher SET receipted = 1 WHERE domain = NEW.domain AND upload_seq = NEW.seq; END;
`;

/**
 * What each voucher counts for, in one place: the totals, their recount and the indexes ask these
 * (spec §5.4).
 */
const counted = `
ALTER TABLE voucher ADD COLUMN is_unsent INTEGER AS (delivery IN ('unsent', 'packed') AND cancelled = 0) VIRTUAL;
ALTER TABLE voucher ADD COLUMN is_open INTEGER AS
  (delivery <> 'final' AND reported IS NOT 'final' AND (cancelled = 0 OR (late = 1 AND reported IS NOT 'reversed'))) VIRTUAL;
ALTER TABLE voucher ADD COLUMN is_compensated INTEGER AS
  (outcome IS 'compensated' OR (outcome IS NULL AND reported IS 'final' AND settlement_state IS 'compensated')) VIRTUAL;
ALTER TABLE voucher ADD COLUMN is_software INTEGER AS (software = 1 AND (is_open = 1 OR is_compensated = 1)) VIRTUAL;
ALTER TABLE voucher ADD COLUMN convicts INTEGER AS
  (outcome IS 'compensated' OR rival_tx IS NOT NULL OR result IS 'forked'
   OR coalesce(settlement_state, '') IN ('forked', 'compensating', 'compensated')) VIRTUAL;
`;

/** Kept by SQLite itself in the transaction of whatever changes a voucher. */
const totals = `
CREATE TABLE voucher_total (
  domain BLOB PRIMARY KEY CHECK (length(domain) = 28),
  unsent_count INTEGER NOT NULL,
  unsent_sum INTEGER NOT NULL,
  software_sum INTEGER NOT NULL,
  disputed_count INTEGER NOT NULL
) STRICT;
CREATE TABLE card_total (
  card_key BLOB NOT NULL CHECK (length(card_key) = 33),
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  open_sum INTEGER NOT NULL,
  PRIMARY KEY (card_key, domain)
) STRICT;
INSERT INTO voucher_total
  SELECT domain, sum(is_unsent), sum(is_unsent * amount), sum(is_software * amount), sum(delivery = 'disputed')
  FROM voucher GROUP BY domain;
INSERT INTO card_total SELECT card_key, domain, sum(is_open * amount) FROM voucher GROUP BY card_key, domain;
CREATE TRIGGER voucher_counted AFTER INSERT ON voucher BEGIN
  INSERT OR IGNORE INTO voucher_total VALUES (NEW.domain, 0, 0, 0, 0);
  UPDATE voucher_total SET
    unsent_count = unsent_count + NEW.is_unsent,
    unsent_sum = unsent_sum + NEW.is_unsent * NEW.amount,
    software_sum = software_sum + NEW.is_software * NEW.amount,
    disputed_count = disputed_count + (NEW.delivery = 'disputed')
  WHERE domain = NEW.domain;
  INSERT OR IGNORE INTO card_total VALUES (NEW.card_key, NEW.domain, 0);
  UPDATE card_total SET open_sum = open_sum + NEW.is_open * NEW.amount
  WHERE card_key = NEW.card_key AND domain = NEW.domain;
END;
CREATE TRIGGER voucher_counted_anew AFTER UPDATE OF delivery, reported, settlement_state, outcome, cancelled, late ON voucher
BEGIN
  UPDATE voucher_total SET
    unsent_count = unsent_count + NEW.is_unsent - OLD.is_unsent,
    unsent_sum = unsent_sum + (NEW.is_unsent - OLD.is_unsent) * NEW.amount,
    software_sum = software_sum + (NEW.is_software - OLD.is_software) * NEW.amount,
    disputed_count = disputed_count + (NEW.delivery = 'disputed') - (OLD.delivery = 'disputed')
  WHERE domain = NEW.domain;
  UPDATE card_total SET open_sum = open_sum + (NEW.is_open - OLD.is_open) * NEW.amount
  WHERE card_key = NEW.card_key AND domain = NEW.domain AND NEW.is_open <> OLD.is_open;
END;
`;

/** Each serves one question that is asked at a tap, a poll or an exchange, however long the journal is. */
const indexes = `
DROP INDEX voucher_by_card;
DROP INDEX voucher_of_software;
CREATE INDEX voucher_unsent ON voucher (domain, request_time) WHERE is_unsent = 1;
CREATE INDEX voucher_that_convicts ON voucher (card_key, domain) WHERE convicts = 1;
CREATE INDEX voucher_to_pack ON voucher (domain) WHERE upload_seq IS NULL;
CREATE INDEX voucher_of_upload ON voucher (domain, upload_seq) WHERE upload_seq IS NOT NULL;
CREATE INDEX voucher_to_follow ON voucher (domain, coalesce(asked_at, 0)) WHERE delivery = 'taken' AND reported IS NOT 'final';
CREATE INDEX voucher_to_return ON voucher (cancelled) WHERE cancelled = 1 AND delivery <> 'final';
CREATE INDEX voucher_to_claim ON voucher (domain, receipted, request_time)
WHERE delivery <> 'final' AND cancelled = 0 AND claim_tx IS NULL AND rival_tx IS NULL;
CREATE INDEX voucher_not_final ON voucher (domain, request_time, id) WHERE delivery <> 'final';
CREATE INDEX voucher_to_check ON voucher (domain, coalesce(checked_at, 0))
WHERE delivery <> 'final' AND (tx IS NOT NULL OR claim_tx IS NOT NULL);
CREATE INDEX voucher_unreported ON voucher (domain, request_time)
WHERE delivery <> 'final' AND reported IS NULL AND cancelled = 0;
CREATE INDEX cancellation_to_pack ON cancellation (domain) WHERE delivery = 'unsent';
CREATE INDEX cancellation_of_upload ON cancellation (domain, upload_seq) WHERE upload_seq IS NOT NULL;
CREATE INDEX refund_ended ON refund (changed_at) WHERE state = 'refunded';
CREATE INDEX upload_pending ON upload (domain, seq) WHERE state = 'packed';
`;

export const outcomes: string = columns + rules + counted + totals + indexes;
