/** Of a merchant's newest vouchers, those whose batches are shown: a look at them is as quick for who has millions. */
export const OWN_BATCH_VOUCHERS = 5_000;
