import type { FloatAnswer } from "../settlement/settlement-client.ts";

/** What is on cards, for a person: a line a figure. */
export function describeFloat(float: FloatAnswer, code: string): readonly string[] {
  const { deposits, spent, liability, unspent, expiring, expired, waiting } = float;
  const rows: readonly (readonly [string, string])[] = [
    ["put on cards", deposits],
    ["spent", spent],
    ["on cards", liability],
    ...unspent.map(({ days, cards, amount }) => [`  ${nameOf(days)}, ${cards} cards`, amount] as const),
    [`ends within ${expiring.days} days, ${expiring.cards} cards`, expiring.amount],
    [`ended, ${expired.cards} cards`, expired.amount],
    ["deposits on their way", waiting.deposits],
    ["vouchers not yet paid", waiting.vouchers],
    ["owed to payees", waiting.owed],
    ["advances to successors", waiting.advances],
  ];
  const [widest, longest] = [0, 1].map((at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return [
    ...rows.map(([what, amount]) => `${what.padEnd(widest ?? 0)}  ${amount.padStart(longest ?? 0)} ${code}`),
    ...(waiting.replacements === 0 ? [] : [`${waiting.replacements} lost cards wait for their withdrawal.`]),
  ];
}

function nameOf(days: string): string {
  if (days === "others") return "of other registers";
  return days.startsWith("over")
    ? `paid last more than ${days.slice("over-".length)} days ago`
    : `paid last ${days} days ago`;
}
