/** The states of a tap and which may follow which (spec §5.2); `cancelled` is a reversed tap. */
export const tapStates = `
CREATE TABLE tap_state (
  name TEXT PRIMARY KEY,
  first INTEGER NOT NULL CHECK (first IN (0, 1)),
  meaning TEXT NOT NULL
) STRICT;
INSERT INTO tap_state VALUES
  ('intent', 1, 'durable; PAY may have been sent'),
  ('unresolved', 0, 'torn, or the gateway stopped in between'),
  ('accepted', 0, 'the voucher was verified; the till may say paid'),
  ('refused', 1, 'the card or the till refused; nothing is owed'),
  ('expired', 0, 'unresolved for longer than the upload window; never paid'),
  ('cancelled', 0, 'the till gave nothing and says so with its next upload');
CREATE TABLE tap_transition (
  before TEXT NOT NULL REFERENCES tap_state (name),
  after TEXT NOT NULL REFERENCES tap_state (name),
  PRIMARY KEY (before, after)
) STRICT;
INSERT INTO tap_transition VALUES
  ('intent', 'unresolved'), ('intent', 'accepted'), ('intent', 'refused'),
  ('unresolved', 'accepted'), ('unresolved', 'refused'), ('unresolved', 'expired'),
  ('unresolved', 'cancelled'), ('refused', 'cancelled'), ('expired', 'cancelled');
CREATE TRIGGER tap_begins BEFORE INSERT ON tap
WHEN NOT EXISTS (SELECT 1 FROM tap_state WHERE name = NEW.state AND first = 1)
BEGIN SELECT RAISE(ABORT, 'a tap does not begin in this state'); END;
CREATE TRIGGER tap_changes BEFORE UPDATE OF state ON tap
WHEN OLD.state <> NEW.state
 AND NOT EXISTS (SELECT 1 FROM tap_transition WHERE before = OLD.state AND after = NEW.state)
BEGIN SELECT RAISE(ABORT, 'this change of state is not in the table'); END;
CREATE TRIGGER tap_stays BEFORE DELETE ON tap
BEGIN SELECT RAISE(ABORT, 'a tap is evidence and is never deleted'); END;
`;

/** One row for each request for a payment (spec §5.2). */
export const taps = `
CREATE TABLE tap (
  id TEXT PRIMARY KEY,
  sale_id TEXT NOT NULL,
  sale_open INTEGER NOT NULL CHECK (sale_open IN (0, 1)),
  state TEXT NOT NULL REFERENCES tap_state (name),
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  amount INTEGER NOT NULL CHECK (amount > 0),
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  card_key BLOB CHECK (card_key IS NULL OR length(card_key) = 33),
  select_answer BLOB,
  request BLOB CHECK (request IS NULL OR length(request) = 67),
  counter INTEGER,
  request_time INTEGER,
  code TEXT,
  sw TEXT,
  apdus INTEGER NOT NULL DEFAULT 0,
  answer BLOB,
  voucher_id BLOB CHECK (voucher_id IS NULL OR length(voucher_id) = 32),
  spent_before INTEGER,
  spent_after INTEGER,
  pin_verified INTEGER NOT NULL DEFAULT 0 CHECK (pin_verified IN (0, 1)),
  read_back INTEGER NOT NULL DEFAULT 0 CHECK (read_back IN (0, 1)),
  CHECK (state = 'refused' OR request IS NOT NULL),
  CHECK (state <> 'accepted' OR voucher_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX one_open_sale ON tap (sale_open) WHERE sale_open = 1;
CREATE INDEX tap_unresolved ON tap (card_key, counter) WHERE state IN ('intent', 'unresolved');
CREATE INDEX tap_to_read_back ON tap (card_key, counter) WHERE state = 'cancelled' AND read_back = 0;
CREATE INDEX tap_by_sale ON tap (sale_id);
CREATE INDEX tap_by_time ON tap (created_at);
`;
