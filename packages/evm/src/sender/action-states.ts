/**
 * The life of a chain action. It changes state only along these edges, by a write that names the
 * state it expects.
 *
 * - `planned`: wanted, nothing promised; it has no nonce. Goes to `refused` when its simulation
 *   reverts.
 * - `reserved`: owns a nonce of its account.
 * - `signed`: the raw bytes are stored; nothing was sent yet, as far as we know.
 * - `broadcast`: the node was given the bytes. A crash can only send identical bytes again.
 * - `mined`: a receipt names a block by its hash. Back to `broadcast` when a reorganisation drops
 *   it.
 * - `final`: its block is final and it succeeded.
 * - `failed`: its block is final and its status is 0; the work it carried goes back.
 * - `refused`: its simulation reverted; it never had a nonce and will not be sent.
 *
 * `broadcast → planned` happens only when the account's nonce was finally used by a foreign
 * transaction: then none of our bytes can ever be mined, and the action may take another nonce
 * without risk of running twice. `failed` and `refused` go back to `planned` only where the
 * application decides to try again; they have had no effect.
 */
export const ACTION_STATES = [
  "planned",
  "reserved",
  "signed",
  "broadcast",
  "mined",
  "final",
  "failed",
  "refused",
] as const;

export type ActionState = (typeof ACTION_STATES)[number];

const edges: Readonly<Record<ActionState, readonly ActionState[]>> = {
  planned: ["reserved", "refused"],
  reserved: ["signed"],
  signed: ["broadcast"],
  broadcast: ["mined", "planned"],
  mined: ["broadcast", "final", "failed"],
  final: [],
  failed: ["planned"],
  refused: ["planned"],
};

/** States in which nothing more will happen. */
export const SETTLED_ACTION_STATES: readonly ActionState[] = ["final", "failed", "refused"];

/** Throws when the table has no such edge: that is a fault of the caller, never of the data. */
export function assertActionEdge(from: ActionState, to: ActionState): void {
  if (!edges[from].includes(to)) throw new Error(`A chain action cannot go from ${from} to ${to}.`);
}

/** False for a text outside the table: a newer program wrote it. */
export function isActionState(value: string): value is ActionState {
  return (ACTION_STATES as readonly string[]).includes(value);
}
