/** What is wrong, and where. */
export interface VaultErrorContexts {
  /** The payload's form is not the one of spec §7.3; the vault would revert for it. */
  readonly MALFORMED_PAYLOAD: { readonly fault: string; readonly at: number };
  /** A number or byte string outside what its place can hold. */
  readonly OUT_OF_RANGE: { readonly field: string; readonly expected: string; readonly actual: string };
  /** More than one transaction may carry. */
  readonly TOO_MANY: { readonly what: string; readonly maximum: number; readonly actual: number };
  /** A log that the vault's interface does not know. */
  readonly UNKNOWN_EVENT: { readonly topic: string };
  /** Neither the event nor the transaction's calldata holds the payload whose hash the event names. */
  readonly PAYLOAD_MISSING: { readonly transactionHash: string; readonly payloadHash: string };
  /** A block that was final is no longer in the chain, or another one stands in its place. */
  readonly FINAL_BLOCK_GONE: { readonly block: bigint; readonly hash: string };
  /** The node shows no such block, though it named a higher one as final: it lags, or its chain is shorter now. */
  readonly BLOCK_UNKNOWN: { readonly block: bigint };
  /** The newest blocks changed each time while they were read. */
  readonly CHAIN_UNSTEADY: { readonly attempts: number };
}

/** The stable code of a vault error. */
export type VaultErrorCode = keyof VaultErrorContexts;

const describe: { readonly [C in VaultErrorCode]: (context: VaultErrorContexts[C]) => string } = {
  MALFORMED_PAYLOAD: (c) => `The settlement payload is malformed at byte ${c.at}: ${c.fault}.`,
  OUT_OF_RANGE: (c) => `${c.field} must be ${c.expected}; ${c.actual} came.`,
  TOO_MANY: (c) => `There may be at most ${c.maximum} ${c.what}; ${c.actual} came.`,
  UNKNOWN_EVENT: (c) => `The vault's interface has no event ${c.topic}. Check the vault's address and version.`,
  PAYLOAD_MISSING: (c) =>
    `The node shows no payload with the hash ${c.payloadHash} in ${c.transactionHash}. Ask a node that keeps transactions.`,
  FINAL_BLOCK_GONE: (c) =>
    `Block ${c.block} with the hash ${c.hash} was final and is gone. Check the node, then watch from the start again.`,
  BLOCK_UNKNOWN: (c) => `The node does not show block ${c.block}. Ask again; if that lasts, ask another node.`,
  CHAIN_UNSTEADY: (c) => `The newest blocks changed ${c.attempts} times while they were read. Try again.`,
};

/** Thrown for payloads and values that the vault would not take; the code is stable, the message is for people. */
export class VaultError<C extends VaultErrorCode = VaultErrorCode> extends Error {
  readonly code: C;
  readonly context: VaultErrorContexts[C];

  constructor(code: C, context: VaultErrorContexts[C]) {
    super(describe[code](context));
    this.name = "VaultError";
    this.code = code;
    this.context = context;
  }
}
