import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { actionAnswer, actionAnswerSchema, publicActionState, type ActionView } from "../action-views.ts";
import { actionState } from "../chain-actions.ts";

/** An action that may wait for what it lacks, as a caller sees it. */
export interface HeldActionView extends ActionView {
  /** Why it waits or has failed, by the contract's own name for it; null where nothing is wrong. */
  readonly reason: string | null;
}

/** What of a row says how far such an action is. */
export const heldColumns = [
  ...(["chain_actions.id as action_id", "chain_actions.state", "chain_actions.mined_hash"] as const),
  ...(["chain_actions.failure", "chain_actions.retry_at", "chain_actions.abandoned_at"] as const),
] as const;

export interface HeldRow {
  readonly action_id: string;
  readonly state: string;
  readonly mined_hash: Uint8Array | null;
  readonly failure: string | null;
  readonly retry_at: Date | null;
  readonly abandoned_at: Date | null;
}

/** `id` is the caller's own name of it. A refused one that is tried again has not failed. */
export function heldView(id: string, row: HeldRow): HeldActionView {
  const state = actionState({ id: row.action_id, state: row.state });
  const shown = state === "refused" && row.retry_at !== null ? "planned" : publicActionState(state);
  const over = shown === "mined" || shown === "final";
  const reason = row.abandoned_at !== null ? `ABANDONED: ${row.failure ?? "given up by a person"}` : row.failure;
  return { id, state: shown, tx: row.mined_hash, reason: over ? null : reason };
}

/** What a person says beside trying an action again or giving it up; it is kept in the audit log. */
export const heldRequestSchema = z.strictObject({ reason: reasonText });

export type HeldRequest = z.infer<typeof heldRequestSchema>;

/** The same as an answer's body. */
export const heldAnswerSchema = actionAnswerSchema.extend({ reason: z.string().nullable() });

export type HeldAnswer = z.infer<typeof heldAnswerSchema>;

export function heldAnswer(view: HeldActionView): HeldAnswer {
  return { ...actionAnswer(view), reason: view.reason };
}
