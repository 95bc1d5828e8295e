/**
 * Lanes: a tap is of the lane whose reader its card lay on last, and one sale is open at each. What was
 * before is of the one lane that there was. `lane` holds a reader that somebody gave to a lane in place
 * of the configured one.
 */
export const lanes = `
ALTER TABLE tap ADD COLUMN lane TEXT NOT NULL DEFAULT '1';
ALTER TABLE sale ADD COLUMN lane TEXT NOT NULL DEFAULT '1';
DROP INDEX one_open_sale;
CREATE UNIQUE INDEX one_open_sale ON tap (lane) WHERE sale_open = 1;
CREATE INDEX tap_paid_at_lane ON tap (lane, created_at) WHERE state = 'accepted';
CREATE TABLE lane (
  name TEXT PRIMARY KEY,
  configured TEXT NOT NULL,
  reader TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
`;
