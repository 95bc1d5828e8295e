/**
 * What the vault logged of owners who want something back (spec §5.5). It can be read again at any time, so it is not evidence and
 * not in the event log. A withdrawal's cover is what the vault and the owner's requests leave for vouchers.
 */
export const chainEvents = `
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

/**
 * Voided counters, whose worth stays behind their card (spec §6.3), and cards that the vault has flagged. What was read before
 * these were kept is read again from the start.
 */
export const voidedCounters = `
CREATE TABLE chain_voided (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card BLOB NOT NULL CHECK (length(card) = 20),
  counter INTEGER NOT NULL,
  PRIMARY KEY (domain, card, counter)
) STRICT;
CREATE INDEX voucher_by_counter ON voucher (domain, counter) WHERE delivery <> 'final';
ALTER TABLE chain_cover ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1));
DELETE FROM chain_withdrawal;
DELETE FROM chain_released;
DELETE FROM chain_void;
UPDATE chain_cursor SET block = NULL, hash = NULL;
`;
