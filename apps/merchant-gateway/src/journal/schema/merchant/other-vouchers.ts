/**
 * What other terminals of the payee sold, as settlement listed it (spec §6.15): it can be asked again, and is no entry
 * of the log. Nothing here is uploaded, reversed or refunded by this terminal.
 */
export const otherVouchers = `
CREATE TABLE other_voucher (
  voucher_id BLOB PRIMARY KEY CHECK (length(voucher_id) = 32),
  domain BLOB NOT NULL CHECK (length(domain) = 28),
  terminal_id BLOB NOT NULL CHECK (length(terminal_id) = 8),
  card TEXT NOT NULL,
  counter INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  sold_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  code TEXT,
  tx TEXT,
  asked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX other_voucher_sold ON other_voucher (sold_at, voucher_id);
`;
