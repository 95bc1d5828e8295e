import { formatAmount } from "@tallystick/money";
import { addressOfKey, cardStateName, toHex } from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { loadConfig, type Config } from "../config/load-config.ts";
import { EXIT, type ExitCode } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import { Journal, type Run } from "../journal/journal.ts";
import { visitOpenly } from "../card/visit-openly.ts";
import { createSettlementClient } from "../settlement/settlement-client.ts";
import { STEP_NAMES } from "../steps/step-names.ts";
import { reportFailure, type ProgramIo } from "./program-io.ts";

export interface StatusFlags {
  readonly config: string;
  readonly reference?: string;
  readonly reader?: string;
  readonly json: boolean;
}

/** What is known of one card; null where a source was not asked or knows nothing. */
interface CardStatus {
  readonly schema: "tallystick.card-status/1";
  readonly reference: string | null;
  readonly card: string | null;
  readonly journal: {
    readonly done: boolean;
    readonly lastStep: string | null;
    readonly nextStep: string | null;
  } | null;
  readonly onReader: {
    readonly state: string;
    readonly counter: number | null;
    readonly spent: string | null;
    readonly allowanceSeq: number | null;
    readonly maxSpent: string | null;
  } | null;
  readonly settlement: {
    readonly state: string;
    readonly balanceFinal: string | null;
    readonly status: string | null;
  } | null;
}

/** `status`: journal, card and settlement side by side; writes nothing anywhere. Answers the exit code. */
export async function runStatus(flags: StatusFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const config = loadConfig(flags.config, flags.reader === undefined ? {} : { reader: flags.reader });
    const status = await collect(flags, config, io);
    io.writeLine(flags.json ? JSON.stringify(status) : describe(status));
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

async function collect({ reference }: StatusFlags, config: Config, io: ProgramIo): Promise<CardStatus> {
  const journal = new Journal(config.journal);
  try {
    const read = reference === undefined ? await readCard(config, io) : null;
    const run = reference === undefined ? runOfAddress(journal, read?.card ?? null) : journal.run(reference);
    if (reference !== undefined && run === null)
      throw new Failure("USAGE", `The journal knows no reference ${reference}.`);
    const card = read?.card ?? addressIn(journal, run);
    return {
      schema: "tallystick.card-status/1",
      reference: run?.reference ?? null,
      card,
      journal: run === null ? null : progressOf(journal, run, config),
      onReader: read?.onReader ?? null,
      settlement: card === null ? null : await askSettlement(config, card, io),
    };
  } finally {
    journal.close();
  }
}

async function readCard(
  config: Config,
  io: ProgramIo,
): Promise<{ card: string | null; onReader: CardStatus["onReader"] }> {
  return await visitOpenly(config, io.signal, (visit) => readSelect(visit, config));
}

async function readSelect(
  visit: CardVisit,
  { asset }: Config,
): Promise<{ card: string | null; onReader: CardStatus["onReader"] }> {
  const selected = await visit.selectApplet();
  const nothing = { counter: null, spent: null, allowanceSeq: null, maxSpent: null };
  if (selected === null) return { card: null, onReader: { state: "no applet", ...nothing } };
  const state = cardStateName(selected.answer.state);
  if (selected.kind === "blank") return { card: null, onReader: { state, ...nothing } };
  const { cardKey, counter, spent, allowanceBody } = selected.answer;
  return {
    card: toHex(addressOfKey(cardKey)),
    onReader: {
      state,
      counter,
      spent: formatAmount(spent, asset),
      allowanceSeq: allowanceBody.seq,
      maxSpent: formatAmount(allowanceBody.maxSpent, asset),
    },
  };
}

function addressIn(journal: Journal, run: Run | null): string | null {
  if (run === null) return null;
  const card = journal.step(run.reference, "generate-key")?.data["card"];
  return typeof card === "string" ? card : null;
}

function runOfAddress(journal: Journal, card: string | null): Run | null {
  if (card === null) return null;
  return journal.runs().find((run) => addressIn(journal, run) === card) ?? null;
}

function progressOf(journal: Journal, run: Run, { pinFolder, stock }: Config): NonNullable<CardStatus["journal"]> {
  const done = new Set(
    journal
      .steps(run.reference)
      .filter(({ state }) => state === "done")
      .map(({ name }) => name),
  );
  // Whether a card is to be loaded only the card knows.
  const left = [...(pinFolder === undefined ? ["pin"] : []), ...(stock.secured ? [] : ["secured"]), "load"];
  const planned = STEP_NAMES.filter((name) => !left.includes(name));
  const lastStep = STEP_NAMES.findLast((name) => done.has(name)) ?? null;
  const nextStep = run.done ? null : (planned.find((name) => !done.has(name)) ?? null);
  return { done: run.done, lastStep, nextStep };
}

/** A settlement that does not answer is no fault here: the card and the journal can be read without it. */
async function askSettlement(config: Config, card: string, io: ProgramIo): Promise<CardStatus["settlement"]> {
  const client = createSettlementClient({ url: config.settlement.url, token: config.token, signal: io.signal });
  try {
    const { state, balanceFinal, status } = await client.card(card);
    return { state, balanceFinal: balanceFinal ?? null, status: status === undefined ? null : String(status) };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === "SETTLEMENT_UNREACHABLE" || failure.code === "SETTLEMENT_REFUSED") return null;
    throw failure;
  }
}

function describe({ reference, card, journal, onReader, settlement }: CardStatus): string {
  const lines = [`card        ${card ?? "not known yet"}`, `reference   ${reference ?? "not in this journal"}`];
  if (journal !== null) {
    lines.push(
      `journal     ${journal.done ? "finished" : `stopped after ${journal.lastStep ?? "nothing"}, next is ${journal.nextStep ?? "nothing"}`}`,
    );
  }
  if (onReader !== null) {
    const { state, counter, spent, maxSpent, allowanceSeq } = onReader;
    const life =
      counter === null
        ? ""
        : `, counter ${counter}, spent ${spent ?? "?"} of ${maxSpent ?? "?"} (allowance ${allowanceSeq ?? "?"})`;
    lines.push(`on reader   ${state}${life}`);
  }
  const known =
    settlement === null
      ? "does not know it or does not answer"
      : `${settlement.state}, balance ${settlement.balanceFinal ?? "?"}, status ${settlement.status ?? "?"}`;
  lines.push(`settlement  ${known}`);
  return lines.join("\n");
}
