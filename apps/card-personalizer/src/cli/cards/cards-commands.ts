import { EXIT, type ExitCode, type ProgramError } from "@tallystick/program";
import { formatTotal, parseAmount, type Asset } from "@tallystick/money";
import { decodeAllowanceBody, fromHex } from "@tallystick/protocol";
import { loadConfig, type Config } from "../../config/load-config.ts";
import { asFailure, blamingBytesOn, Failure } from "../../failures.ts";
import { MAX_REGISTER_PAGES } from "../../limits.ts";
import { readRegister } from "../../order/read-grounds.ts";
import { readOrder } from "../../order/read-order.ts";
import { checkTask, type TaskCard, type TaskColumn } from "../../register/check-task.ts";
import { describeCard } from "../../register/describe-card.ts";
import { limitsOf } from "../../register/limits-of.ts";
import { createSettlementClient, type LimitChange, type SettlementClient } from "../../settlement/settlement-client.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";
import { describeOnReader } from "../../register/describe-on-reader.ts";
import { describeReplacement } from "../../register/describe-replacement.ts";
import { namedCard, shownCard } from "./named-card.ts";

const SCHEMA = "tallystick.cards/1";

export interface CardsFlags {
  readonly config: string;
  readonly json: boolean;
  /** Where the card lies that is not named. */
  readonly reader?: string;
}

export interface ListFlags extends CardsFlags {
  readonly state?: string;
  /** Check value. */
  readonly masterKey?: string;
}

export interface TaskFlags extends CardsFlags {
  readonly order?: string;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly amount?: string;
  /** Names the top-up: one name is one deposit of a card. */
  readonly name?: string;
  /** The template whose limits a card gets. */
  readonly template?: string;
}

/** What a task does to a card. */
export type Task = "valid" | "suspended" | "lost" | "revoked" | "topup" | "limits";

const COLUMNS: Readonly<Partial<Record<Task, TaskColumn>>> = { topup: "fund", limits: "limits" };

/** `cards list` and `cards find`: a line a card. Answers the exit code. */
export function runList(part: string | undefined, flags: ListFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement) => {
    const search = {
      ...(part === undefined ? {} : { q: part }),
      ...(flags.state === undefined ? {} : { state: flags.state }),
      ...(flags.masterKey === undefined ? {} : { masterKey: flags.masterKey }),
    };
    let after: string | null = null;
    for (let page = 0; page < MAX_REGISTER_PAGES; page++) {
      const answer = await settlement.cards(after === null ? search : { ...search, after });
      for (const { card, reference, status } of answer.cards) {
        const line = { schema: SCHEMA, event: "card", card, reference, status };
        io.writeLine(flags.json ? JSON.stringify(line) : `${card}  ${status.padEnd(9)}  ${reference}`);
      }
      after = answer.next;
      if (after === null) return EXIT.done;
    }
    throw new Failure("SETTLEMENT_ANSWER", "Its register has no end.");
  });
}

/** `cards show`: what is known of a card, in sentences. Answers the exit code. */
export function runShow(name: string | undefined, flags: CardsFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement, config) => {
    const { asset } = config;
    const { address, onReader } = await shownCard(name, { settlement, config, signal: io.signal });
    const card = await settlement.card(address);
    const signed = await settlement.latestAllowance(address);
    const allowance = signed === null ? null : decodeAllowanceBody(fromHex(signed.body));
    const replacement = typeof card.replacedBy === "string" ? await settlement.replacement(address) : null;
    const sentences = [
      ...describeCard(card, { allowance, asset, nowSeconds: nowSeconds(io) }),
      ...(replacement === null ? [] : describeReplacement(replacement, asset.code)),
      ...(onReader === null ? [] : describeOnReader(onReader, asset)),
    ];
    io.writeLine(
      flags.json ? JSON.stringify({ schema: SCHEMA, event: "show", ...card, sentences }) : sentences.join("\n"),
    );
    return EXIT.done;
  });
}

/** A task for one card, or for all of a file. Answers the exit code: done only where every card is. */
export function runTask(task: Task, name: string | undefined, flags: TaskFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement, config) => {
    await settlement.issuer();
    const cards = await cardsOf(task, name, { flags, settlement, config, signal: io.signal });
    const changes = changesOf(cards, config, nowSeconds(io));
    let first: ProgramError | null = null;
    const ended: { card: TaskCard; outcome: TaskOutcome }[] = [];
    for (const card of cards) {
      if (io.signal.aborted) throw new Failure("INTERRUPTED");
      const failure = flags.dryRun ? null : await perform(task, card, { settlement, flags, changes });
      first ??= failure;
      const outcome: TaskOutcome = flags.dryRun ? "planned" : failure === null ? "done" : "refused";
      ended.push({ card, outcome });
      const { reference, card: address, amount, limits } = card;
      const told = failure === null ? {} : { code: failure.code, message: failure.message, next: failure.next };
      const line = { schema: SCHEMA, event: outcome, task, reference, card: address, amount, limits, ...told };
      const change = amount ?? limits;
      const what = `${reference}: ${task}${change === null ? "" : ` ${change}`}`;
      const text = failure === null ? `${what} ${outcome}` : `${what} refused. ${failure.message}`;
      io.writeLine(flags.json ? JSON.stringify(line) : text);
      // Without settlement none of the others can be done either; what was done stays done.
      if (failure?.code === "SETTLEMENT_UNREACHABLE") throw failure;
    }
    if (flags.order !== undefined) io.writeLine(endOf(task, ended, { flags, asset: config.asset }));
    return first === null ? EXIT.done : reportFailure(first, flags.json, io);
  });
}

