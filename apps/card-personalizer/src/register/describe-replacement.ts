import type { ReplacementAnswer } from "../settlement/settlement-client.ts";

/** How far a replacement is, for a person: a sentence a line. */
export function describeReplacement(answer: ReplacementAnswer, code: string): readonly string[] {
  const { card, successor, advance, pendingWithdrawal, readyAt, withdrawn, state } = answer;
  const day = readyAt === null ? null : new Date(readyAt * 1_000).toISOString().slice(0, 10);
  const rest =
    state === "waiting"
      ? day === null
        ? "The withdrawal of what it holds is on its way to the chain."
        : `${pendingWithdrawal} ${code} can be withdrawn from it from ${day} on; the rest comes to the other card then.`
      : `${withdrawn ?? "0.00"} ${code} came back from it${state === "done" ? ", and the rest is with the other card" : ""}.`;
  return [
    `${card} is lost, and ${successor} has taken its place.`,
    `${advance} ${code} of it is certain${certainText(answer.advanceState)}.`,
    rest,
    ...restLines(answer.restState),
  ];
}

function certainText(state: string | undefined): string {
  switch (state) {
    case "waiting":
      return " and waits for a second person; the withdrawal does not";
    case "dropped":
      return " and comes with the rest";
    default:
      return " and goes to the other card at once";
  }
}

function restLines(state: string | undefined): readonly string[] {
  if (state === "waiting") return ["The rest waits for a second person."];
  return state === "held"
    ? ["The rest is held until a person asks for it again, on the console's page of this card."]
    : [];
}
