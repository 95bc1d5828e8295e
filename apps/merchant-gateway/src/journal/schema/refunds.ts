/**
 * Money that goes back to cards (spec §6.2): the states of a refund, which may follow which, and the signed transactions that carry it to the
 * chain. The indexes hold two promises where no code can break them: one transaction of a refund is under way at a time, and one
 * that gives value back is never followed by a second.
 */
export const refunds = `
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
