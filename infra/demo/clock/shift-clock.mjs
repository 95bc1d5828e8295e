/**
 * Loaded before a program of the sandbox (`NODE_OPTIONS=--import …`): shifts the clock that this process
 * sees by the seconds that stand in the file named by TALLYSTICK_CLOCK_SHIFT, now and whenever it
 * changes. The programs themselves know nothing of it.
 */
import { readFileSync, watchFile } from "node:fs";
import { CLOCK_POLL_MS, MS_A_SECOND } from "./limits.mjs";

const file = process.env.TALLYSTICK_CLOCK_SHIFT;
const RealDate = Date;
let shiftMs = 0;

function readShift() {
  try {
    const seconds = Number(readFileSync(file, "utf8"));
    shiftMs = Number.isFinite(seconds) ? seconds * MS_A_SECOND : 0;
  } catch {
    shiftMs = 0;
  }
}

if (file !== undefined) {
  readShift();
  watchFile(file, { interval: CLOCK_POLL_MS, persistent: false }, readShift);
  globalThis.Date = class Date extends RealDate {
    constructor(...parts) {
      if (parts.length === 0) super(RealDate.now() + shiftMs);
      else super(...parts);
    }

    static now() {
      return RealDate.now() + shiftMs;
    }
  };
}
