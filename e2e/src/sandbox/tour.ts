import { readFileSync } from "node:fs";
import { join } from "node:path";
import { httpClient, poll, type Http, type TapAnswer } from "@tallystick/demo";
import { makeWorkFolder, projectRoot, startOwnedProcess } from "@tallystick/stack";
import { DEADLINE_MS, END_MS } from "./limits.ts";

/** What the sandbox's page shows; the members that the tour looks at. */
interface State {
  readonly cards: readonly {
    readonly name: string;
    readonly place: string | null;
    readonly pin: string | null;
    readonly settlement: { readonly status: string; readonly convicted: boolean } | null;
  }[];
}

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly { readonly code: string }[];
  readonly warnings: readonly { readonly code: string }[];
}

/** What the tour came to. */
export interface Tour {
  readonly passed: boolean;
  readonly steps: number;
  readonly faults: readonly string[];
  /** Processes that were still there after the end was asked for. */
  readonly left: number;
}

interface Place {
  readonly sandbox: Http;
  readonly A: Http;
  readonly B: Http;
}

type Step = readonly [name: string, play: (place: Place) => Promise<boolean>];

const hold = async ({ sandbox }: Place, card: string, terminal: string, tear = false): Promise<unknown> =>
  await sandbox.post("/hold", { card, terminal, tear });

let sales = 0;

async function sell(terminal: Http, amount: string, more: Readonly<Record<string, unknown>> = {}): Promise<TapAnswer> {
  sales += 1;
  return await terminal.post<TapAnswer>("/v1/taps", { amount, saleId: `tour-${sales}`, waitSeconds: 15, ...more });
}

async function becomes<T>(what: string, ask: () => Promise<T>, until: (answer: T) => boolean): Promise<boolean> {
  try {
    await poll({ what, ask, until, deadlineMs: DEADLINE_MS });
    return true;
  } catch {
    return false;
  }
}

const stateBecomes = async ({ sandbox }: Place, what: string, until: (state: State) => boolean): Promise<boolean> =>
  await becomes(what, async () => await sandbox.get<State>("/state"), until);

const readyBecomes = async (terminal: Http, what: string, until: (answer: Readiness) => boolean): Promise<boolean> =>
  await becomes(what, async () => await terminal.get<Readiness>("/v1/readiness"), until);

const cardOf = (state: State, name: string) => state.cards.find((card) => card.name === name);

/** Everything that the guide says can be tried, one after the other. */
const steps: readonly Step[] = [
  [
    "a held card pays",
    async (place) => {
      await hold(place, "dana", "A");
      return (await sell(place.A, "1.00")).outcome === "accepted";
    },
  ],
  [
    "a torn card is taken away, and pays once when it is held again",
    async (place) => {
      await hold(place, "dana", "B", true);
      const torn = await sell(place.B, "1.10", { saleId: "tour-torn" });
      const isAway = await stateBecomes(place, "the card away", (state) => cardOf(state, "dana")?.place === null);
      await hold(place, "dana", "B");
      const again = await sell(place.B, "1.10", { saleId: "tour-torn" });
      return torn.outcome === "unresolved" && isAway && again.outcome === "accepted" && again.counter === torn.counter;
    },
  ],
  [
    "a PIN is wanted, and taken",
    async (place) => {
      await hold(place, "eli", "A");
      const pin = cardOf(await place.sandbox.get<State>("/state"), "eli")?.pin;
      const asked = await sell(place.A, "20.00");
      const paid = await sell(place.A, "20.00", { pin });
      return asked.code === "CARD_PIN_NEEDED" && paid.outcome === "accepted";
    },
  ],
  [
    "a card over its cap and a blocked one are refused",
    async (place) => {
      await hold(place, "fay", "A");
      const over = await sell(place.A, "9.00");
      await hold(place, "cyd", "A");
      return over.code === "CARD_SPENDING_CAP" && (await sell(place.A, "1.00")).code === "STATUS_REVOKED";
    },
  ],
  [
    "both copies of a card pay on a cut line, and are convicted when it is back",
    async (place) => {
      await place.sandbox.post("/copy", { card: "dana" });
      await place.sandbox.post("/network", { state: "cut" });
      await hold(place, "dana", "A");
      await hold(place, "dana-copy-1", "B");
      const both = [await sell(place.A, "2.00"), await sell(place.B, "3.00")];
      const isOffline = await readyBecomes(place.A, "offline", (answer) => answer.ready && answer.warnings.length > 0);
      await place.sandbox.post("/network", { state: "on" });
      const isFound = await stateBecomes(
        place,
        "the fork",
        (state) => cardOf(state, "dana")?.settlement?.convicted === true,
      );
      return both.every(({ outcome }) => outcome === "accepted") && isOffline && isFound;
    },
  ],
  [
    "a card that is blocked now is refused by the next list",
    async (place) => {
      await place.sandbox.post("/revoke", { card: "eli" });
      await hold(place, "eli", "B");
      return await becomes(
        "the refusal",
        async () => await sell(place.B, "0.01"),
        ({ code }) => code === "STATUS_REVOKED",
      );
    },
  ],
  [
    "a clock that is an hour ahead is noticed, and right again",
    async (place) => {
      await place.sandbox.post("/clock", { terminal: "A", seconds: 3_600 });
      const isNoticed = await readyBecomes(place.A, "the clock", (answer) =>
        answer.reasons.some(({ code }) => code === "CLOCK_AHEAD"),
      );
      await place.sandbox.post("/clock", { terminal: "A", seconds: 0 });
      return isNoticed && (await readyBecomes(place.A, "ready again", (answer) => answer.ready));
    },
  ],
  [
    "settlement down keeps no terminal from selling",
    async (place) => {
      await place.sandbox.post("/settlement", { state: "down" });
      await hold(place, "fay", "B");
      const paid = await sell(place.B, "0.50");
      await place.sandbox.post("/settlement", { state: "up" });
      return (
        paid.outcome === "accepted" &&
        (await readyBecomes(place.B, "the line", (answer) => answer.warnings.length === 0))
      );
    },
  ],
];

