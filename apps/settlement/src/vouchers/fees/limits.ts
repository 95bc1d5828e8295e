/** Nonces whose receipts one pass of the fees asks for: some calls to the node a second. */
export const FEE_NONCES = 20;

/** Accounts that send: the treasury, the guarantee's, and those of before. */
export const FEE_ACCOUNTS = 16;

/** Milliseconds until nonces are asked for again of which the node showed no receipt: it may have been behind. */
export const FEE_AGAIN_MS = 60_000;
