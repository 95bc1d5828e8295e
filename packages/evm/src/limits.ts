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

/** Characters of a node's own message that are kept: some nodes answer pages. */
export const MAX_NODE_MESSAGE = 200;
