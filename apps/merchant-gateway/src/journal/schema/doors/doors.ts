/**
 * People with their roles and tries, devices that were paired, and codes by which one is. Keys and codes
 * stand as hashes, PINs as Argon2id. Rows stay: the log names people and devices for good.
 */
export const doors = `
CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'cashier')),
  pin TEXT NOT NULL,
  wrong INTEGER NOT NULL DEFAULT 0 CHECK (wrong >= 0),
  locked_until INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX person_by_name ON person (folded) WHERE removed_at IS NULL;
CREATE TRIGGER person_stays BEFORE DELETE ON person
BEGIN SELECT RAISE(ABORT, 'the log names people for good'); END;
CREATE TABLE device (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  key_hash BLOB NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  paired_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE TRIGGER device_stays BEFORE DELETE ON device
BEGIN SELECT RAISE(ABORT, 'the log names devices for good'); END;
CREATE TRIGGER device_revoked BEFORE UPDATE ON device WHEN OLD.revoked_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revoked device stays revoked'); END;
CREATE TABLE pairing_code (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  wrong INTEGER NOT NULL DEFAULT 0 CHECK (wrong >= 0)
) STRICT;
`;
