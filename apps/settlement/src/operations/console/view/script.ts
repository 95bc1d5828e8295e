/**
 * What makes the console's pages live: when settlement says that something changed, the page is
 * fetched again and the parts that differ are exchanged where they stand, so that the place one
 * reads at, what is selected and what is being typed stay. Without it every page works by itself.
 */
export const SCRIPT = `(() => {
  "use strict";
  const said = document.getElementById("live");
  const say = (text) => { if (said !== null) said.textContent = text; };
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
      if (!answer.ok) { say("Settlement answers " + answer.status + "; this page is as it was."); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const other = fresh.getElementById(part.id);
        if (other === null || busy(part) || part.innerHTML === other.innerHTML) continue;
        const open = [...part.querySelectorAll("details")].map((each) => each.open);
        part.replaceChildren(...other.childNodes);
        part.className = other.className;
        part.querySelectorAll("details").forEach((each, index) => { each.open = open[index] === true; });
      }
      say("Live.");
    } catch { say("Settlement does not answer; this page is as it was."); }
    finally { runs = false; if (waits) { waits = false; void refresh(); } }
  };
  const events = new EventSource("/console/events");
  events.addEventListener("changed", () => { void refresh(); });
  events.addEventListener("open", () => { say("Live."); });
  events.addEventListener("error", () => { say("Settlement does not answer; this page is as it was."); });
  addEventListener("pagehide", () => { events.close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const box = document.getElementById("q");
    if (box !== null) { event.preventDefault(); box.focus(); }
  });
})();
`;
