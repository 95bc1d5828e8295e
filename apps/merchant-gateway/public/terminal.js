// The terminal's page: no framework, no build, no network but the terminal itself. Everything shown
// goes through textContent.
import { CARD_WAIT_SECONDS, POLL_MS } from "./limits.mjs";
import { call, newId, post } from "./terminal-calls.js";
import * as payments from "./terminal-payments.js";
import { amountOf, bannerOf, clockText, duration, readerStates, titles } from "./terminal-texts.js";

const at = (id) => document.getElementById(id);

let waiting = null;
let sale = null;
let currency = "";

/** Written only where it changed: screen readers say each change of a live region. */
function text(id, value) {
  if (at(id).textContent !== value) at(id).textContent = value;
}

/** The one banner: whether the terminal sells, and why not, or what needs attention. */
function showBanner({ kind, title, items }) {
  text("state", title);
  at("state").className = `state ${kind}`;
  at("banner").className = `notice ${kind}`;
  const now = JSON.stringify(items);
  const list = at("banner-list");
  if (list.dataset.shown === now) return;
  list.dataset.shown = now;
  list.replaceChildren(
    ...items.map(({ code, message }) => {
      const item = document.createElement("li");
      const mark = document.createElement("code");
      mark.textContent = code;
      item.append(`${message} `, mark);
      return item;
    }),
  );
}

function showReadiness(terminal) {
  showBanner(bannerOf(terminal));
  currency = terminal.currency;
  text("currency", `in ${currency}`);
  text("unsent", unsentText(terminal));
  text(
    "list",
    terminal.statusList === null
      ? "none held"
      : `no. ${terminal.statusList.seq}, ${duration(terminal.statusList.ageSeconds)} old`,
  );
  text("settlement", exchangeText(terminal));
  text("reader", `${terminal.reader.name}: ${readerStates[terminal.reader.state]}`);
  text("clock", clockText(terminal.clock));
}

function unsentText({ unsent, limits }) {
  if (unsent.count === 0) return "nothing";
  const many = unsent.count === 1 ? "1 payment" : `${unsent.count} payments`;
  const most = limits.unsentSum === null ? "" : ` of at most ${limits.unsentSum}`;
  const oldest = unsent.oldestSeconds === null ? "" : `, the oldest ${duration(unsent.oldestSeconds)} ago`;
  return `${unsent.sum}${most} ${currency} in ${many}${oldest}`;
}

function exchangeText({ lastExchange, clock }) {
  if (lastExchange === null) return "not asked yet";
  const ago = `${duration(clock.now - lastExchange.at)} ago`;
  return lastExchange.faults.length === 0 ? `answered ${ago}` : `failed ${ago}`;
}

async function refresh() {
  try {
    const terminal = await call("v1/readiness");
    showReadiness(terminal);
    await payments.refresh(terminal);
  } catch {
    showBanner({ kind: "stop", title: "The terminal does not answer", items: [] });
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

/** Shows what came of a tap; answers the field that is wanted next. */
function showTap(tap) {
  const earlier = tap.resolved
    .filter(({ outcome }) => outcome === "accepted")
    .map(({ amount }) => `An earlier payment of ${amount} by this card was found and is paid.`);
  const update = tap.update === null ? [] : [tap.update.message];
  const message = tap.outcome === "accepted" ? [...earlier, ...update] : [...earlier, ...update, tap.message];
  const title = `${titles[tap.outcome]}: ${tap.amount} ${tap.currency}`;
  showResult({ outcome: tap.outcome, title, message: message.join(" "), open: tap.saleOpen });
  const wantsPin = tap.code === "CARD_PIN_NEEDED" || tap.code === "CARD_WRONG_PIN";
  at("pin-box").hidden = !wantsPin;
  if (tap.outcome === "accepted") {
    at("amount").value = "";
    sale = null;
  }
  return wantsPin ? "pin" : tap.saleOpen ? "again" : "amount";
}

async function take() {
  const controller = new AbortController();
  let focus = "amount";
  setWaiting(controller);
  showResult({
    outcome: "waiting",
    title: `${sale.amount} ${currency}`,
    message: "Hold the card to the reader and leave it there.",
    open: false,
  });
  try {
    const request = { amount: sale.amount, saleId: sale.id, waitSeconds: CARD_WAIT_SECONDS, ...usedPin() };
    focus = showTap(await post("v1/taps", request, controller.signal));
  } catch (error) {
    const stopped = error.name === "AbortError";
    const message = stopped
      ? "The wait has ended. If a card was on the reader, check the list below before you try again."
      : error.message;
    showResult({ outcome: "refused", title: stopped ? "Stopped" : "Not done", message, open: false });
  } finally {
    setWaiting(null);
    at(focus).focus();
    await refresh();
  }
}

at("pay").addEventListener("submit", (event) => {
  event.preventDefault();
  if (waiting !== null) return;
  const amount = amountOf(at("amount").value);
  at("amount").setAttribute("aria-invalid", String(amount === null));
  if (amount === null) {
    const message = "Write the amount in digits, such as 2.50.";
    showResult({ outcome: "refused", title: "No amount", message, open: false });
    at("amount").focus();
    return;
  }
  // The same amount after a torn tap is the same sale: nobody pays twice.
  if (sale === null || sale.amount !== amount) sale = { id: newId(), amount };
  void take();
});
at("again").addEventListener("click", () => void take());
at("fresh").addEventListener("click", () => {
  sale = null;
  at("result").hidden = true;
  at("pin-box").hidden = true;
  at("amount").focus();
});
at("stop").addEventListener("click", () => waiting?.abort());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") waiting?.abort();
});
at("sync").addEventListener("click", async () => {
  at("sync").disabled = true;
  text("sync-text", "Sending …");
  try {
    const { uploaded, faults } = await post("v1/sync", {});
    const refused = uploaded.refused === 0 ? "" : `, ${uploaded.refused} refused`;
    const [fault] = faults;
    text("sync-text", fault?.message ?? `Sent ${uploaded.new + uploaded.duplicate + uploaded.forked}${refused}.`);
  } catch (error) {
    text("sync-text", error.message);
  }
  at("sync").disabled = false;
  await refresh();
});

payments.begin(showResult, async (reversedSale) => {
  if (sale !== null && sale.id === reversedSale) sale = null;
  await refresh();
});

// A reload in the middle of an open sale continues it.
const terminal = await call("v1/readiness").catch(() => null);
if (terminal?.openSale) {
  const { saleId, amount, message } = terminal.openSale;
  sale = { id: saleId, amount };
  at("amount").value = amount;
  showResult({
    outcome: "unresolved",
    title: `${titles.unresolved}: ${amount} ${terminal.currency}`,
    message,
    open: true,
  });
}
at(terminal?.openSale ? "again" : "amount").focus();
await refresh();
setInterval(() => {
  if (waiting === null && !at("ask").open) void refresh();
}, POLL_MS);
