import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { followLines, freePort, type OwnedProcess, startOwnedProcess } from "@tallystick/stack";
import { READY_DEADLINE_MS } from "../limits.ts";
import { appEnvironment } from "../stack/app-process.ts";
import { cardFolderOf, type DemoStack } from "../stack/demo-stack.ts";
import type { DemoReport } from "../report/report.ts";
import { issueCard, pinOf } from "../story/issue-card.ts";
import type { Narrator } from "../story/narrator.ts";
import { configureForPeople } from "./settlement/alarms.ts";
import type { PlannedCard, SandboxPlan, SandboxReady } from "./plan.ts";

/** The sandbox as a process, and what it said when it served. */
export interface OpenSandbox extends SandboxReady {
  readonly process: OwnedProcess;
}

/** First deposits, with the one unit more that the issuer takes back when it tries each card. */
const SIXTY = "60.000001";
const FIVE = "5.000001";

/** Cards that nothing has happened to, and the blocked one of the story. */
async function makeCards(stack: DemoStack, narrator: Narrator, report: DemoReport): Promise<PlannedCard[]> {
  const dana = await issueCard(stack, narrator, "dana", { fund: SIXTY });
  const eli = await issueCard(stack, narrator, "eli", { fund: SIXTY, pinAbove: "10.00" });
  const fay = await issueCard(stack, narrator, "fay", { fund: FIVE });
  const blocked = report.taps.find(({ step }) => step === "revoked");
  return [
    { ...dana, title: "Dana", about: "60.00 on it, at most 50.00 at once. An ordinary card.", pin: null },
    { ...eli, title: "Eli", about: "60.00 on it; above 10.00 it wants its PIN.", pin: pinOf(stack, eli) },
    { ...fay, title: "Fay", about: "5.00 on it: ask for more, and the card itself says no.", pin: null },
    ...(blocked === undefined
      ? []
      : [{ name: "cyd", address: blocked.card, title: "Cyd", about: "Blocked by its issuer before.", pin: null }]),
  ].map(({ name, address, title, about, pin }) => ({ name, address, title, about, pin }));
}

/**
 * Hands the stack over to the sandbox, a process of its own: it starts settlement and the terminals anew, so that they
 * synchronize by themselves over a line with a switch.
 */
export async function openSandbox(stack: DemoStack, narrator: Narrator, report: DemoReport): Promise<OpenSandbox> {
  const cards = await makeCards(stack, narrator, report);
  const { merchants, settlement, folder } = stack;
  narrator.line("settlement and both terminals start anew, to synchronize by themselves over a line with a switch");
  for (const { process } of [merchants.A, merchants.B, settlement]) await process().stop();
  const port = await freePort();
  const plan: SandboxPlan = {
    ...{ folder: folder.path, port },
    alarmSecret: configureForPeople({ configFile: settlement.configFile, folder: folder.path, port }),
    cardFolder: cardFolderOf(folder),
    rpc: stack.anvil.rpc,
    settlement: {
      program: stack.programs.settlement,
      configFile: settlement.configFile,
      url: settlement.url,
      administration: settlement.administration,
      issuerToken: settlement.issuerToken,
      operatorToken: settlement.operatorToken,
    },
    gatewayProgram: stack.programs.gateway,
    terminals: [merchants.A, merchants.B].map(({ name, configFile, slot, http }) => ({
      ...{ name, configFile, slot },
      gatewayUrl: http().url,
    })),
    cards,
  };
  const planFile = join(folder.path, "sandbox-plan.json");
  writeFileSync(planFile, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600 });
  const owned = await startOwnedProcess({
    command: process.execPath,
    args: [...process.execArgv, fileURLToPath(new URL("./main.ts", import.meta.url)), planFile],
    env: appEnvironment(),
    stdoutFile: join(folder.path, "sandbox.out"),
    stderrFile: join(folder.path, "sandbox.log"),
  });
  const ready = await followLines(owned, owned.stdoutStart).next(
    "the sandbox serving",
    (event) => event["schema"] === "tallystick.sandbox/1",
    READY_DEADLINE_MS,
  );
  return { ...(ready as unknown as SandboxReady), process: owned };
}
