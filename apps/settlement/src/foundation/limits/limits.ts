import { CLOCK_SKEW_SECONDS } from "@tallystick/protocol";

/** Every bound of the settlement service, each with its reason. */
export const LIMITS = {
  /** An upload has at most 1,000 entries (spec, upload body); in hex with its certificate that is below this many bytes. */
  httpBodyBytes: 1_048_576,
  /** Entries of one upload; the codec refuses more. */
  uploadEntries: 1_000,
  /** Uploads verified or waiting at once: 64 full ones are 50 MB and some ten seconds of work. */
  uploadsInFlight: 64,
  /** Seconds by which a terminal's clock and ours may differ (spec §6.8). */
  clockSkewSeconds: CLOCK_SKEW_SECONDS,
  /** A batch must fit a block's transaction: EIP-7825 caps one transaction at 2^24 gas. */
  transactionGas: 16_777_216n,
  /** Vouchers one batch may hold at most, whatever the configuration says: the count of a payload's group is u16. */
  batchVouchers: 1_000,
  /** Words of 256 counters one advance may write: what a card's lead of 1,024 counters needs, and some. */
  advanceWords: 8,
  /** Advances planned before one batch: each is a transaction of its own that the batch waits for. */
  batchAdvances: 8,
  /** Gas a batch may be planned for at most: what may still be bought an eighth more of within one transaction's gas. */
  batchGas: 14_900_000,
  /** Gas below which a batch makes no sense: no voucher by itself uses so much. */
  leastBatchGas: 200_000,
  /** Rows of final blocks that are taken into the vault's stored state at once. */
  mirroredRows: 5_000,
  /** Times one action's fee is raised before it only waits and alarms the operator. */
  feeBumps: 20,
  /** Times a skipped voucher is put into a batch again by itself; afterwards a new deposit or an operator must cause it. */
  voucherAttempts: 5,
  /** Blocks read by one log query: public RPC endpoints refuse wider ranges. */
  logRangeBlocks: 1_000,
  /** Calldata of unfinal transactions that a process keeps in memory: some hundred full batches. */
  recentInputBytes: 33_554_432,
  /** Vouchers that one refund is shared between; a refund of more payments at once leaves the rest with the card. */
  refundShares: 64,
  /** Rows a relay takes from the outbox in one transaction. */
  outboxRows: 200,
  /** Actions the sender looks at in one pass. */
  senderActions: 64,
  /** Rows any listing endpoint answers. */
  listRows: 200,
  /** Vouchers of one card that are looked at together for gaps. */
  streamVouchers: 50_000,
  /** Cards in one status list: 2 bits a card keeps the raw list below 4 MiB. */
  cards: 16_777_216,
  /** Characters of an issuer's free reference or key. */
  referenceCharacters: 128,
  /** Characters of an amount in a request: as many as the wire schemas of the protocol take. */
  amountCharacters: 34,
  /** A stored sequence jumps by this much after the database was restored from a copy (spec, allowance). */
  restoreJump: 65_536,
  /** Milliseconds an RPC call may take before it counts as failed. */
  rpcTimeoutMs: 20_000,
  /** Milliseconds Redis may take before it counts as away. */
  redisTimeoutMs: 3_000,
  /** Milliseconds a statement may run: no request may hold locks for longer. */
  statementTimeoutMs: 30_000,
  /** Times a reconciliation is read again when the books moved on meanwhile. */
  reconciliationAttempts: 10,
  /** Anchored roots that a reconciliation computes anew from the log; each costs some reads for every doubling of the log. */
  anchorsRecomputed: 8,
  /** Milliseconds for which the metrics repeat the last reconciliation: it reads every card of the vault. */
  moneyFiguresMs: 60_000,
  /** Faults of one request body that an answer lists. */
  reportedIssues: 8,
  /** Contract reads on their way at once. */
  parallelReads: 32,
  /** Milliseconds between two passes of the outbox relay: how long a wake-up call may wait. */
  relayMs: 100,
  /** Milliseconds between two passes of the reconciler that derives lost jobs again. */
  reconcilerMs: 1_000,
  /** A fee may be raised up to this many times what the network asked when the action was first signed. */
  feeCeilingFactor: 20n,
} as const;
