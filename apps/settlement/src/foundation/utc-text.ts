/** A time as people read it in a sentence, to the second, in UTC. */
export function utcText(at: Date): string {
  return `${at.toISOString().slice(0, "2026-11-21T09:00:00".length).replace("T", " ")} UTC`;
}
