/**
 * What the till read from the chain of owners who want something back (spec §5.5). It can be read again at any time, so it is no
 * evidence and not in the chain of events. A withdrawal's cover is what the vault and the owner's requests leave for vouchers.
 */
export const chainFacts = `
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
