// The till's page: vanilla, no build, no network but the till itself. Everything shown goes through textContent.

const POLL_MS = 3000;
const CARD_WAIT_SECONDS = 30;

const at = (id) => document.getElementById(id);
const titles = { accepted: "Paid", refused: "Not paid", unresolved: "Not sure yet" };

let waiting = null;
let sale = null;

/** One call to the till; a problem becomes an error with its code. */
async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const error = new Error(body?.detail ?? `The till answered ${response.status}.`);
  error.code = body?.code ?? "NO_ANSWER";
  throw error;
}

function post(path, body, signal) {
  return call(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

function text(id, value) {
  at(id).textContent = value;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.max(0, seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function showList(boxId, listId, items) {
  at(boxId).hidden = items.length === 0;
  at(listId).replaceChildren(
    ...items.map(({ code, message }) => {
      const item = document.createElement("li");
      const mark = document.createElement("code");
      mark.textContent = code;
      item.append(`${message} `, mark);
      return item;
    }),
  );
}

const readerStates = {
  ready: "ready, no card",
  card: "a card lies on it",
  busy: "taking a payment",
  mute: "the card is silent",
  unusable: "cannot be used",
};

function showReadiness(till) {
  const state = at("state");
  state.textContent = till.ready ? "Ready to sell" : "Cannot sell now";
  state.className = `state ${till.ready ? "good" : "stop"}`;
  showList("reasons-box", "reasons", till.reasons);
  showList("warnings-box", "warnings", till.warnings);
  text("currency", `in ${till.currency}`);
  const oldest = till.unsent.oldestSeconds === null ? "" : `, oldest ${duration(till.unsent.oldestSeconds)}`;
  text(
    "unsent",
    till.unsent.count === 0 ? "nothing" : `${till.unsent.sum} ${till.currency} in ${till.unsent.count}${oldest}`,
  );
  text(
    "list",
    till.statusList === null ? "none held" : `no. ${till.statusList.seq}, ${duration(till.statusList.ageSeconds)} old`,
  );
  text("reader", `${till.reader.name}: ${readerStates[till.reader.state]}`);
  text("clock", till.clock.confirmed ? `${clockTime(till.clock.now)}, confirmed` : "not confirmed");
}

function cell(value, className) {
  const element = document.createElement("td");
  if (className) element.className = className;
  element.textContent = value;
  return element;
}

/** What settlement says of a payment that it has, for a cashier. */
const sentStates = {
  received: "sent, waits for a batch",
  batched: "sent, on its way to the chain",
  mined: "sent, in a block",
  skipped: "sent, its card had too little behind it",
  forked: "sent, its card was copied: settlement looks after it",
};

/** Where the newest refund of a payment is. */
const refundStates = {
  cancelled: () => "taken back, its value goes back",
  releasing: () => "being given up, its value goes back",
  refunding: (amount) => `${amount} on the way back`,
  refunded: (amount) => `${amount} given back`,
};

/** Amounts are decimal strings of one currency; compared and subtracted in its smallest digits. */
function leftOf(tap) {
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

function whereItIs(tap) {
  if (tap.voucher === null)
    return tap.outcome === "unresolved" ? (tap.saleOpen ? "waiting for the same card" : "waiting for its card") : "";
  const refund = tap.refunds.findLast(({ state }) => state !== "refused");
  if (refund !== undefined) return refundStates[refund.state](refund.amount);
  const { cancelled, delivery, state } = tap.voucher;
  if (cancelled) return "cancelled, its value goes back";
  if (tap.refunds.at(-1)?.state === "refused") return "not given back: refused";
  if (delivery === "final") return "settled";
  if (delivery === "disputed") return "refused by settlement";
  if (delivery === "taken") return sentStates[state] ?? (state === null ? "sent" : `sent, ${state}`);
  return "not sent yet";
}

function smallButton(word, what, work) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = word;
  button.setAttribute("aria-label", what);
  button.addEventListener("click", work);
  return button;
}

/** Ids of refunds that were begun from this page: asking twice after a lost answer is one refund. */
const refundIds = new Map();

/** A paid sale is given back, whole or in part, to the card that paid it. */
function refundButton(tap) {
  const left = leftOf(tap);
  return smallButton("Refund", `Refund the payment of ${tap.amount} at ${clockTime(tap.time)}`, async () => {
    const asked = prompt(`Give how much back to the card? Up to ${left} ${tap.currency}.`, left);
    if (asked === null) return;
    const amount = asked.trim();
    if (!confirm(`Give ${amount} ${tap.currency} back to the card ${tap.card?.slice(0, 8)}…? This cannot be undone.`))
      return;
    const key = `${tap.id} ${amount} ${left}`;
    if (!refundIds.has(key)) refundIds.set(key, crypto.randomUUID());
    try {
      const { state, message } = await post(`v1/taps/${encodeURIComponent(tap.id)}/refund`, {
        refundId: refundIds.get(key),
        amount,
      });
      if (state === "refused") refundIds.delete(key);
      const title = state === "refused" ? "Not given back" : `Giving back: ${amount} ${tap.currency}`;
      showResult({ outcome: state === "refused" ? "refused" : "accepted", title, message, open: false });
    } catch (error) {
      showResult({ outcome: "refused", title: "Not given back", message: error.message, open: false });
    }
    await refresh();
  });
}

function cancelButton(tap) {
  return smallButton("Cancel", `Cancel the payment of ${tap.amount} at ${clockTime(tap.time)}`, async () => {
    if (
      !confirm(`Cancel the payment of ${tap.amount}? Only if you give nothing for it: its value goes back to the card.`)
    )
      return;
    try {
      await post(`v1/taps/${encodeURIComponent(tap.id)}/cancel`, {});
      if (sale?.id === tap.saleId) {
        sale = null;
        at("result").hidden = true;
      }
    } catch (error) {
      showResult({ outcome: "refused", title: "Not cancelled", message: error.message, open: false });
    }
    await refresh();
  });
}

/** Paid, sent, and something of it is left to give back; before it is sent it is cancelled. */
function isRefundable(tap) {
  if (tap.outcome !== "accepted" || tap.voucher === null || tap.voucher.cancelled) return false;
  const { delivery, tx } = tap.voucher;
  return (delivery === "taken" || delivery === "final" || tx !== null) && /[1-9]/.test(leftOf(tap));
}

let shownTaps = "";

function showTaps(taps) {
  // Drawn anew only when something changed, so that a focus inside the table stays where it is.
  const now = JSON.stringify(taps);
  if (taps.length === 0 || now === shownTaps) return;
  shownTaps = now;
  at("taps").replaceChildren(
    ...taps.map((tap) => {
      const row = document.createElement("tr");
      const outcome = cell(titles[tap.outcome], tap.outcome);
      if (tap.code !== null) {
        const why = document.createElement("small");
        why.textContent = tap.code;
        why.title = tap.message;
        outcome.append(why);
      }
      const place = cell(whereItIs(tap));
      const open =
        tap.outcome === "unresolved" ||
        (tap.outcome === "accepted" && !tap.voucher.cancelled && tap.voucher.delivery !== "final");
      if (open && tap.refunds.length === 0) place.append(" ", cancelButton(tap));
      if (isRefundable(tap)) place.append(" ", refundButton(tap));
      const card = tap.card === null ? "" : `${tap.card.slice(0, 8)}…`;
      row.append(cell(clockTime(tap.time)), cell(`${tap.amount}`, "number"), outcome, cell(card), place);
      return row;
    }),
  );
}

async function refresh() {
  try {
    const [till, { taps }] = await Promise.all([call("v1/readiness"), call("v1/taps")]);
    showReadiness(till);
    showTaps(taps);
  } catch {
    text("state", "The till does not answer");
    at("state").className = "state stop";
  }
}

function showResult({ outcome, title, message, open }) {
  const box = at("result");
  box.className = `result ${outcome}`;
  box.hidden = false;
  text("result-title", title);
  text("result-text", message);
  at("result-actions").hidden = !open;
}

function setWaiting(controller) {
  waiting = controller;
  at("take").disabled = controller !== null;
  at("amount").readOnly = controller !== null;
  at("stop").hidden = controller === null;
}

/** The PIN that was entered, once: it does not stay in the page. */
function usedPin() {
  const pin = at("pin").value.trim();
  at("pin").value = "";
  return pin === "" ? {} : { pin };
}

async function take() {
  const controller = new AbortController();
  let focus = "amount";
  setWaiting(controller);
  showResult({
    outcome: "waiting",
    title: `${sale.amount}`,
    message: "Hold the card to the reader and leave it there.",
    open: false,
  });
  try {
    const tap = await post(
      "v1/taps",
      { amount: sale.amount, saleId: sale.id, waitSeconds: CARD_WAIT_SECONDS, ...usedPin() },
      controller.signal,
    );
    const earlier = tap.resolved
      .filter(({ outcome }) => outcome === "accepted")
      .map(({ amount }) => `An earlier payment of ${amount} by this card was found and is paid. `);
    showResult({
      outcome: tap.outcome,
      title: `${titles[tap.outcome]}: ${tap.amount} ${tap.currency}`,
      message: earlier.join("") + tap.message,
      open: tap.saleOpen,
    });
    const wantsPin = tap.code === "CARD_PIN_NEEDED" || tap.code === "CARD_WRONG_PIN";
    at("pin-box").hidden = !wantsPin;
    if (wantsPin) focus = "pin";
    if (tap.outcome === "accepted") {
      at("amount").value = "";
      sale = null;
    }
  } catch (error) {
    const stopped = error.name === "AbortError";
    const message = stopped
      ? "The wait was ended. If a card was on the reader, look at the list below before you try again."
      : error.message;
    showResult({ outcome: "refused", title: stopped ? "Stopped" : "Not done", message, open: false });
  } finally {
    setWaiting(null);
    at(focus).focus();
    await refresh();
  }
}

function newSale() {
  return { id: crypto.randomUUID(), amount: at("amount").value.trim() };
}

at("pay").addEventListener("submit", (event) => {
  event.preventDefault();
  if (waiting !== null) return;
  if (!/^(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(at("amount").value.trim())) {
    showResult({
      outcome: "refused",
      title: "No amount",
      message: "Write digits with a point, such as 2.50.",
      open: false,
    });
    return;
  }
  // The same amount after a torn tap is the same sale: nobody pays twice.
  if (sale === null || sale.amount !== at("amount").value.trim()) sale = newSale();
  void take();
});
at("again").addEventListener("click", () => void take());
at("fresh").addEventListener("click", () => {
  sale = null;
  at("result").hidden = true;
  at("amount").focus();
});
at("stop").addEventListener("click", () => waiting?.abort());
at("sync").addEventListener("click", async () => {
  at("sync").disabled = true;
  text("sync-text", "Sending …");
  try {
    const { uploaded } = await post("v1/sync", {});
    text("sync-text", `Sent ${uploaded.new} new, ${uploaded.duplicate} known, ${uploaded.refused} refused.`);
  } catch (error) {
    text("sync-text", error.message);
  }
  at("sync").disabled = false;
  await refresh();
});

// A reload in the middle of an open sale goes on with it.
const till = await call("v1/readiness").catch(() => null);
if (till?.openSale) {
  const { saleId, amount, message } = till.openSale;
  sale = { id: saleId, amount };
  at("amount").value = amount;
  showResult({ outcome: "unresolved", title: `${titles.unresolved}: ${amount} ${till.currency}`, message, open: true });
}
await refresh();
setInterval(() => {
  if (waiting === null) void refresh();
}, POLL_MS);