/** What became of a card of a task. */
type TaskOutcome = "planned" | "done" | "refused";

/** The last line of a file's task: how many cards came to what, and the sum of the deposits that were asked for. */
function endOf(
  task: Task,
  ended: readonly { readonly card: TaskCard; readonly outcome: TaskOutcome }[],
  { flags, asset }: { readonly flags: TaskFlags; readonly asset: Asset },
): string {
  const count = (wanted: TaskOutcome): number => ended.filter(({ outcome }) => outcome === wanted).length;
  const counts = { total: ended.length, planned: count("planned"), done: count("done"), refused: count("refused") };
  const amounts = ended.flatMap(({ card: { amount }, outcome }) =>
    amount === null || outcome === "refused" ? [] : [parseAmount(amount, asset)],
  );
  const sum =
    task === "topup"
      ? formatTotal(
          amounts.reduce((whole, units) => whole + units, 0n),
          asset,
        )
      : null;
  if (flags.json) return JSON.stringify({ schema: SCHEMA, event: "end", task, ...counts, amount: sum });
  const { total, done, refused, planned } = counts;
  const what = flags.dryRun ? `${planned} planned` : `${done} done, ${refused} refused`;
  return `${total} cards: ${what}${sum === null ? "" : `; ${sum} ${asset.code} in all`}.`;
}

async function cardsOf(
  task: Task,
  name: string | undefined,
  given: {
    readonly flags: TaskFlags;
    readonly settlement: SettlementClient;
    readonly config: Config;
    readonly signal: AbortSignal;
  },
): Promise<readonly TaskCard[]> {
  const { flags, settlement, config, signal } = given;
  if (name !== undefined && flags.order !== undefined) throw new Failure("USAGE", "Name either a card or --order.");
  const column = COLUMNS[task] ?? null;
  const templates = Object.keys(config.templates);
  const { template = null } = flags;
  if (column === "fund" && flags.name === undefined)
    throw new Failure("USAGE", "Give the top-up a --name, such as 2026-12; the same name again deposits nothing.");
  if (flags.order === undefined) {
    if (column === "fund" && flags.amount === undefined) throw new Failure("USAGE", "Say --amount.");
    if (column === "limits" && (template === null || !templates.includes(template)))
      throw new Failure("USAGE", `Say --template; the configuration has ${templates.join(", ") || "none"}.`);
    const card = await namedCard(name, { settlement, config, signal });
    return [{ reference: name ?? card, card, amount: flags.amount ?? null, limits: template }];
  }
  if (flags.amount !== undefined) throw new Failure("USAGE", "Amounts of an order stand in its column fund.");
  if (template !== null) throw new Failure("USAGE", "Templates of an order stand in its column limits.");
  const register = await readRegister(settlement);
  const { asset } = config;
  return checkTask(readOrder(flags.order), { register, asset, column, templates, source: flags.order });
}

/** What each template changes. */
type Changes = ReadonlyMap<string, LimitChange>;

/** The changes of every template that a task names, before the first call. Throws Failure USAGE. */
function changesOf(cards: readonly TaskCard[], { templates, asset }: Config, now: number): Changes {
  const names = new Set(cards.flatMap(({ limits }) => (limits === null ? [] : [limits])));
  return new Map([...names].map((name) => [name, limitsOf(templates[name] ?? {}, asset, now)]));
}

function nowSeconds({ signal }: ProgramIo): number {
  return Math.floor(createEnvironment(signal).now() / 1_000);
}

/** Null where it was done. One that was done before is done again without an effect. */
async function perform(
  task: Task,
  { card, amount, limits }: TaskCard,
  given: { readonly settlement: SettlementClient; readonly flags: TaskFlags; readonly changes: Changes },
): Promise<ProgramError | null> {
  const { settlement, flags, changes } = given;
  const { reason } = flags;
  try {
    const change = limits === null ? undefined : changes.get(limits);
    if (change !== undefined) await settlement.changeLimits(card, { ...change, reason });
    else if (task === "topup")
      await settlement.fund(card, { amount: amount ?? "", key: `topup-${flags.name ?? ""}`, reason });
    else await settlement.setStatus(card, { status: task, reason });
    return null;
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === "INTERRUPTED") throw failure;
    return failure;
  }
}

/** Loads the configuration and opens the way to settlement; reports what fails. Answers the exit code. */
export async function withRegister(
  { config: file, json, reader }: CardsFlags,
  io: ProgramIo,
  work: (settlement: SettlementClient, config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    const config = loadConfig(file, reader === undefined ? {} : { reader });
    const { settlement, token } = config;
    const station = config.station === undefined ? {} : { station: config.station };
    const client = createSettlementClient({ url: settlement.url, token, signal: io.signal, ...station });
    return await blamingBytesOn("SETTLEMENT_ANSWER", () => work(client, config));
  } catch (error) {
    return reportFailure(error, json, io);
  }
}
