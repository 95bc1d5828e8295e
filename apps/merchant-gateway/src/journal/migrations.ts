/** One step of the journal's form. Steps are never edited once released; a change is a new step. */
export interface Migration {
  /** `PRAGMA user_version` after this step. */
  readonly version: number;
  readonly sql: string;
}

/** "TLYJ": marks a SQLite file as a journal of ours. */
export const APPLICATION_ID = 0x544c_594a;

/**
 * The states of a tap and which may follow which (spec §5.2).
 */
const tapStates = `
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

const taps = `
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

const vouchers = `
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

const knowledge = `
CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  journal_id TEXT NOT NULL,
  payee BLOB NOT NULL,
  terminal_id BLOB NOT NULL,
  terminal_key BLOB NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;
CREATE TABLE clock_floor (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seconds INTEGER NOT NULL
) STRICT;
INSERT INTO clock_floor VALUES (1, 0);
CREATE TRIGGER clock_only_forward BEFORE UPDATE ON clock_floor WHEN NEW.seconds < OLD.seconds
BEGIN SELECT RAISE(ABORT, 'the clock floor only rises'); END;
CREATE TABLE status_list (
  domain BLOB PRIMARY KEY CHECK (length(domain) = 28),
  head BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  list BLOB NOT NULL,
  fetched_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sighting (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_key BLOB NOT NULL CHECK (length(card_key) = 33),
  counter INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  allowance_seq INTEGER NOT NULL,
  link BLOB NOT NULL CHECK (length(link) = 32),
  message_hash BLOB NOT NULL CHECK (length(message_hash) = 32),
  PRIMARY KEY (domain, card_key, counter, message_hash)
) STRICT;
CREATE TRIGGER sighting_stays BEFORE DELETE ON sighting
BEGIN SELECT RAISE(ABORT, 'what a card signed is evidence and is never deleted'); END;
`;

/** The chain of all that happened: a row's link is SHA-256(link before ‖ seq ‖ at ‖ kind ‖ 0 ‖ subject ‖ 0 ‖ state ‖ 0 ‖ body). */
const events = `
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;
CREATE INDEX event_by_subject ON event (kind, subject, seq);
CREATE TRIGGER event_append BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'events follow each other without a gap'); END;
CREATE TRIGGER event_fixed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
`;

/**
 * Money given back (spec §6.2). The states of a refund, which may follow which, and the signed transactions that carry it to the
 * chain. The indexes hold two promises where no code can break them: one transaction of a refund is under way at a time, and one
 * that gives value back is never followed by a second.
 */
const refunds = `
CREATE TABLE refund_state (
  name TEXT PRIMARY KEY,
  first INTEGER NOT NULL CHECK (first IN (0, 1)),
  meaning TEXT NOT NULL
) STRICT;
INSERT INTO refund_state VALUES
  ('cancelled', 1, 'the till said that it gave nothing; the counter is given up once settlement has the voucher'),
  ('releasing', 1, 'the counter is being given up on the chain'),
  ('refunding', 1, 'the amount is being given back on the chain'),
  ('refunded', 0, 'the value is back behind the card, in a final block'),
  ('refused', 0, 'the chain does not do it; nothing was given back');
CREATE TABLE refund_transition (
  before TEXT NOT NULL REFERENCES refund_state (name),
  after TEXT NOT NULL REFERENCES refund_state (name),
  PRIMARY KEY (before, after)
) STRICT;
INSERT INTO refund_transition VALUES
  ('cancelled', 'releasing'), ('cancelled', 'refunding'), ('cancelled', 'refunded'),
  ('releasing', 'refunding'), ('releasing', 'refunded'), ('releasing', 'refused'),
  ('refunding', 'refunded'), ('refunding', 'refused');
CREATE TABLE refund (
  tap_id TEXT NOT NULL REFERENCES tap (id),
  refund_id TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  state TEXT NOT NULL REFERENCES refund_state (name),
  code TEXT,
  detail TEXT,
  tx TEXT,
  block INTEGER,
  made_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (tap_id, refund_id)
) STRICT;
CREATE INDEX refund_open ON refund (made_at) WHERE state IN ('cancelled', 'releasing', 'refunding');
CREATE TRIGGER refund_begins BEFORE INSERT ON refund
WHEN NOT EXISTS (SELECT 1 FROM refund_state WHERE name = NEW.state AND first = 1)
BEGIN SELECT RAISE(ABORT, 'a refund does not begin in this state'); END;
CREATE TRIGGER refund_fits BEFORE INSERT ON refund
WHEN NEW.amount > (SELECT amount FROM tap WHERE id = NEW.tap_id)
   - (SELECT coalesce(sum(amount), 0) FROM refund WHERE tap_id = NEW.tap_id AND state <> 'refused')
