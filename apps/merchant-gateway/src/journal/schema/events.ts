/** The log of all that happened, hash-chained: a row's link is SHA-256(link before ‖ seq ‖ at ‖ kind ‖ 0 ‖ subject ‖ 0 ‖ state ‖ 0 ‖ body). */
export const events = `
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;
CREATE INDEX event_by_subject ON event (kind, subject, seq);
CREATE TRIGGER event_append BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'events follow each other without a gap'); END;
CREATE TRIGGER event_fixed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
`;
