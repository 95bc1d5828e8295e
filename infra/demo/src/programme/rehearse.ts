import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  callRpc,
  followLines,
  freePort,
  makeWorkFolder,
  type OwnedProcess,
  projectRoot,
  startAnvil,
  startOwnedProcess,
  startPostgres,
  startRedis,
} from "@tallystick/stack";
import { FINAL_DEADLINE_MS } from "../limits.ts";
import { appEnvironment, startApp, type AppProcess } from "../stack/app-process.ts";
import { programsOf } from "../stack/demo-stack.ts";
import { drawAddress } from "../stack/key-files.ts";

/** What `programme init` says, a line of JSON. */
type Event = Readonly<Record<string, unknown>>;

/** A programme that was made on a development stack, which still runs. */
export interface Rehearsal {
  readonly folder: string;
  /** Its last line. */
  readonly done: Event;
  readonly events: readonly Event[];
  readonly rpc: string;
  readonly settlement: AppProcess;
  readonly stop: () => Promise<void>;
}

/** Wei that an account gets: a hundred ether. */
const ETHER = "0x56bc75e2d63100000";

/**
 * Makes a programme from nothing by `tallystick-issuer programme init`, as an issuer would, on a chain, a database and a
 * Redis of its own: it funds the accounts that are asked for, and starts settlement with the configuration that was written.
 * @param options.killAfter steps, and what is awaited, after each of which the program is killed once and started again
 */
export async function rehearseProgramme(options: {
  say: (text: string) => void;
  killAfter?: readonly string[];
}): Promise<Rehearsal> {
  const { say, killAfter = [] } = options;
  const work = makeWorkFolder("programme");
  const [postgres, redis, anvil] = await Promise.all([startPostgres(), startRedis(), startAnvil()]);
  const programs = programsOf(projectRoot());
  const folder = join(work.path, "programme");
  mkdirSync(folder);
  const config = join(folder, "programme.json");
  const answers = await answersOf({ rpcUrl: anvil.rpc, databaseUrl: postgres.url, redisUrl: redis.url });
  writeFileSync(config, `${JSON.stringify(answers, null, 2)}\n`, { mode: 0o600 });
  say("PostgreSQL, Redis and an EVM chain of our own are up");

  const events: Event[] = [];
  const left = new Set(killAfter);
  let settlement: AppProcess | undefined;
  /** Plays everybody else: who has ether, and who runs settlement. */
  const serve = async (event: Event): Promise<void> => {
    events.push(event);
    const [, account] = /^Ether for (0x[0-9a-f]{40})$/.exec(String(event["what"])) ?? [];
    if (account !== undefined) await callRpc(anvil.rpc, "anvil_setBalance", [account, ETHER]);
    if (String(event["what"]).startsWith("Settlement at") && settlement === undefined)
      settlement = await startApp({
        ...{ program: programs.settlement, folder: work.path, name: "settlement" },
        configFile: join(folder, "settlement.json"),
      });
    if (event["code"] !== "BEGUN") say(sentenceOf(event));
  };
  const stop = async (): Promise<void> => {
    await settlement?.process.stop();
    await Promise.all([postgres.stop(), redis.stop(), anvil.stop()]);
    work.remove();
  };
  for (;;) {
    const life = await startLife(programs.personalizer, config, work.path);
    const end = await follow(life, left, serve);
    if (end === "killed") continue;
    if (end === "failed" || settlement === undefined) {
      const text = life.tail();
      await stop();
      throw new Error(`the programme was not made:\n${text}`);
    }
    return { folder, done: end, events, rpc: anvil.rpc, settlement, stop };
  }
}

async function startLife(program: string, config: string, folder: string): Promise<OwnedProcess> {
  return await startOwnedProcess({
    command: process.execPath,
    args: [program, "programme", "init", "--config", config, "--json"],
    env: appEnvironment(),
    stdoutFile: join(folder, "programme.out"),
    stderrFile: join(folder, "programme.log"),
  });
}

/** Follows one life of the program to its end, or to where it is killed. */
async function follow(
  life: OwnedProcess,
  left: Set<string>,
  serve: (event: Event) => Promise<void>,
): Promise<Event | "killed" | "failed"> {
  const lines = followLines(life, life.stdoutStart);
  for (;;) {
    let event: Event;
    try {
      event = await lines.next("a programme", (line) => line["schema"] === "tallystick.programme/1", FINAL_DEADLINE_MS);
    } catch {
      return "failed";
    }
    await serve(event);
    if (event["event"] === "done") {
      await life.finished();
      return event;
    }
    const at = String(event["step"] ?? event["what"]);
    if (event["code"] !== "BEGUN" && left.delete(at)) {
      await life.kill();
      return "killed";
    }
  }
}

/** A programme of small sums for a chain whose tokens are worth nothing. */
async function answersOf(parts: { rpcUrl: string; databaseUrl: string; redisUrl: string }): Promise<object> {
  const [port, administrationPort, terminalPort] = [await freePort(), await freePort(), await freePort()];
  return {
    ...{ name: "Rehearsal", mode: "development", chainId: 31_337, ...parts },
    asset: { code: "TUSD", decimals: 6, scale: 1 },
    testToken: { mint: "1000.00" },
    treasury: { tokens: "1000.00", ether: "1" },
    guarantee: { bears: true, perCard: "100.00", perPayeePerDay: "500.00", tokens: "50.00", ether: "0.5" },
    ...{ pins: true, fund: "20.00" },
    terminal: {
      ...{ payee: drawAddress(), category: 3, reader: "Tallystick 1 00 00", port: terminalPort },
      limits: {
        ...{ perTap: "100.00", unsentSum: "1000.00", unsentCount: 500, perCardSum: "500.00", softwareSum: "0.00" },
      },
    },
    settlement: { port, administrationPort },
    waitSeconds: FINAL_DEADLINE_MS / 1_000,
  };
}

/** An event as a line for people. */
function sentenceOf(event: Event): string {
  if (event["event"] === "waiting") return `… ${String(event["what"])}: ${String(event["stands"])}`;
  if (event["event"] === "told") return (event["sentences"] as string[]).join("\n");
  if (event["event"] === "done") return `The programme is made; its record is ${String(event["record"])}`;
  const detail = event["detail"] === undefined ? "" : ` (${String(event["detail"])})`;
  return `${event["event"] === "card" ? "    " : ""}✓ ${String(event["message"])}${detail}`;
}
