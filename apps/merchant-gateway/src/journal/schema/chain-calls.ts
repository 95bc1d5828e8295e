/**
 * What the terminal's own key does on the chain: a call keeps its nonce, and has as many signed transactions as it took to have one
 * mined. The indexes hold two promises where no code can break them: one call of a refund is under way at a time, and one that
 * gives value back is never followed by a second. A call without a refund belongs to a claim. Replaces `chain_action`.
 */
export const chainCalls = `
CREATE TABLE chain_call (
  id TEXT PRIMARY KEY,
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  tap_id TEXT,
  refund_id TEXT,
  purpose TEXT NOT NULL CHECK (purpose IN ('approve', 'advance', 'release', 'refund', 'settle', 'withdraw')),
  account BLOB NOT NULL CHECK (length(account) = 20),
  nonce INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('signed', 'done', 'failed', 'lost')),
  nonce_taken INTEGER NOT NULL DEFAULT 0 CHECK (nonce_taken IN (0, 1)),
  made_at INTEGER NOT NULL,
  FOREIGN KEY (tap_id, refund_id) REFERENCES refund (tap_id, refund_id)
) STRICT;
CREATE TABLE chain_transaction (
  hash TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES chain_call (id),
  attempt INTEGER NOT NULL CHECK (attempt > 0),
  raw BLOB NOT NULL,
  stored_at INTEGER NOT NULL,
  UNIQUE (call_id, attempt)
) STRICT;
INSERT INTO chain_call (id, domain, tap_id, refund_id, purpose, account, nonce, state, made_at)
  SELECT hash, tap.domain, tap_id, refund_id, purpose, account, nonce, chain_action.state, made_at
  FROM chain_action JOIN tap ON tap.id = tap_id;
INSERT INTO chain_transaction (hash, call_id, attempt, raw, stored_at)
  SELECT hash, hash, 1, raw, made_at FROM chain_action;
DROP TABLE chain_action;
CREATE UNIQUE INDEX one_call_at_a_time ON chain_call (tap_id, refund_id) WHERE state = 'signed' AND tap_id IS NOT NULL;
CREATE UNIQUE INDEX given_back_once ON chain_call (tap_id, refund_id)
WHERE purpose IN ('release', 'refund') AND state IN ('signed', 'done') AND tap_id IS NOT NULL;
CREATE INDEX chain_call_live ON chain_call (account, nonce) WHERE state = 'signed';
CREATE TRIGGER chain_call_fixed BEFORE UPDATE OF id, domain, tap_id, refund_id, purpose, account, nonce ON chain_call
BEGIN SELECT RAISE(ABORT, 'a call keeps its nonce and its purpose'); END;
CREATE TRIGGER chain_call_ends BEFORE UPDATE OF state ON chain_call WHEN OLD.state <> 'signed'
BEGIN SELECT RAISE(ABORT, 'this call is at its end'); END;
CREATE TRIGGER chain_call_stays BEFORE DELETE ON chain_call
BEGIN SELECT RAISE(ABORT, 'a signed call may be mined at any time and is never forgotten'); END;
CREATE TRIGGER chain_transaction_fixed BEFORE UPDATE ON chain_transaction
BEGIN SELECT RAISE(ABORT, 'a signed transaction is sent again as it was, never changed'); END;
CREATE TRIGGER chain_transaction_follows BEFORE INSERT ON chain_transaction
WHEN NEW.attempt <> (SELECT coalesce(max(attempt), 0) + 1 FROM chain_transaction WHERE call_id = NEW.call_id)
  OR (SELECT state FROM chain_call WHERE id = NEW.call_id) <> 'signed'
BEGIN SELECT RAISE(ABORT, 'a call at its end gets no further transaction'); END;
CREATE TRIGGER chain_transaction_stays BEFORE DELETE ON chain_transaction
BEGIN SELECT RAISE(ABORT, 'a signed transaction may be mined at any time and is never forgotten'); END;
`;
