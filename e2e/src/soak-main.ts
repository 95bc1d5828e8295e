/** `pnpm soak [--kills 50] [--seed N]`: a long day of kills; prints one JSON line and fails unless nothing was lost or doubled. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { onParentGone } from "@tallystick/stack";
import { playDay } from "./kill-day.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "50" }, seed: { type: "string" } } });
const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed);
const kills = Number(values.kills);

const end = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

process.stderr.write(`a day with ${kills} kills, seed ${seed}\n`);
const result = await playDay({ kills, seed, durable: true, say: (text) => process.stderr.write(text) });
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(result.lost === 0 && result.doubled === 0 ? 0 : 1);
