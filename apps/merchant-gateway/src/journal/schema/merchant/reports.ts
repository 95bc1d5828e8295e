/**
 * Closed periods: each covers the entries of the event log behind those of the one before, so that no payment
 * stands in two of them or in none. What they came to is kept as it was shown.
 */
export const reports = `
CREATE TABLE report (
  number INTEGER PRIMARY KEY CHECK (number > 0),
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL CHECK (to_seq >= from_seq),
  head BLOB NOT NULL CHECK (length(head) = 32),
  closed_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TRIGGER report_follows BEFORE INSERT ON report
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM report)
  OR NEW.from_seq <> (SELECT coalesce(max(to_seq), 0) FROM report)
BEGIN SELECT RAISE(ABORT, 'reports follow one another without a gap'); END;
CREATE TRIGGER report_fixed BEFORE UPDATE ON report
BEGIN SELECT RAISE(ABORT, 'a closed period stays as it was closed'); END;
CREATE TRIGGER report_stays BEFORE DELETE ON report
BEGIN SELECT RAISE(ABORT, 'a closed period is never forgotten'); END;
`;
