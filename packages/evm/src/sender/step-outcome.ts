import type { ChainReceipt } from "../rpc/chain-rpc.ts";
import type { ChainAction } from "./chain-action.ts";
import type { RefusalCode } from "./sender-store.ts";
import type { WaitCode } from "./wait-codes.ts";

/** An action that cannot go on for now. */
export interface Waiting<Action> {
  readonly kind: "waiting";
  readonly code: WaitCode;
  /** The node's own text, for people. */
  readonly detail: string | null;
  readonly action: Action;
}

/** What one step came to. */
export type StepOutcome<Action extends ChainAction> =
  | Waiting<Action>
  /** It is in another state; the next step may follow at once. */
  | { readonly kind: "moved"; readonly action: Action }
  /** Another process moved it meanwhile; the caller's view is old. */
  | { readonly kind: "overtaken" }
  /**
   * It would be undone, and nothing was signed. `reason` is the contract's own name for it, where
   * it has one.
   */
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      readonly reason: string;
      readonly detail: string;
      readonly action: Action;
    }
  /** It stands in a block. */
  | { readonly kind: "mined"; readonly receipt: ChainReceipt; readonly final: boolean; readonly action: Action }
  /** Another transaction has finally used its nonce, seen twice. */
  | { readonly kind: "lost"; readonly action: Action }
  | { readonly kind: "ended"; readonly action: Action };

/** An action whose next step may follow at once. */
export function goesOn<Action extends ChainAction>(outcome: StepOutcome<Action>): boolean {
  if (outcome.kind === "lost") return outcome.action.state === "planned";
  return outcome.kind === "moved" || (outcome.kind === "waiting" && outcome.code === "NONCE_USED");
}

/** The outcome of a write: null is what a store answers where another process was first. */
export function moved<Action extends ChainAction>(action: Action | null): StepOutcome<Action> {
  return action === null ? { kind: "overtaken" } : { kind: "moved", action };
}

/** The outcome of an action that cannot go on for now. */
export function waiting<Action>(code: WaitCode, action: Action, detail: string | null = null): Waiting<Action> {
  return { kind: "waiting", code, detail, action };
}
