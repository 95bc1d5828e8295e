/**
 * Answers that callers may ask for again by a key of their own. They are no entries of the journal:
 * what a call did stands there, and the answer only says it again.
 */
export const answeredCalls = `
CREATE TABLE answered_call (
  key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
  answer TEXT NOT NULL,
  answered_at INTEGER NOT NULL
) STRICT;
CREATE INDEX answered_call_by_time ON answered_call (answered_at);
`;
