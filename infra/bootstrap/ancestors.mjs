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
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ");
    return /\b(pnpm|npx|npm)\b/.test(words);
  } catch {
    return false;
  }
}

/**
 * Watches the npx and pnpm processes that started this one, so that ending any of them ends the command, even where they
 * pass no signal on. Where there is no /proc only the parent is watched.
 */
export function watchLaunchers(onGone) {
  const watched = [];
  for (let pid = process.ppid; pid > 1 && isLauncher(pid);) {
    const stat = statOf(pid);
    if (stat === undefined) break;
    watched.push({ pid, started: stat[19] });
    pid = Number(stat[1]);
  }
  const parent = process.ppid;
  const timer = setInterval(() => {
    const gone = process.ppid !== parent || watched.some(({ pid, started }) => statOf(pid)?.[19] !== started);
    if (!gone) return;
    clearInterval(timer);
    onGone();
  }, 300);
  return () => clearInterval(timer);
}
