/**
 * What is told to a merchant's own programs of its sales. It follows from the event log, whose place it keeps, and
 * is no entry of it.
 */
export const webhooks = `
CREATE TABLE webhook_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_event (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE,
  type TEXT NOT NULL,
  sale_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE webhook_delivery (
  id INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL REFERENCES webhook_event (id) ON DELETE CASCADE,
  endpoint TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts INTEGER NOT NULL,
  next_at INTEGER CHECK ((state = 'waiting') = (next_at IS NOT NULL)),
  last_at INTEGER,
  last_code TEXT,
  last_status INTEGER,
  UNIQUE (event_id, endpoint)
) STRICT;
CREATE INDEX webhook_due ON webhook_delivery (endpoint, next_at, id) WHERE state = 'waiting';
CREATE INDEX webhook_by_endpoint ON webhook_delivery (endpoint, id);
CREATE TABLE webhook_disabled (
  endpoint TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
`;
