// The page's texts, and how it writes times and amounts. Amounts are decimal strings of one
// currency.

export const titles = { accepted: "Paid", refused: "Not paid", unresolved: "Not sure yet" };

export const readerStates = {
  ready: "ready, no card",
  card: "a card is on it",
  busy: "taking a payment",
  mute: "the card is silent",
  unusable: "cannot be used",
};

/**
 * Where a payment is that is not at its end, as settlement says, or the terminal that claims by
 * itself.
 */
const sentStates = {
  received: "sent, waits for a batch",
  batched: "sent, on its way to the chain",
  mined: "sent, in a block",
  claimed: "brought to the chain by this terminal",
  skipped: "sent, its card had too little behind it",
  forked: "sent, its card was copied: settlement takes care of it",
  released: "released, its value goes back",
};

const finalStates = {
  refunded: "given back",
  released: "released, its value is back behind the card",
  compensated: "settled, paid by the issuer",
};

/** Where the newest refund of a payment is. */
const refundStates = {
  reversed: () => "reversed, its value goes back",
  releasing: () => "being released, its value goes back",
  refunding: (amount) => `${amount} on the way back`,
  refunded: (amount) => `${amount} given back`,
};

/**
 * The one banner of the page. Its title follows the readiness, and what stands under it never
 * contradicts that: the reasons first, then what needs attention besides.
 */
export function bannerOf({ ready, reasons, warnings, lastExchange }) {
  const items = [...reasons, ...warnings];
  if (!ready) return { kind: "stop", title: "Cannot sell now", items };
  const title = lastExchange?.reached === false ? "Ready to sell, no connection" : "Ready to sell";
  return { kind: items.length === 0 ? "good" : "warn", title, items };
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.max(0, seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

export function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** What the clock shows and, where settlement's signed answer says otherwise, the right time and what to do. */
export function clockText({ now, confirmed, rightTime }) {
  if (confirmed) return `${clockTime(now)}, confirmed`;
  if (rightTime === null) return "not confirmed";
  return `${dayTime(now)}. The right time is ${dayTime(rightTime)}. Set the clock of this device.`;
}

/** The time alone today, with its day before. */
export function dayTime(seconds) {
  const then = new Date(seconds * 1000);
  if (then.toDateString() === new Date().toDateString()) return clockTime(seconds);
  return `${then.toLocaleDateString([], { day: "numeric", month: "short" })}, ${clockTime(seconds)}`;
}

/**
 * An amount as somebody typed it, with a point; null where it is none. A comma is a point only
 * where it cannot part thousands.
 */
export function amountOf(typed) {
  const text = typed.trim().replace(/^(\d+),(\d{1,2})$/, "$1.$2");
  return /^(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text) && /[1-9]/.test(text) ? text : null;
}

/** What is left of a payment to give back, refunds under way counted. */
export function leftOf(tap) {
  const digits = Math.max(...[tap, ...tap.refunds].map(({ amount }) => (amount.split(".")[1] ?? "").length));
  const units = (text) => {
    const [whole, fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(digits, "0"));
  };
  const given = tap.refunds
    .filter(({ state }) => state !== "refused")
    .reduce((sum, { amount }) => sum + units(amount), 0n);
  const left = (units(tap.amount) - given).toString().padStart(digits + 1, "0");
  return digits === 0 ? left : `${left.slice(0, -digits)}.${left.slice(-digits)}`;
}

/** Where a payment is on its way, for a cashier. */
export function whereItIs(tap) {
  if (tap.voucher === null)
    return tap.outcome === "unresolved" ? (tap.saleOpen ? "waiting for the same card" : "waiting for its card") : "";
  if (tap.outcome === "refused") return "not accepted, its value goes back";
  const refund = tap.refunds.findLast(({ state }) => state !== "refused");
  if (refund !== undefined) return refundStates[refund.state](refund.amount);
  const { reversed, delivery, state } = tap.voucher;
  if (reversed) return "reversed, its value goes back";
  if (tap.refunds.at(-1)?.state === "refused") return "not given back: refused";
  if (delivery === "final") return finalStates[state] ?? "settled";
  if (delivery === "disputed") return "refused by settlement";
  if (delivery === "taken") return sentStates[state] ?? (state === null ? "sent" : `sent, ${state}`);
  return state === null ? "not sent yet" : (sentStates[state] ?? "not sent yet");
}

/**
 * The cashier can reverse it: nobody knows whether it is paid, nobody but the terminal has it, or
 * it is on its way and this terminal cannot refund.
 */
export function isReversible(tap, givesBack) {
  if (tap.refunds.length > 0) return false;
  if (tap.outcome === "unresolved") return true;
  if (tap.outcome !== "accepted" || tap.voucher.reversed || tap.voucher.delivery === "final") return false;
  return !givesBack || (tap.voucher.delivery === "unsent" && tap.voucher.tx === null);
}

/** Paid and sent, and something of it is left to give back. */
export function isRefundable(tap, givesBack) {
  if (!givesBack || tap.outcome !== "accepted" || tap.voucher.reversed || isReversible(tap, givesBack)) return false;
  return /[1-9]/.test(leftOf(tap));
}
