import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AppProcess, createDemoStack, createNarrator, issueCard, startApp } from "@tallystick/demo";
import { freePort, projectRoot } from "@tallystick/stack";
import { countDoubled, countLost, settledBooks } from "../day-counts.ts";
import { type Day, work } from "../kill-day.ts";
import { seededRandom } from "../seeded-random.ts";
import { buildPreviousVersion } from "./previous-version.ts";
import { openSharedDoor, type SharedDoor } from "./shared-door.ts";

/** Rounds of sales while both versions serve, and after the older one was stopped. */
const ROUNDS_OF_BOTH = 12;
const ROUNDS_ALONE = 4;

/** Lines of a log from this level on are errors. */
const ERROR_LEVEL = 50;

/** What a day with two versions came to. */
export interface UpgradeResult {
  /** The commit of the version before. */
  readonly previous: string;
  readonly passed: boolean;
  readonly sales: number;
  /** Requests of terminals that each version answered, and that none did. */
  readonly answeredByPrevious: number;
  readonly answeredByPresent: number;
  readonly unanswered: number;
  /** Lines of errors in the logs of both. */
  readonly errors: readonly string[];
  /** How the older program ended: 0 where it was told to. */
  readonly previousExit: number | null;
  readonly lost: number;
  readonly doubled: number;
  readonly ledgerDifference: string;
  readonly seconds: number;
}

/**
 * Two versions of settlement on one database: the version before makes it, the present one starts
 * beside it, which changes the layout under the other, both take uploads in turn, and the older one
 * is stopped. Then everything must be there once.
 */
export async function playUpgrade(options: {
  readonly seed: number;
  /** The version before; null for the one before the newest change of the database. */
  readonly previous: string | null;
  readonly say: (text: string) => void;
}): Promise<UpgradeResult> {
  const start = performance.now();
  const previous = await buildPreviousVersion(projectRoot(), options.previous, options.say);
  const door = await openSharedDoor();
  try {
    const played = await playDay({ ...options, program: previous.settlement, door });
    const { answered, failed: unanswered } = door.counts();
    const counts = {
      ...{ sales: played.sales, lost: played.lost, doubled: played.doubled, unanswered },
      answeredByPrevious: answered[played.urls.previous] ?? 0,
      answeredByPresent: answered[played.urls.present] ?? 0,
    };
    const isWhole = [counts.lost, counts.doubled, unanswered, played.errors.length, played.previousExit].every(
      (count) => count === 0,
    );
    const tookPart = counts.answeredByPrevious > 0 && counts.answeredByPresent > 0;
    return {
      ...{ previous: previous.commit, passed: isWhole && tookPart, ...counts },
      ...{ errors: played.errors, previousExit: played.previousExit, ledgerDifference: played.ledgerDifference },
      seconds: Math.round((performance.now() - start) / 1_000),
    };
  } finally {
    await door.close();
    previous.remove();
  }
}

async function playDay({
  seed,
  say,
  program,
  door,
}: {
  readonly seed: number;
  readonly say: (text: string) => void;
  readonly program: string;
  readonly door: SharedDoor;
}) {
  const narrator = createNarrator(say, () => performance.now());
  const older: AppProcess[] = [];
  let urls = { previous: "", present: "" };
  const stack = await createDemoStack({
    ...{ direct: true, say: narrator.line },
    beforeSettlement: async ({ configFile, folder }) => {
      const beside = await startBeside(program, configFile, folder);
      older.push(beside.app);
      urls = { ...urls, previous: beside.url };
      narrator.line(`the version before serves at ${beside.url}`);
    },
    between: ({ postgres, redis, anvil }) =>
      Promise.resolve({
        ...{ databaseUrl: postgres.url, redisUrl: redis.url, rpc: anvil.rpc },
        settlement: (present) => {
          urls = { ...urls, present };
          door.leadTo([urls.previous, present]);
          return Promise.resolve(door.url);
        },
      }),
  });
  try {
    const [app] = older;
    if (app === undefined) throw new Error("the version before was not started");
    const cards = { A: await issueCard(stack, narrator, "ada"), B: await issueCard(stack, narrator, "bea") };
    await cards.A.card.insert(stack.merchants.A.slot);
    await cards.B.card.insert(stack.merchants.B.slot);
    for (const merchant of [stack.merchants.A, stack.merchants.B]) await merchant.http().post("/v1/sync");
    const before = await settledBooks(stack);
    const day: Day = { stack, random: seededRandom(seed), cards, paid: [] };
    for (let round = 0; round < ROUNDS_OF_BOTH; round += 1) await work(day, round);
    narrator.line(`${day.paid.length} sales beside one another; the version before is stopped`);
    // As a load balancer is told first, and the program then.
    door.leadTo([urls.present]);
    const stopping = app.process.stop();
    for (let round = 0; round < ROUNDS_ALONE; round += 1) await work(day, ROUNDS_OF_BOTH + round);
    await stopping;
    const { code } = await app.process.finished();
    const lost = await countLost(stack, day.paid);
    const after = await settledBooks(stack);
    const errors = ["settlement", "settlement-previous"].flatMap((name) =>
      errorsIn(readFileSync(join(stack.folder.path, `${name}.log`), "utf8")).map((line) => `${name}: ${line}`),
    );
    const { ledgerDifference } = after;
    const doubled = countDoubled(day.paid, before, after);
    return { urls, sales: day.paid.length, errors, previousExit: code, lost, doubled, ledgerDifference };
  } finally {
    for (const app of older) await app.process.stop();
    await stack.stop();
  }
}

/** Starts a program with the configuration of another one, at addresses of its own. */
async function startBeside(
  program: string,
  configFile: string,
  folder: string,
): Promise<{ readonly app: AppProcess; readonly url: string }> {
  const config = JSON.parse(readFileSync(configFile, "utf8")) as Record<string, object>;
  const [port, administrationPort] = [await freePort(), await freePort()];
  const own = {
    ...config,
    listen: { ...config["listen"], port },
    administration: { listen: { host: "127.0.0.1", port: administrationPort } },
  };
  const name = "settlement-previous";
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(own), { mode: 0o600 });
  return { app: await startApp({ program, configFile: file, folder, name }), url: `http://127.0.0.1:${port}` };
}

/** What a log says of errors. */
export function errorsIn(log: string): readonly string[] {
  return log.split("\n").flatMap((line) => {
    if (line.trim() === "") return [];
    try {
      const { level = 0, msg = line } = JSON.parse(line) as { level?: number; msg?: string };
      return level >= ERROR_LEVEL ? [msg] : [];
    } catch {
      // What is no line of the log came from the runtime itself.
      return [line];
    }
  });
}
