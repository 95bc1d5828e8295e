/** What a decision asks about one card or about all software cards, however long the journal is (spec §5.4). */
export const openPayments = `
CREATE INDEX voucher_by_card ON voucher (card_key, domain);
CREATE INDEX voucher_of_software ON voucher (domain, delivery, settlement_state) WHERE software = 1 AND cancelled = 0;
CREATE INDEX tap_that_convicts ON tap (card_key, domain) WHERE code IN ('COUNTER_USED_TWICE', 'SIGHTING_MISMATCH');
`;
