/**
 * Uploads that could not be taken as they were, and uploads of this terminal that its journal does
 * not hold (spec §5.7, §5.8). A row is written in the transaction that ends what it tells of: the
 * entries of an upload set aside stay under its number until a later upload takes them over.
 */
export const setAside = `
CREATE TABLE upload_set_aside (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  seq INTEGER NOT NULL,
  code TEXT NOT NULL,
  by_whom TEXT NOT NULL CHECK (by_whom IN ('settlement', 'anybody')),
  entries INTEGER NOT NULL CHECK (entries >= 0),
  parcels INTEGER NOT NULL CHECK (parcels BETWEEN 0 AND entries),
  alone INTEGER NOT NULL CHECK (alone IN (0, 1)),
  told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
  set_aside_at INTEGER NOT NULL,
  tried_at INTEGER NOT NULL,
  PRIMARY KEY (domain, seq),
  FOREIGN KEY (domain, seq) REFERENCES upload (domain, seq)
) STRICT;
CREATE INDEX upload_untold ON upload_set_aside (domain, seq) WHERE told = 0;
CREATE TRIGGER set_aside_fixed BEFORE UPDATE OF domain, seq, entries, parcels, alone, set_aside_at ON upload_set_aside
BEGIN SELECT RAISE(ABORT, 'what was set aside stays so'); END;
CREATE TRIGGER set_aside_stays BEFORE DELETE ON upload_set_aside
BEGIN SELECT RAISE(ABORT, 'an upload that was set aside is never forgotten'); END;
CREATE TABLE upload_forgotten (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  seq INTEGER NOT NULL CHECK (seq > 0),
  head BLOB NOT NULL CHECK (length(head) = 128),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  found_at INTEGER NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0 CHECK (accepted IN (0, 1)),
  PRIMARY KEY (domain, head)
) STRICT;
CREATE INDEX forgotten_by_number ON upload_forgotten (domain, seq) WHERE accepted = 1;
CREATE TRIGGER forgotten_fixed BEFORE UPDATE OF domain, seq, head, signature, found_at ON upload_forgotten
BEGIN SELECT RAISE(ABORT, 'what a terminal signed does not change'); END;
CREATE TRIGGER forgotten_stays BEFORE DELETE ON upload_forgotten
BEGIN SELECT RAISE(ABORT, 'that a journal forgot is never forgotten'); END;
`;
