import { LIVE_AWAY_MS, LIVE_CHECK_MS } from "../limits.ts";

/**
 * What makes the console's pages live: when settlement says that something changed, the page is
 * fetched again and the parts that differ are exchanged where they stand, so that the place one
 * reads at, what is selected and what is being typed stay. While settlement does not answer it says
 * so at the top, since when and of what time the page is; the first screen's own sentence gives way.
 * Without it every page works by itself.
 */
export const SCRIPT = `(() => {
  "use strict";
  const said = document.getElementById("live");
  const say = (text) => { if (said !== null) said.textContent = text; };
  // What is shown and may be wrong meanwhile loses its colour.
  const away = document.getElementById("away");
  let since = null;
  const live = () => {
    document.body.classList.remove("stale");
    since = null;
    if (away !== null) away.hidden = true;
    say("Live.");
  };
  const stale = (why) => {
    document.body.classList.add("stale");
    since = since ?? new Date().toISOString().slice(11, 19) + " UTC";
    say(why + "; this page is as it was.");
    const read = document.getElementById("read-at");
    const text = why + ", since " + since + ". This page is as it was" + (read === null ? "." : " at " + read.textContent + ".");
    // It is told once, not at every look.
    if (away !== null && (away.hidden || away.textContent !== text)) { away.textContent = text; away.hidden = false; }
  };
  const busy = (part) => {
    if (part.contains(document.activeElement) && document.activeElement !== document.body) return true;
    if ([...part.querySelectorAll("input, select")].some((field) => field.value !== field.defaultValue && field.type !== "hidden" && field.tagName === "INPUT")) return true;
    const chosen = document.getSelection();
    return chosen !== null && !chosen.isCollapsed && chosen.rangeCount > 0 && chosen.getRangeAt(0).intersectsNode(part);
  };
  let waits = false;
  let runs = false;
  const refresh = async () => {
    if (runs) { waits = true; return; }
    runs = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin", signal: AbortSignal.timeout(${LIVE_AWAY_MS}) });
      if (answer.redirected) { location.assign(answer.url); return; }
      if (!answer.ok) { stale("Settlement answers " + answer.status); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // Below all others: the time is that of the figures, which a part that somebody is at keeps.
      let kept = false;
      for (const part of document.querySelectorAll("[data-live]")) {
        const other = fresh.getElementById(part.id);
        if (other === null || part.innerHTML === other.innerHTML) continue;
        if (busy(part) || (kept && part.id === "read-at")) { kept = true; continue; }
        const open = [...part.querySelectorAll("details")].map((each) => each.open);
        part.replaceChildren(...other.childNodes);
        part.className = other.className;
        part.querySelectorAll("details").forEach((each, index) => { each.open = open[index] === true; });
      }
      live();
    } catch { stale("Settlement does not answer"); }
    finally { runs = false; if (waits) { waits = false; void refresh(); } }
  };
  let events = null;
  let again = null;
  const leave = () => { clearTimeout(again); if (events !== null) events.close(); };
  const follow = () => {
    leave();
    const source = new EventSource("/console/events");
    events = source;
    source.addEventListener("changed", () => { void refresh(); });
    source.addEventListener("open", () => {
      if (document.body.classList.contains("stale")) void refresh();
      else live();
    });
    source.addEventListener("away", () => { stale("The database does not answer"); });
    // A stream also ends by itself after some minutes: whether settlement is away shows when it is asked.
    source.addEventListener("error", () => {
      if (!document.body.classList.contains("stale")) void refresh();
      // 2 is closed: the browser does not ask again by itself where a proxy answered in its place.
      if (source.readyState === 2) again = setTimeout(follow, ${LIVE_AWAY_MS});
    });
  };
  follow();
  // A settlement that hangs keeps its stream open and says nothing.
  setInterval(() => { if (!document.hidden) void refresh(); }, ${LIVE_CHECK_MS});
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted) { follow(); void refresh(); } });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const box = document.getElementById("q");
    if (box !== null) { event.preventDefault(); box.focus(); }
  });
})();
`;
