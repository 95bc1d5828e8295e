/**
 * What makes the console's pages live: when settlement says that something changed, the page is
 * fetched again and the parts that differ are exchanged where they stand, so that the place one
 * reads at, what is selected and what is being typed stay. Without it every page works by itself.
 */
export const SCRIPT = `(() => {
  "use strict";
  const said = document.getElementById("live");
  const say = (text) => { if (said !== null) said.textContent = text; };
  // What is shown and may be wrong meanwhile loses its colour.
  const live = () => { document.body.classList.remove("stale"); say("Live."); };
  const stale = (why) => { document.body.classList.add("stale"); say(why + "; this page is as it was."); };
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
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
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
  const events = new EventSource("/console/events");
  events.addEventListener("changed", () => { void refresh(); });
  events.addEventListener("open", () => {
    if (document.body.classList.contains("stale")) void refresh();
    else live();
  });
  events.addEventListener("away", () => { stale("The database does not answer"); });
  events.addEventListener("error", () => { stale("Settlement does not answer"); });
  addEventListener("pagehide", () => { events.close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const box = document.getElementById("q");
    if (box !== null) { event.preventDefault(); box.focus(); }
  });
})();
`;
