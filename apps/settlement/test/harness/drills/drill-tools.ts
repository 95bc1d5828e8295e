import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "@jest/globals";
import { projectRoot } from "@tallystick/stack";
import { eventually, holdsEventually } from "../eventually.ts";
import { raisedBy } from "../promql/rules.ts";
import { OPERATOR_TOKEN, type SettlementHarness } from "../settlement-harness.ts";
import { printedCommands } from "./printed-commands.ts";

/** How a command ended, and what it wrote to both outputs. */
export interface Followed {
  readonly exit: number;
  readonly output: string;
}

/** What a drill needs of a running service: what Prometheus gets of it, and a person's shell. */
export interface DrillTools {
  /** The folder of the configuration, in which commands run. */
  readonly folder: string;
  /** Runs a printed command as it stands; `open` has values for variables that the page leaves open. */
  follow(command: string, open?: Readonly<Record<string, string>>): Promise<Followed>;
  /** As Prometheus scrapes: `up` is 1 before what the service answers, and 0 alone where it answers nothing. */
  scrape(): Promise<string>;
  /** Names of the alarms that one scrape raises; with an earlier one, also those that ask for a change. */
  raised(before?: string): Promise<readonly string[]>;
  /** Waits until exactly these alarms are raised, in the order of the rules. */
  becomes(alerts: readonly string[], before?: string): Promise<void>;
  /** No alarm is raised any more, and the page of SettlementNotReady says that money moves. */
  ready(): Promise<void>;
}

/** The administration's address of whatever runs now. */
type Administration = () => string;

/** Puts the program on the PATH of printed commands, as the packages do. */
export function drillTools(harness: SettlementHarness, administration: Administration): DrillTools {
  const folder = dirname(harness.configFile);
  const program = join(projectRoot(), "apps/settlement/bin/tallystick-settlement.mjs");
  writeFileSync(join(folder, "tallystick-settlement"), `#!/bin/sh\nexec node ${program} "$@"\n`, { mode: 0o755 });

  const follow = async (command: string, open: Readonly<Record<string, string>> = {}): Promise<Followed> =>
    await new Promise((resolve) => {
      const env = {
        ...process.env,
        ...{ PATH: `${folder}:${process.env["PATH"] ?? ""}`, TOKEN: OPERATOR_TOKEN, SETTLEMENT: administration() },
        ...open,
      };
      execFile("/bin/sh", ["-c", command], { cwd: folder, env }, (error, stdout, stderr) =>
        resolve({ exit: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` }),
      );
    });
  const scrape = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    try {
      const answer = await fetch(`${administration()}/metrics`, { headers });
      if (answer.ok) return `up{job="settlement"} 1\n${await answer.text()}`;
    } catch {
      // Nothing listens.
    }
    return 'up{job="settlement"} 0\n';
  };
  const raised = async (before?: string): Promise<readonly string[]> => {
    const now = await scrape();
    return raisedBy({ before: before ?? now, now });
  };
  const becomes = async (alerts: readonly string[], before?: string): Promise<void> => {
    await eventually(
      () => raised(before),
      (found) => JSON.stringify(found) === JSON.stringify(alerts),
    );
  };
  const ready = async (): Promise<void> => {
    await becomes([]);
    await holdsEventually(
      () => follow(printedCommands("SettlementNotReady").look),
      ({ output }) => expect(output).toContain('"ready":true'),
    );
  };
  return { folder, follow, scrape, raised, becomes, ready };
}
