import { createHash } from "node:crypto";

/** Whole numbers from 0 to `bound` − 1 that are the same for the same seed, so that a run can be made again. */
export function seededDraw(seed: number): (bound: number) => number {
  let count = 0;
  return (bound) => {
    const hash = createHash("sha256").update(`${seed} ${count++}`).digest();
    return hash.readUInt32BE(0) % bound;
  };
}
