import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LOCK_POLL_MS } from "./limits.mjs";

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Takes the lock; the file appears whole, with the owner's process id in it, or not at all. */
function tryTake(file, own) {
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(own);
  }
}

/** The process that holds the lock; undefined when nobody does. */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
}

/** Takes away the lock of a process that ended without giving it back; of several that try, one does it. */
function removeStale(file, own, owner) {
  try {
    renameSync(file, own);
    // Somebody else may have been quicker, and what was taken is a new lock: it goes back.
    if (readFileSync(own, "utf8") !== String(owner)) linkSync(own, file);
    rmSync(own);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

/**
 * Does work that only one process at a time may do in this checkout, such as installing and building; waits while another
 * does it. A lock whose process is gone counts for nothing.
 * @param {{file: string, onWait: (pid: number) => void}} options the lock's path, and what is called once when it has to wait
 * @param {() => Promise<void>} work
 */
export async function withLock({ file, onWait }, work) {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${process.pid}`;
  for (let isReported = false; !tryTake(file, own);) {
    const owner = ownerOf(file);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      removeStale(file, own, owner);
      continue;
    }
    if (!isReported) onWait(owner);
    isReported = true;
    await pause(LOCK_POLL_MS);
  }
  try {
    await work();
  } finally {
    rmSync(file);
  }
}
