/**
 * Cards that the terminal has met, for their short forms (spec §5.16). Nothing of it is evidence: each
 * card shows it again, so it is outside the chain of events, and what was used long ago is deleted.
 */
export const knownCards = `
CREATE TABLE known_card (
  number INTEGER PRIMARY KEY,
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  card_tag BLOB NOT NULL CHECK (length(card_tag) = 8),
  card_key BLOB NOT NULL CHECK (length(card_key) = 33),
  body BLOB NOT NULL CHECK (length(body) = 62),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  seq INTEGER NOT NULL CHECK (seq > 0),
  short_forms TEXT NOT NULL CHECK (short_forms IN ('unknown', 'has', 'lacks')),
  in_doubt TEXT CHECK (in_doubt IN ('signature', 'second key')),
  used INTEGER NOT NULL,
  UNIQUE (card_tag, domain)
) STRICT;
CREATE INDEX known_card_used ON known_card (used);
CREATE INDEX known_card_short ON known_card (in_doubt) WHERE short_forms = 'has' AND in_doubt IS NULL;
`;
