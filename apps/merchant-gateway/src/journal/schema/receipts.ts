/**
 * Receipts of uploads, and the clock's floor of each domain in its two parts (spec §5.5, §5.7). A
 * part falls only by a live answer: the receipt of an upload of that domain. `clock_floor` stays as
 * what a journal of before knew for all domains.
 */
export const receipts = `
CREATE TABLE receipt (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  seq INTEGER NOT NULL,
  receipt BLOB NOT NULL CHECK (length(receipt) = 101),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  received_at INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  PRIMARY KEY (domain, seq),
  FOREIGN KEY (domain, seq) REFERENCES upload (domain, seq)
) STRICT;
CREATE TRIGGER receipt_fixed BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is evidence and is never changed'); END;
CREATE TRIGGER receipt_stays BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is evidence and is never deleted'); END;
CREATE TABLE clock_floor_part (
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  part TEXT NOT NULL CHECK (part IN ('signed', 'local')),
  seconds INTEGER NOT NULL,
  head_seq INTEGER,
  lowered_by INTEGER,
  PRIMARY KEY (domain, part)
) STRICT;
CREATE TRIGGER clock_falls_by_receipt BEFORE UPDATE OF seconds ON clock_floor_part
WHEN NEW.seconds < OLD.seconds
 AND NOT EXISTS (SELECT 1 FROM receipt WHERE domain = NEW.domain AND seq = NEW.lowered_by)
BEGIN SELECT RAISE(ABORT, 'only a live answer lowers the clock floor'); END;
CREATE TRIGGER clock_part_stays BEFORE DELETE ON clock_floor_part
BEGIN SELECT RAISE(ABORT, 'the clock floor is never forgotten'); END;
`;
