/**
 * Allowances on their way to cards, and what a terminal saw of cards for whom they are (spec §5.10).
 * Nothing of it is evidence: the issuer's mailbox has it all again, so it is outside the chain of
 * events, and what its card has taken is deleted.
 */
export const mailbox = `
CREATE TABLE mailbox_entry (
  number INTEGER PRIMARY KEY,
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_tag BLOB NOT NULL CHECK (length(card_tag) = 8),
  seq INTEGER NOT NULL CHECK (seq > 0),
  entry BLOB NOT NULL CHECK (length(entry) = 134),
  refused INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1)),
  UNIQUE (domain, card_tag)
) STRICT;
CREATE TABLE mailbox_cursor (
  domain BLOB PRIMARY KEY CHECK (length(domain) = 28),
  cursor BLOB NOT NULL CHECK (length(cursor) = 16)
) STRICT;
CREATE TABLE card_seen (
  number INTEGER PRIMARY KEY,
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_tag BLOB NOT NULL CHECK (length(card_tag) = 8),
  left_units INTEGER NOT NULL,
  UNIQUE (domain, card_tag)
) STRICT;
`;

/**
 * What became of an allowance that a tap gave its card: what SELECT showed before and after it,
 * durable before the sale is decided (spec §5.7).
 */
export const allowanceUpdates = `
CREATE TABLE allowance_update (
  tap_id TEXT PRIMARY KEY,
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_key BLOB NOT NULL CHECK (length(card_key) = 33),
  entry BLOB NOT NULL CHECK (length(entry) = 134),
  sw TEXT,
  before BLOB NOT NULL CHECK (length(before) = 234),
  after BLOB NOT NULL CHECK (length(after) = 234),
  at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER allowance_update_fixed BEFORE UPDATE ON allowance_update
BEGIN SELECT RAISE(ABORT, 'what a card showed is never changed'); END;
CREATE TRIGGER allowance_update_stays BEFORE DELETE ON allowance_update
BEGIN SELECT RAISE(ABORT, 'what a card showed is never deleted'); END;
`;

/** What suspended cards proved of themselves after an update, until an upload has brought it. */
export const stateProofs = `
CREATE TABLE state_proof (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_key BLOB NOT NULL CHECK (length(card_key) = 33),
  entry BLOB NOT NULL,
  upload_seq INTEGER,
  PRIMARY KEY (domain, card_key)
) STRICT;
`;
