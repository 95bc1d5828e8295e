// The list of payments, a page at a time, and what can be done with each.
import { ask } from "./terminal-ask.js";
import { call, newId, post } from "./terminal-calls.js";
import { amountOf, dayTime, isReversible, isRefundable, leftOf, titles, whereItIs } from "./terminal-texts.js";

const at = (id) => document.getElementById(id);

/** Where each page that was left begins; the last one is shown. Null is the newest. */
const places = [null];
/**
 * Ids of refunds that were begun from this page: asking twice after a lost answer is one refund.
 */
const refundIds = new Map();
let givesBack = false;
let next = null;
let shown = "";
let show = () => undefined;
let changed = () => undefined;

/**
 * `say` shows a result to the cashier; `after` is called when something changed, with the sale that
 * was reversed or null.
 */
export function begin(say, after) {
  show = say;
  changed = after;
  at("older").addEventListener("click", () => {
    places.push(next);
    void turned();
  });
  at("newer").addEventListener("click", () => {
    places.pop();
    void turned();
  });
}

async function turned() {
  await refresh();
  at("taps-title").focus();
}

/**
 * Draws the page of payments that is open, with what the terminal can do; throws where it does not
 * answer.
 */
export async function refresh(terminal = { givesBack }) {
  ({ givesBack } = terminal);
  const place = places.at(-1);
  const list = await call(place === null ? "v1/taps" : `v1/taps?before=${encodeURIComponent(place)}`);
  if (place !== places.at(-1)) return;
  next = list.next;
  at("newer").hidden = places.length === 1;
  at("older").hidden = next === null;
  // Drawn again only when something changed, and the button that had the focus has it again.
  const now = JSON.stringify([givesBack, list.taps]);
  if (list.taps.length === 0 || now === shown) return;
  shown = now;
  const focus = document.activeElement?.dataset?.key;
  at("taps").replaceChildren(...list.taps.map(rowOf));
  if (focus !== undefined) document.querySelector(`[data-key="${focus}"]`)?.focus();
}

function rowOf(tap) {
  const row = document.createElement("tr");
  row.setAttribute("role", "row");
  const outcome = cell("Outcome", titles[tap.outcome], tap.outcome);
  if (tap.code !== null) {
    const why = document.createElement("small");
    why.textContent = tap.message;
    why.title = tap.code;
    outcome.append(why);
  }
  if (tap.update !== null) {
    const change = document.createElement("small");
    change.textContent = tap.update.message;
    outcome.append(change);
  }
  const place = cell("Where it is", whereItIs(tap));
  if (isReversible(tap, givesBack)) place.append(button(tap, "Reverse", reverse));
  if (isRefundable(tap, givesBack)) place.append(button(tap, "Refund", refund));
  const card = tap.card === null ? "" : `${tap.card.slice(0, 8)}…`;
  const amount = cell("Amount", `${tap.amount} ${tap.currency}`, "number");
  row.append(cell("Time", dayTime(tap.time), "time"), amount, outcome, cell("Card", card, "card"), place);
  return row;
}

/** Its name stands before it where the table is shown as a list. */
function cell(name, value, className) {
  const element = document.createElement("td");
  element.setAttribute("role", "cell");
  if (className) element.className = className;
  element.dataset.name = name;
  element.textContent = value;
  if (value === "") element.classList.add("empty");
  return element;
}

function button(tap, label, work) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "quiet";
  element.textContent = label;
  element.dataset.key = `${label}-${tap.id}`;
  element.setAttribute("aria-label", `${label} the payment of ${tap.amount} ${tap.currency} at ${dayTime(tap.time)}`);
  element.addEventListener("click", () => void work(tap));
  return element;
}

/** A paid sale is given back, whole or in part, to the card that paid it. */
async function refund(tap) {
  const left = leftOf(tap);
  const typed = await ask({
    title: "Refund",
    text: `Give back to the card ${tap.card?.slice(0, 8) ?? ""}…, up to ${left} ${tap.currency}. This cannot be undone.`,
    yes: "Give back",
    amount: left,
    check: (text) => (amountOf(text) === null ? "Write an amount in digits, such as 2.50." : null),
  });
  if (typed === null) return;
  const amount = amountOf(typed);
  const key = `${tap.id} ${amount} ${left}`;
  if (!refundIds.has(key)) refundIds.set(key, newId());
  const whole = amount === left;
  try {
    const { state, message } = await post(`v1/taps/${encodeURIComponent(tap.id)}/refund`, {
      refundId: refundIds.get(key),
      ...(whole ? {} : { amount }),
    });
    if (state === "refused") refundIds.delete(key);
    const title = state === "refused" ? "Not given back" : `Giving back: ${amount} ${tap.currency}`;
    show({ outcome: state === "refused" ? "refused" : "accepted", title, message, open: false });
  } catch (error) {
    show({ outcome: "refused", title: "Not given back", message: error.message, open: false });
  }
  await changed(null);
}

async function reverse(tap) {
  const yes = await ask({
    title: "Reverse the payment",
    text: `Only if you give nothing for the ${tap.amount} ${tap.currency}: their value goes back to the card.`,
    yes: "Reverse the payment",
  });
  if (yes === null) return;
  try {
    await post(`v1/taps/${encodeURIComponent(tap.id)}/cancel`, {});
    show({
      outcome: "waiting",
      title: "Reversed",
      message: `The ${tap.amount} ${tap.currency} go back.`,
      open: false,
    });
    await changed(tap.saleId);
  } catch (error) {
    show({ outcome: "refused", title: "Not reversed", message: error.message, open: false });
    await changed(null);
  }
}
