/** What cards signed, and its way to settlement (spec §5.8); `cancellation` and the column `cancelled` hold reversals. */
export const vouchers = `
CREATE TABLE delivery_state (name TEXT PRIMARY KEY, meaning TEXT NOT NULL) STRICT;
INSERT INTO delivery_state VALUES
  ('unsent', 'held here only'),
  ('packed', 'in an upload that is not answered yet'),
  ('taken', 'settlement has it'),
  ('disputed', 'settlement refused it; a person must look'),
  ('final', 'its end is final on the chain');
CREATE TABLE delivery_transition (
  before TEXT NOT NULL REFERENCES delivery_state (name),
  after TEXT NOT NULL REFERENCES delivery_state (name),
  PRIMARY KEY (before, after)
) STRICT;
INSERT INTO delivery_transition VALUES
  ('unsent', 'packed'), ('packed', 'taken'), ('packed', 'disputed'), ('taken', 'final'), ('taken', 'disputed'),
  ('disputed', 'taken'), ('disputed', 'final');
CREATE TABLE voucher (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  tap_id TEXT NOT NULL UNIQUE REFERENCES tap (id),
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_key BLOB NOT NULL CHECK (length(card_key) = 33),
  counter INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  request_time INTEGER NOT NULL,
  software INTEGER NOT NULL CHECK (software IN (0, 1)),
  entry BLOB NOT NULL CHECK (length(entry) = 382),
  delivery TEXT NOT NULL REFERENCES delivery_state (name),
  upload_seq INTEGER,
  result TEXT,
  result_code TEXT,
  settlement_state TEXT,
  batch TEXT,
  tx TEXT,
  asked_at INTEGER,
  cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1))
) STRICT;
CREATE INDEX voucher_by_delivery ON voucher (domain, delivery, request_time);
CREATE TRIGGER voucher_moves BEFORE UPDATE OF delivery ON voucher
WHEN OLD.delivery <> NEW.delivery
 AND NOT EXISTS (SELECT 1 FROM delivery_transition WHERE before = OLD.delivery AND after = NEW.delivery)
BEGIN SELECT RAISE(ABORT, 'this change of delivery is not in the table'); END;
CREATE TRIGGER voucher_stays BEFORE DELETE ON voucher
BEGIN SELECT RAISE(ABORT, 'a voucher is money and is never deleted'); END;
CREATE TRIGGER voucher_fixed BEFORE UPDATE OF id, tap_id, domain, card_key, counter, amount, request_time, entry ON voucher
BEGIN SELECT RAISE(ABORT, 'what a card signed does not change'); END;
CREATE TRIGGER voucher_stays_cancelled BEFORE UPDATE OF cancelled ON voucher WHEN OLD.cancelled = 1 AND NEW.cancelled = 0
BEGIN SELECT RAISE(ABORT, 'a word once given to settlement is not taken back'); END;
CREATE TABLE cancellation (
  tap_id TEXT PRIMARY KEY REFERENCES tap (id),
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  delivery TEXT NOT NULL CHECK (delivery IN ('unsent', 'packed', 'taken')),
  upload_seq INTEGER
) STRICT;
CREATE TRIGGER cancellation_stays BEFORE DELETE ON cancellation
BEGIN SELECT RAISE(ABORT, 'a word once given to settlement is not taken back'); END;
CREATE TABLE upload (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  seq INTEGER NOT NULL CHECK (seq > 0),
  head BLOB NOT NULL CHECK (length(head) = 128),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  body BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('packed', 'answered')),
  packed_at INTEGER NOT NULL,
  answered_at INTEGER,
  PRIMARY KEY (domain, seq)
) STRICT;
CREATE TRIGGER upload_fixed BEFORE UPDATE OF domain, seq, head, signature, body ON upload
BEGIN SELECT RAISE(ABORT, 'an upload is sent again as it was, never changed'); END;
`;