/** Waits until processes have gone; answers how many have not. */
async function untilGone(pids: readonly number[]): Promise<number> {
  const left = (): number =>
    pids.filter((pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    }).length;
  await poll({
    ...{ what: "the end of all processes", deadlineMs: END_MS },
    ask: () => Promise.resolve(left()),
    until: (count) => count === 0,
  }).catch(() => undefined);
  return left();
}

/** Runs `demo --keep`, tries everything in the sandbox, and ends it. */
export async function playTour(say: (text: string) => void): Promise<Tour> {
  const root = projectRoot();
  const folder = makeWorkFolder("sandbox-tour");
  const demo = await startOwnedProcess({
    command: process.execPath,
    args: [
      "--conditions=source",
      "--disable-warning=ExperimentalWarning",
      join(root, "infra/demo/src/main.ts"),
      "--keep",
    ],
    cwd: root,
    stdoutFile: join(folder.path, "out"),
    stderrFile: join(folder.path, "log"),
  });
  const { code } = await demo.finished();
  if (code !== 0) throw new Error(`the demo ended with ${code ?? "a signal"}:\n${demo.tail()}`);
  const run = JSON.parse(readFileSync(join(root, ".tallystick", "run.json"), "utf8")) as {
    readonly sandbox: string;
    readonly gateways: readonly [string, string];
    readonly pids: readonly number[];
    readonly processes: Readonly<Record<string, number>>;
  };
  const [guardian = 0] = run.pids;
  // Whoever wants to stop the chain alone finds it by its name.
  for (const name of ["postgresql", "redis", "chain", "settlement", "terminalA", "terminalB"])
    if (!run.pids.includes(run.processes[name] ?? 0)) throw new Error(`run.json names no process ${name}`);
  const faults: string[] = [];
  try {
    const place = { sandbox: httpClient(run.sandbox), A: httpClient(run.gateways[0]), B: httpClient(run.gateways[1]) };
    for (const [name, play] of steps) {
      const passed = await play(place).catch((error: unknown) => {
        say(`${String(error)}\n`);
        return false;
      });
      say(`${passed ? "✓" : "✗"} ${name}\n`);
      if (!passed) faults.push(name);
    }
  } finally {
    process.kill(guardian, "SIGTERM");
    folder.remove();
  }
  const left = await untilGone(run.pids);
  return { passed: faults.length === 0 && left === 0, steps: steps.length, faults, left };
}
