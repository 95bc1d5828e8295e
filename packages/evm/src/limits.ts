/** Every bound of this package, each with its reason. */

/** Gas that one transaction may use (EIP-7825). */
export const MAX_TRANSACTION_GAS = 16_777_216n;

/**
 * An offer is this many times the base fee, and the tip: six full blocks in a row do not price it
 * out.
 */
export const BASE_FEE_FACTOR = 2n;

/**
 * A fee may grow to this many times the first offer for its nonce: by then a person must decide.
 */
export const FEE_CEILING_FACTOR = 20n;

/**
 * Times that one transaction is replaced; its fee has grown tenfold by then, and a person must
 * decide.
 */
export const MAX_REPLACEMENTS = 20;

/**
 * An unmined transaction is replaced by one that offers more after this time: four blocks of
 * Ethereum.
 */
export const DEFAULT_REPLACE_AFTER_SECONDS = 48;

/** Seconds until a replacement that a configuration may name: a day, above which one is a slip. */
export const MAX_REPLACE_AFTER_SECONDS = 86_400;

/** An unmined transaction is sent again, byte for byte, this often: one block of Ethereum. */
export const DEFAULT_RESEND_MS = 12_000;

/** Gwei a gas that is offered at most unless the configuration says otherwise. */
export const DEFAULT_MAX_FEE_GWEI = 300;

/** Gwei a gas that a configuration may allow. */
export const MAX_FEE_GWEI = 1_000_000;

/** Milliseconds that a call to a node may take before it counts as unanswered. */
export const DEFAULT_RPC_TIMEOUT_MS = 20_000;

/** Steps that one call of `advance` may take: an action has fewer states. */
export const MAX_STEPS = 8;

/**
 * Calldata of unfinal transactions that a chain reader keeps in memory: some hundred full batches.
 */
export const RECENT_INPUT_BYTES = 33_554_432;

/**
 * Characters of a node's own message that are kept: some nodes answer pages, and some propose a
 * range of blocks at the end of a long sentence.
 */
export const MAX_NODE_MESSAGE = 500;

/**
 * Bytes of one answer that are read: some ten thousand logs, or a block of receipts. More is a fault
 * or a range to be halved.
 */
export const MAX_ANSWER_BYTES = 33_554_432;

/** Characters of a contract's own reason that are kept. */
export const MAX_REASON = 300;

/** A node that failed is left alone this long at first, and twice as long each time. */
export const RPC_PAUSE_FIRST_MS = 100;

/** It is never left alone longer than this by our own choice: a block of Ethereum and less. */
export const RPC_PAUSE_CEILING_MS = 5_000;

/** A node may ask to be left alone this long; more is a slip of its operator. */
export const RETRY_AFTER_CEILING_MS = 300_000;

/** Doublings of a pause: far above every ceiling. */
export const MAX_DOUBLINGS = 20;

/** Blocks of one question for logs while no node has refused one: public nodes refuse wider ones. */
export const MOST_LOG_BLOCKS = 2_000n;

/** Questions for logs that are answered before the range is doubled again. */
export const LOG_RANGE_PROOFS = 8;

/** Blocks or receipts that are asked for at the same time. */
export const QUESTIONS_AT_ONCE = 16;

/** Transactions of a block whose receipts are read one by one: more than any block holds today. */
export const MAX_BLOCK_TRANSACTIONS = 20_000;

/** Blocks of which the median tip is taken where the node suggests none. */
export const FEE_HISTORY_BLOCKS = 5;

/** Wei a gas that are tipped where a node says nothing about tips: what public nodes ask for. */
export const FALLBACK_TIP = 1_000_000_000n;

/** Times that a call is asked again at a fixed block before its revert is believed. */
export const REVERT_PROOFS = 2;
