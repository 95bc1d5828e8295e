import { KEEP_AWAKE_MS } from "./limits.ts";
import { releaseAll } from "@tallystick/stack";
import { runCommand } from "./stack/app-process.ts";
import type { DemoStack } from "./stack/demo-stack.ts";
import { writeRunFile } from "./stack/run-file.ts";
import type { OpenSandbox } from "./sandbox/open-sandbox.ts";

/** An address as a person opens it: browsers keep more for `localhost` than for its number. */
function forPeople(url: string): string {
  return `${url.replace("127.0.0.1", "localhost")}/`;
}

/** A link by which a person signs in at settlement, once and within 15 minutes; and how to get another one. */
async function signInLines({ programs, settlement, folder }: DemoStack): Promise<readonly (readonly string[])[]> {
  const invite = ["people", "invite", "ada", "--role", "admin", "--by", "demo", "--config", settlement.configFile];
  const second = ["people", "invite", "ben", "--role", "finance", ...invite.slice(invite.indexOf("--by"))];
  const { lines } = await runCommand({
    program: programs.settlement,
    args: invite,
    folder: folder.path,
    name: "invite",
  });
  const link = String(lines.at(-1)?.["link"]);
  return [
    ["Sign in", `${link}  (works once, within 15 minutes)`],
    ["Another link", `node ${programs.settlement} ${invite.join(" ")}`],
    ["Second person", `node ${programs.settlement} ${second.join(" ")}`],
  ];
}

/** Every process that is left, by what it is: with a sandbox, settlement and the terminals are those that it started. */
export function processesOf(
  stack: Pick<DemoStack, "processes">,
  sandbox: { readonly process: { readonly pid: number }; readonly pids: readonly number[] } | null,
): Readonly<Record<string, number>> {
  const started = stack.processes();
  if (sandbox === null) return started;
  const [settlement = 0, terminalA = 0, terminalB = 0] = sandbox.pids;
  return { ...started, sandbox: sandbox.process.pid, settlement, terminalA, terminalB };
}

/**
 * Says what to open, and leaves everything running: in a terminal until Ctrl-C, which ends all that was started and
 * nothing else; for a program, after this one has ended.
 */
export async function keepRunning(options: {
  readonly stack: DemoStack;
  readonly sandbox: OpenSandbox | null;
  readonly isTerminal: boolean;
  readonly say: (text: string) => void;
}): Promise<void> {
  const { stack, sandbox, isTerminal, say } = options;
  const guardian = isTerminal ? process.pid : releaseAll();
  const file = writeRunFile(stack, {
    sandbox: sandbox?.url ?? null,
    processes: { guardian, ...processesOf(stack, sandbox) },
  });
  const { A, B } = stack.merchants;
  const lines = [
    ...(sandbox === null ? [] : [["Sandbox", `${sandbox.url}/`]]),
    ["Terminal A", forPeople(A.http().url)],
    ["Terminal B", forPeople(B.http().url)],
    [
      "Operators",
      `${forPeople(stack.settlement.administration)}  (any name, password ${stack.settlement.operatorToken})`,
    ],
    ...(await signInLines(stack)),
    ["Settlement", forPeople(stack.settlement.url)],
    ["Chain", forPeople(stack.anvil.rpc)],
    ["Where everything is", file],
  ];
  const width = Math.max(...lines.map(([name = ""]) => name.length));
  say(
    `\nAll is left running.\n\n${lines.map(([name = "", where = ""]) => `${name.padEnd(width)}  ${where}`).join("\n")}\n\n`,
  );
  if (!isTerminal) {
    say(`To stop it all: kill ${guardian}\n`);
    return;
  }
  say("Ctrl-C stops it all.\n");
  // A timer keeps this process here; its end by a signal ends what it started.
  const held = setInterval(() => undefined, KEEP_AWAKE_MS);
  await new Promise<void>((resolve) => {
    void sandbox?.process.ended.then(() => {
      say("\nThe sandbox has ended by itself.\n");
      resolve();
    });
  });
  clearInterval(held);
}
