import { VOUCHER_BUNDLE_LENGTH } from "@tallystick/protocol";
import { MAX_REASON_LENGTH } from "@tallystick/protocol/wire";

/** A day in milliseconds; quotas and daily sums are counted by it. */
export const DAY_MS = 86_400_000;

/** Every bound of the settlement service, each with its reason, by the storey that keeps it. */
export const LIMITS = {
  // Requests and answers.
  /**
   * An upload has at most 1,000 entries (spec, upload body); as hex with its certificate it is
   * below this.
   */
  httpBodyBytes: 1_048_576,
  /** Rows any listing endpoint answers: what a page shows, and no heavy query for anybody. */
  listRows: 200,
  /** Characters of the name by which an issuing station calls itself in the audit log. */
  stationCharacters: 64,
  /** Characters of a reference or an address that cards are looked for by. */
  searchCharacters: 128,
  /** Characters of an issuer's free reference or key: any id of another system fits. */
  referenceCharacters: 128,
  /** Characters of a reason: as many as the wire schemas of the protocol take. */
  reasonCharacters: MAX_REASON_LENGTH,
  /** Characters of an amount in a request: as many as the wire schemas of the protocol take. */
  amountCharacters: 34,

  /** Bytes of a file that `verify` reads: an entry's hexadecimal text, prefix and a line's end. */
  verifiedFileBytes: 2 * VOUCHER_BUNDLE_LENGTH + 8,

  // Configuration.
  /** Most requests of one address in a minute: more than a server answers. */
  requestsPerMinute: 1_000_000,
  /** Most bytes of a terminal in a day that can be allowed: above a terabyte a value is a slip. */
  uploadBytesPerDay: 1_099_511_627_776,
  /** Most refused entries of a terminal in a day that can be allowed. */
  refusedEntriesPerDay: 10_000_000,
  /** Seconds after which a terminal above its quota asks again: some of its day is over then. */
  quotaRetrySeconds: 3_600,
  /** A port is two bytes. */
  highestPort: 65_535,
  /** Bearer tokens: every one is compared in every guarded call. */
  tokens: 32,
  /** Former treasuries and gas wallets whose keys one configuration names: each is a lane of its own. */
  formerChainKeys: 8,
  /** Keys the issuer signed with before: every key id is one byte, and few are ever replaced. */
  formerIssuerKeys: 16,
  /** Issuer keys that sign beside the present one: each list has a head of each. */
  parallelIssuerKeys: 3,
  /** Threads that verify signatures: more than any machine has cores to spare. */
  verificationThreads: 64,
  /**
   * Shortest configurable interval, milliseconds: below it a loop would only keep the node and the
   * database busy.
   */
  leastIntervalMs: 10,
  /** Longest configurable interval: a day, above which a value is a slip. */
  mostIntervalMs: DAY_MS,

  // Database and Redis.
  /** Connections of one process: PostgreSQL's default of 100 then serves eight processes. */
  databaseConnections: 12,
  /** Milliseconds a statement may run: no request may hold locks for longer. */
  statementTimeoutMs: 30_000,
  /**
   * Milliseconds until a session is open or a busy pool has one to spare: a request that waits
   * longer is answered 503, and asks again.
   */
  databaseConnectMs: 10_000,
  /**
   * Milliseconds without an answer after which a session is given up: more than a statement may run,
   * which the server itself ends first.
   */
  databaseAnswerMs: 35_000,
  /** Seconds after which a caller may ask again whom the database did not answer. */
  databaseRetrySeconds: 5,
  /** Times a transaction runs that meets another one: each time one of the two has ended. */
  transactionAttempts: 6,
  /** Milliseconds Redis may take before it counts as away. */
  redisTimeoutMs: 3_000,
  /**
   * Milliseconds by which the pause before a new connection to Redis grows, and at most reaches.
   */
  redisRetryStepMs: 100,
  redisRetryMostMs: 2_000,
  /** Nodes of a Redis Cluster that are named: one that answers is enough to find the others. */
  redisNodes: 32,
  /** Redis's port, where a URL names none. */
  redisPort: 6_379,

  /** Seconds for which Redis keeps what a probe writes. */
  redisProbeSeconds: 60,

  // Chain.
  /** Actions of one account the sender takes in one pass: each may be several calls to the node. */
  senderActions: 64,
  /** Blocks read by one log query: public RPC endpoints refuse wider ranges. */
  logRangeBlocks: 1_000,
  /** Contract reads on their way at once: public RPC endpoints limit bursts. */
  parallelReads: 32,

  // Watching the money.
  /** Seconds after which a caller tries again what the token or the vault refuses now: one watch. */
  moneyRetrySeconds: 60,
  /** Milliseconds between two trials of whether the token moves. */
  transferTrialMs: 60_000,
  /** Payees whose payout is tried in one pass: some calls, and all of them within hours. */
  payeesTried: 32,
  /**
   * Milliseconds between two sums of the vault, and at most, where a sum takes long: a sum reads
   * every card.
   */
  leastSumPauseMs: 2_000,
  mostSumPauseMs: 60_000,
  /** Times its own duration that a sum's reader rests: sums are a part of the node's work. */
  sumRest: 3,
  /** Milliseconds from which on a reading is long, and rests: below it, answers are fresh. */
  longReadMs: 1_000,

  // Issuing.
  /** Days before an allowance's end from which on what its card holds is reported as expiring: a quarter. */
  expiringDays: 90,
  /** Milliseconds between two looks at a replacement: its withdrawal takes days, and each look reads the chain. */
  replacementLookMs: 60_000,
  /** A day in seconds. */
  daySeconds: 86_400,
  /** Seconds before notAfter from which on an allowance is renewed: a quarter, in which a card is seen. */
  renewalLeadSeconds: 90 * 86_400,
  /** Counters before maxCounter from which on an allowance is renewed. */
  renewalCounters: 256,
  /** Most days between two starts of the no-PIN sums: above ten years a value is a slip. */
  noPinResetDays: 3_650,
  /** Cards of one tag that are looked at: it has 64 bits, so there is one. */
  cardsOfTag: 4,
  /** Milliseconds until a card whose first deposit is on its way is looked at again: some blocks of a quick chain. */
  firstDepositMs: 2_000,
  /** Milliseconds that the policy rests after it has looked at every card. */
  policyRestMs: 60_000,
  /** Vouchers of one card that are compared for gaps: some ten payments a day for a card's life. */
  streamVouchers: 50_000,
  /** Cards in one status list: 2 bits a card keeps the raw list below 4 MiB. */
  cards: 16_777_216,
  /**
   * A stored sequence jumps by this much after the database was restored from a copy (spec,
   * allowance).
   */
  restoreJump: 65_536,
  /**
   * Seconds after which a ripe withdrawal of a card's owner expires: a constant of the vault (spec
   * §7.5).
   */
  withdrawalOpenSeconds: 604_800n,

  // Books.
  /** Steps of the ledger's history read at a time: bounds the memory of an export. */
  journalPageSteps: 1_000,

  // Vouchers.
  /** Uploads verified or waiting at once: 64 full ones are 50 MB and some ten seconds of work. */
  uploadsInFlight: 64,
  /**
   * Vouchers one batch may hold, whatever the configuration names: the count of a payload's group
   * is u16.
   */
  batchVouchers: 1_000,
  /**
   * Gas a batch may be planned for: what may still be bought an eighth more of within one
   * transaction's gas.
   */
  batchGas: 14_900_000,
  /** Gas below which a batch makes no sense: no voucher by itself uses so much. */
  leastBatchGas: 200_000,
  /**
   * Words of 256 counters one advance may write: what a card's lead of 1,024 counters needs, and
   * some.
   */
  advanceWords: 8,
  /**
   * Advances planned before one batch: each is a transaction of its own that the batch waits for.
   */
  batchAdvances: 8,
  /**
   * Rows of final blocks that are applied to the vault's stored state at once: bounds one
   * transaction's memory.
   */
  mirroredRows: 5_000,
  /** W in seconds, a constant of the vault (spec §7.5): an unpaid voucher is owed this long after its time. */
  vaultDelaySeconds: 1_382_400,
  /**
   * Times a skipped voucher is put into a batch again by itself; afterwards a deposit or an
   * operator must cause it.
   */
  voucherAttempts: 5,
  /** `resendMs` for which a voucher waits that alone needs more gas than a block has: blocks grow. */
  tooDearResends: 6,
  /** Milliseconds for which a voucher may be withheld before there is an alarm (spec §6.12). */
  withheldAlarmMs: 7 * DAY_MS,
  /**
   * Vouchers that one refund is shared between; a refund of more payments at once leaves the rest
   * with the card.
   */
  refundShares: 64,

  /** Most requests of a terminal in five minutes: each keeps a nonce of some 100 bytes for ten. */
  terminalRequests: 30_000,
  /** Seconds in which a terminal's requests are counted. */
  requestQuotaSeconds: 300,
  /** Nonces that are too old and are forgotten with each new one: more go than come. */
  noncesForgotten: 16,
  /**
   * Seconds for which a nonce is kept beyond its time: the clocks of replicas differ by no more.
   */
  nonceMarginSeconds: 300,
  /** Most refund orders of a payee in a day: each is a transaction of some 100,000 gas. */
  refundOrders: 100_000,

  // The end.
  /**
   * Milliseconds in which a process ends, also where a node, the database or Redis hang: below the
   * ten seconds that orchestrators usually give.
   */
  endMs: 8_000,
  /** Milliseconds of them for what loops and workers are in the middle of. */
  watchEndMs: 4_000,
  /** Milliseconds of them for open connections to end by themselves. */
  connectionsEndMs: 1_500,

  // Work.
  /**
   * Jobs of one topic that a process runs at once: one may wait for the node while the other works.
   */
  jobsAtOnce: 2,
  /** Rows a relay takes from the outbox in one transaction: bounds how long they stay locked. */
  outboxRows: 200,
  /** Milliseconds between two passes of the outbox relay: how long a wake-up call may wait. */
  relayMs: 100,
  /** Own transactions whose receipts one pass of the watcher compares with the recorded events. */
  checkedActions: 20,
  /** Milliseconds after which the watcher asks again a node that failed or contradicts itself. */
  watcherFirstPauseMs: 250,
  /** Milliseconds that it waits at most: what is wrong must be seen to be over soon. */
  watcherMostPauseMs: 2_000,
  /** Milliseconds until a refused funding or payout is simulated again for the first time. */
  retryFirstMs: 1_000,
  /** Milliseconds between two simulations of it at most: a treasury may be empty for days. */
  retryMostMs: 300_000,
  /** Milliseconds between two passes of the reconciler that derives lost jobs again. */
  reconcilerMs: 1_000,

  // Operations.
  /**
   * Milliseconds for which readiness names a voucher that was paid twice: a month, in which books
   * are closed; it stays on record.
   */
  paidTwiceAlarmMs: 30 * DAY_MS,
  /**
   * Anchored roots computed anew from the log: each costs some reads for every doubling of the log.
   */
  anchorsRecomputed: 8,
  /**
   * Milliseconds for which the metrics and the page repeat the last reconciliation: it reads every
   * card of the vault.
   */
  moneyFiguresMs: 60_000,
  /** Milliseconds for which the page repeats it. */
  pageFiguresMs: 5_000,
  /** Seconds after which the page says how old its lists are: it is loaded anew as often. */
  pageOldSeconds: 15,
  /** Milliseconds that `GET /v1/reconciliation` waits for a sum before it answers the last one. */
  sumWaitMs: 5_000,
  /** Seconds after which somebody asks again who came before the first sum. */
  sumRetrySeconds: 5,
  /** Milliseconds that readiness, page and metrics wait for anything: they answer within a second. */
  answerWaitMs: 700,
  /** Milliseconds that a start waits for a node to be compared with. */
  startComparisonMs: 10_000,
  /** Milliseconds that one line of `check-config` may take. */
  checkMs: 5_000,
  /** Milliseconds between two looks of a probe, and for which one look may last. */
  probeMs: 500,
  probeLimitMs: 2_000,
  /** Milliseconds between two looks at what accounts hold: some calls to the node. */
  fuelProbeMs: 5_000,
  /** Milliseconds that the last final block may be behind the chain's before money stands still. */
  cursorBehindMs: 180_000,
  /** Milliseconds after which the newest block of a chain is old: far above any chain's interval. */
  chainStandsMs: 600_000,
  /** Milliseconds that an action may wait to stand in a block. */
  actionStandsMs: 600_000,
  /** Milliseconds that a voucher may wait for a batch beyond `batch.maxAgeMs`. */
  unbatchedStandsMs: 120_000,
  /** Milliseconds that a wake-up call may wait for its queue. */
  outboxStandsMs: 60_000,
  /** Batches whose gas is measured to say how many more can be paid. */
  batchesMeasured: 20,
  /** Batches that the treasury's gas must pay at least; fewer are a warning. */
  fuelLowBatches: 20,
  /** Most batches that are named: more are enough. */
  fuelMostBatches: 1_000_000,
} as const;
