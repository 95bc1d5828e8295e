// The sandbox's page: shows what the server says, and asks it for actions. It keeps nothing by itself.
import { FAULT_MS, POLL_MS } from "./limits.mjs";
import {
  clockPositions,
  lineText,
  networkPositions,
  placeText,
  settlementPositions,
  switchHelp,
  worthText,
} from "./texts.js";

const at = (id) => document.getElementById(id);
let faultTimer;
let busy = false;
let shown = "";

function tellFault(text) {
  at("fault").textContent = text;
  at("fault").hidden = false;
  clearTimeout(faultTimer);
  faultTimer = setTimeout(() => (at("fault").hidden = true), FAULT_MS);
}

async function ask(path, body) {
  const answer = await fetch(path, {
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.message);
  return value;
}

/** Does one thing and shows what came of it; a second one waits until the first is done. */
async function act(path, body) {
  if (busy) return;
  busy = true;
  document.body.classList.add("busy");
  try {
    show(await ask(path, body));
  } catch (error) {
    tellFault(error.message);
  } finally {
    busy = false;
    document.body.classList.remove("busy");
  }
}

function button(label, action, { quiet = false, pressed, about = label } = {}) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.setAttribute("aria-label", about);
  if (quiet) made.classList.add("quiet");
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
  made.addEventListener("click", action);
  return made;
}

function cardActions(card, terminals) {
  const { name, title } = card;
  const hold = (terminal, tear) => void act("hold", { card: name, terminal, tear });
  const places = terminals.map((terminal) => terminal.name).filter((terminal) => terminal !== card.place);
  return [
    ...places.map((terminal) =>
      button(`Hold to ${terminal}`, () => hold(terminal, false), { about: `Hold ${title}'s card to ${terminal}` }),
    ),
    ...(card.place === null
      ? []
      : [button("Take away", () => void act("take", { card: name }), { about: `Take ${title}'s card away` })]),
    ...(card.place === null || card.tears
      ? []
      : [
          button("Tear in next payment", () => hold(card.place, true), {
            quiet: true,
            about: `Pull ${title}'s card away in the middle of its next payment`,
          }),
        ]),
    ...(card.copyOf === null
      ? [button("Copy", () => void act("copy", { card: name }), { quiet: true, about: `Copy ${title}'s card` })]
      : []),
    ...(card.copyOf === null && card.settlement?.status === "valid" && !card.settlement.convicted
      ? [
          button("Block", () => void act("revoke", { card: name }), {
            quiet: true,
            about: `Have ${title}'s card blocked`,
          }),
        ]
      : []),
  ];
}

function showCards({ cards, terminals }) {
  at("cards").replaceChildren(
    ...cards.map((card) => {
      const made = at("card-template").content.cloneNode(true);
      const root = made.querySelector(".card");
      const find = (selector) => made.querySelector(selector);
      root.classList.toggle("on-a-reader", card.place !== null);
      root.classList.toggle(
        "blocked",
        card.settlement !== null && (card.settlement.convicted || card.settlement.status !== "valid"),
      );
      root.dataset.card = card.name;
      find(".holder").textContent = card.title;
      find(".place").textContent = placeText(card);
      find(".worth").textContent = worthText(card);
      find(".about").textContent = card.about;
      if (card.pin !== null) {
        find(".pin").hidden = false;
        find(".pin").textContent = `PIN ${card.pin}`;
      }
      find(".actions").append(...cardActions(card, terminals));
      return made;
    }),
  );
}

function switchOf({ label, help, positions, value, action, disabled = false }) {
  const group = document.createElement("div");
  group.className = "switch";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", label);
  const title = document.createElement("p");
  title.className = "switch-label";
  title.textContent = label;
  const row = document.createElement("div");
  row.className = "positions";
  row.append(
    ...positions.map((position) => {
      const made = button(position.label, () => action(position.value), {
        pressed: position.value === value,
        about: `${label}: ${position.label}`,
      });
      made.disabled = disabled;
      return made;
    }),
  );
  group.append(title, row);
  if (help !== undefined) {
    const text = document.createElement("p");
    text.className = "help";
    text.textContent = help;
    group.append(text);
  }
  return group;
}

function showSwitches({ network, settlement, terminals }) {
  at("switches").replaceChildren(
    switchOf({
      ...{ label: "Network", help: switchHelp.network, positions: networkPositions, value: network },
      action: (state) => void act("network", { state }),
    }),
    switchOf({
      ...{ label: "Settlement", help: switchHelp.settlement, positions: settlementPositions, value: settlement },
      ...{ action: (state) => void act("settlement", { state }), disabled: settlement === "changing" },
    }),
    ...terminals.map((terminal, index) =>
      switchOf({
        ...{
          label: `Clock of terminal ${terminal.name}`,
          positions: clockPositions,
          value: terminal.clockShiftSeconds,
        },
        ...(index === terminals.length - 1 ? { help: switchHelp.clock } : {}),
        action: (seconds) => void act("clock", { terminal: terminal.name, seconds }),
      }),
    ),
  );
}

function showNotes({ notes }) {
  at("notes").replaceChildren(
    ...notes.map((note) => {
      const item = document.createElement("li");
      const time = document.createElement("time");
      const when = new Date(note.at);
      time.dateTime = when.toISOString();
      time.textContent = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
      item.append(time, ` ${note.text}`);
      return item;
    }),
  );
}

/** A terminal's frame is made once and stays: it holds the terminal's own page. */
function showTerminals({ terminals, cards }) {
  for (const terminal of terminals) {
    const id = `terminal-${terminal.name}`;
    if (at(id) === null && terminal.frame !== undefined) {
      const made = at("terminal-template").content.cloneNode(true);
      const root = made.querySelector(".terminal");
      root.id = id;
      made.querySelector("h2").textContent = `Terminal ${terminal.name}`;
      made.querySelector("a").href = terminal.url;
      const frame = made.querySelector("iframe");
      frame.title = `The page of terminal ${terminal.name}`;
      frame.src = terminal.frame;
      at("terminals").append(made);
    }
    const lying = cards.find((card) => card.place === terminal.name);
    const place = at(id)?.querySelector(".on-reader");
    if (place) place.textContent = `Reader: ${lying?.title ?? "no card"}`;
  }
}

/** Shows a state; where nothing changed nothing is touched, so that no button leaves under a finger. */
function show(state) {
  const text = JSON.stringify(state);
  if (text === shown) return;
  shown = text;
  const focused = document.activeElement?.getAttribute("aria-label");
  showCards(state);
  showSwitches(state);
  showNotes(state);
  showTerminals(state);
  const { text: line, kind } = lineText(state);
  at("line").textContent = line;
  at("line").className = `pill ${kind}`;
  if (focused) document.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
}

async function follow() {
  try {
    const state = await ask("state");
    if (!busy) show(state);
  } catch {
    at("line").textContent = "The sandbox has ended";
    at("line").className = "pill stop";
    shown = "";
  }
  setTimeout(() => void follow(), POLL_MS);
}

void follow();
