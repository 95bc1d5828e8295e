import { type ActionState } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { z } from "zod";

/**
 * How far an action is: waiting to be sent, sent, in a block, in a final block, or ended without
 * effect.
 */
export const PUBLIC_ACTION_STATES = ["planned", "sent", "mined", "final", "failed"] as const;

export type PublicActionState = (typeof PUBLIC_ACTION_STATES)[number];

const publicStates: Readonly<Record<ActionState, PublicActionState>> = {
  planned: "planned",
  reserved: "planned",
  signed: "planned",
  broadcast: "sent",
  mined: "mined",
  final: "final",
  failed: "failed",
  refused: "failed",
};

export function publicActionState(state: ActionState): PublicActionState {
  return publicStates[state];
}

/** A funding or payout as a caller sees it. */
export interface ActionView {
  readonly id: string;
  readonly state: PublicActionState;
  /** The transaction that was mined, or null. */
  readonly tx: Uint8Array | null;
}

/** The same as an answer's body. */
export const actionAnswerSchema = z.object({
  id: z.uuid(),
  state: z.enum(PUBLIC_ACTION_STATES),
  tx: z.string().nullable(),
});

export type ActionAnswer = z.infer<typeof actionAnswerSchema>;

export function actionAnswer({ id, state, tx }: ActionView): ActionAnswer {
  return { id, state, tx: tx === null ? null : toHex(tx) };
}
