/**
 * The tables call a reversal a cancellation, because a journal that exists keeps its schema. Outside SQL the names meet in this
 * file alone.
 */
export type StoredState<State extends string> = State extends "reversed" ? "cancelled" : State;

/** A state's name in the tables and in the event log. */
export function storedState<State extends string>(state: State): StoredState<State> {
  return (state === "reversed" ? "cancelled" : state) as StoredState<State>;
}

/** The state that a stored name means. */
export function stateOf<State extends string>(stored: StoredState<State>): State {
  return (stored === "cancelled" ? "reversed" : stored) as State;
}
