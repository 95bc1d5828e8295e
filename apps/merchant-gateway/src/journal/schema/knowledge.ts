/**
 * What the terminal has learned of itself, of lists and of cards (spec §5.7); `sighting` holds its
 * observations.
 */
export const knowledge = `
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

/**
 * From which second on the issuer has withdrawn the terminal's certificate in a domain, the earliest
 * that settlement named (spec §5.17). It is never taken back, nor put off.
 */
export const withdrawals = `
CREATE TABLE certificate_withdrawal (
  domain BLOB PRIMARY KEY CHECK (length(domain) = 28),
  withdrawn_from INTEGER NOT NULL CHECK (withdrawn_from >= 0),
  told_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER withdrawal_only_earlier BEFORE UPDATE ON certificate_withdrawal
WHEN NEW.domain <> OLD.domain OR NEW.withdrawn_from >= OLD.withdrawn_from
BEGIN SELECT RAISE(ABORT, 'the earliest withdrawal counts'); END;
CREATE TRIGGER withdrawal_stays BEFORE DELETE ON certificate_withdrawal
BEGIN SELECT RAISE(ABORT, 'a withdrawal is never taken back'); END;
`;