BEGIN SELECT RAISE(ABORT, 'no more is given back than was paid'); END;
CREATE TRIGGER refund_changes BEFORE UPDATE OF state ON refund
WHEN OLD.state <> NEW.state
 AND NOT EXISTS (SELECT 1 FROM refund_transition WHERE before = OLD.state AND after = NEW.state)
BEGIN SELECT RAISE(ABORT, 'this change of state is not in the table'); END;
CREATE TRIGGER refund_fixed BEFORE UPDATE OF tap_id, refund_id, amount ON refund
BEGIN SELECT RAISE(ABORT, 'what is given back does not change'); END;
CREATE TRIGGER refund_stays BEFORE DELETE ON refund
BEGIN SELECT RAISE(ABORT, 'a refund is evidence and is never deleted'); END;
CREATE TABLE chain_action (
  hash TEXT PRIMARY KEY,
  tap_id TEXT NOT NULL,
  refund_id TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('approve', 'advance', 'release', 'refund')),
  account BLOB NOT NULL CHECK (length(account) = 20),
  nonce INTEGER NOT NULL,
  raw BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('signed', 'done', 'failed', 'lost')),
  made_at INTEGER NOT NULL,
  FOREIGN KEY (tap_id, refund_id) REFERENCES refund (tap_id, refund_id)
) STRICT;
CREATE UNIQUE INDEX one_action_at_a_time ON chain_action (tap_id, refund_id) WHERE state = 'signed';
CREATE UNIQUE INDEX given_back_once ON chain_action (tap_id, refund_id)
WHERE purpose IN ('release', 'refund') AND state IN ('signed', 'done');
CREATE TRIGGER chain_action_fixed BEFORE UPDATE OF hash, tap_id, refund_id, purpose, account, nonce, raw ON chain_action
BEGIN SELECT RAISE(ABORT, 'a signed transaction is sent again as it was, never changed'); END;
CREATE TRIGGER chain_action_ends BEFORE UPDATE OF state ON chain_action WHEN OLD.state <> 'signed'
BEGIN SELECT RAISE(ABORT, 'this transaction is at its end'); END;
CREATE TRIGGER chain_action_stays BEFORE DELETE ON chain_action
BEGIN SELECT RAISE(ABORT, 'a signed transaction may be mined at any time and is never forgotten'); END;
`;

/**
 * What the till read from the chain of owners who want something back (spec §5.5). It can be read again at any time, so it is no
 * evidence and not in the chain of events. A withdrawal's cover is what the vault and the owner's requests leave for vouchers.
 */
const chainFacts = `
CREATE TABLE chain_cursor (
  domain BLOB PRIMARY KEY CHECK (length(domain) = 28),
  block INTEGER,
  hash TEXT,
  as_of INTEGER NOT NULL
) STRICT;
CREATE TABLE chain_withdrawal (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card BLOB NOT NULL CHECK (length(card) = 20),
  units INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,
  PRIMARY KEY (domain, card)
) STRICT;
CREATE TABLE chain_released (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card BLOB NOT NULL CHECK (length(card) = 20),
  units INTEGER NOT NULL,
  PRIMARY KEY (domain, card)
) STRICT;
CREATE TABLE chain_cover (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card BLOB NOT NULL CHECK (length(card) = 20),
  bound INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (domain, card)
) STRICT;
CREATE TABLE chain_void (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card BLOB NOT NULL CHECK (length(card) = 20),
  counter INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,
  PRIMARY KEY (domain, card, counter)
) STRICT;
`;

/** All steps in order; the last version is the one this gateway writes. */
export const migrations: readonly Migration[] = Object.freeze([
  { version: 1, sql: taps + tapStates + vouchers + knowledge + events },
  { version: 2, sql: refunds },
  { version: 3, sql: chainFacts },
]);
