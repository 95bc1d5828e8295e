import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type AppProcess, startApp } from "../stack/app-process.ts";
import { MAX_CLOCK_SHIFT_SECONDS, SYNC_SECONDS } from "./limits.ts";
import type { PlannedTerminal } from "./plan.ts";
import { SandboxError } from "./sandbox-error.ts";

/** A terminal that runs: a gateway by its documented configuration, and the clock that it sees. */
export interface Terminal {
  readonly name: string;
  readonly url: string;
  readonly process: AppProcess["process"];
  readonly clockShiftSeconds: () => number;
  readonly shiftClock: (seconds: number) => void;
}

/** What of a terminal's configuration the sandbox sets: where its lines go, and that it exchanges by itself. */
export function configureTerminal(
  config: Readonly<Record<string, unknown>>,
  lines: { readonly settlement: string; readonly chain: string },
): Record<string, unknown> {
  // What the demo set for its own story goes back to what a merchant has.
  const { cardWaitSeconds: _wait, sync: _sync, claim, ...rest } = config;
  return {
    ...rest,
    settlementUrl: lines.settlement,
    ...(claim === undefined ? {} : { claim: { ...(claim as object), rpcUrl: lines.chain } }),
    // This machine's clock runs on while a gateway is restarted.
    clock: { batteryBacked: true },
    sync: { intervalSeconds: SYNC_SECONDS },
  };
}

/** Starts a terminal's gateway as a merchant would, with a clock that can be set wrong. */
export async function startTerminal(options: {
  readonly terminal: PlannedTerminal;
  readonly program: string;
  readonly folder: string;
  readonly lines: { readonly settlement: string; readonly chain: string };
}): Promise<Terminal> {
  const { terminal, folder } = options;
  const config = JSON.parse(readFileSync(terminal.configFile, "utf8")) as Record<string, unknown>;
  writeFileSync(terminal.configFile, `${JSON.stringify(configureTerminal(config, options.lines), null, 2)}\n`);
  const shiftFile = join(folder, `terminal-${terminal.name}.shift`);
  writeFileSync(shiftFile, "0");
  const preload = pathToFileURL(fileURLToPath(new URL("../../clock/shift-clock.mjs", import.meta.url))).href;
  const { url, process } = await startApp({
    ...{ program: options.program, configFile: terminal.configFile, folder, name: `terminal-${terminal.name}` },
    env: { NODE_OPTIONS: `--import=${preload}`, TALLYSTICK_CLOCK_SHIFT: shiftFile },
  });
  let shift = 0;
  return {
    ...{ name: terminal.name, url, process },
    clockShiftSeconds: () => shift,
    shiftClock: (seconds) => {
      if (!Number.isInteger(seconds) || Math.abs(seconds) > MAX_CLOCK_SHIFT_SECONDS)
        throw new SandboxError(
          "MALFORMED_REQUEST",
          `A clock is shifted by whole seconds, at most ${MAX_CLOCK_SHIFT_SECONDS}.`,
        );
      writeFileSync(shiftFile, String(seconds));
      shift = seconds;
    },
  };
}
