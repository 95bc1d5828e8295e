import { readFileSync } from "node:fs";

/** The fields of /proc/PID/stat after the command's name: state, parent, … ; field 19 is the start time. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function isLauncher(pid) {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ");
    return /\b(pnpm|npx|npm)\b/.test(commandLine);
  } catch {
    return false;
  }
}

/** The processes above this one, from the parent up to the first npx or pnpm of the chain; empty when there is none. */
function launchers() {
  const chain = [];
  for (let pid = process.ppid; pid > 1;) {
    const stat = statOf(pid);
    if (stat === undefined) break;
    chain.push({ pid, started: stat[19], launcher: isLauncher(pid) });
    pid = Number(stat[1]);
  }
  return chain.slice(0, chain.findLastIndex(({ launcher }) => launcher) + 1);
}

/**
 * Watches the npx and pnpm processes that started this one, with the shells between them, so that ending any of them ends
 * the command, even where they pass no signal on. Where there is no /proc only the parent is watched.
 */
export function watchLaunchers(onGone) {
  const watched = launchers();
  const parent = process.ppid;
  const timer = setInterval(() => {
    const gone = process.ppid !== parent || watched.some(({ pid, started }) => statOf(pid)?.[19] !== started);
    if (!gone) return;
    clearInterval(timer);
    onGone();
  }, 300);
  return () => clearInterval(timer);
}
