/**
 * What a cashier asked to be paid (spec §5.11): written once, before a card is awaited. Where the sale
 * stands is told by its taps alone, so that the two can never differ.
 */
export const sales = `
CREATE TABLE sale (
  id TEXT PRIMARY KEY,
  currency TEXT NOT NULL,
  decimals INTEGER NOT NULL CHECK (decimals >= 0),
  amount INTEGER NOT NULL CHECK (amount > 0),
  cashier TEXT,
  reference TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sale_by_time ON sale (created_at);
CREATE INDEX sale_by_cashier ON sale (cashier, created_at) WHERE cashier IS NOT NULL;
CREATE TRIGGER sale_fixed BEFORE UPDATE ON sale
BEGIN SELECT RAISE(ABORT, 'a sale stays as it was asked for'); END;
CREATE TRIGGER sale_stays BEFORE DELETE ON sale
BEGIN SELECT RAISE(ABORT, 'a sale is never deleted'); END;
CREATE INDEX tap_paid_by_card ON tap (card_key, created_at) WHERE state = 'accepted';
`;
