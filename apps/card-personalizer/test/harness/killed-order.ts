import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatAmount, parseAmount } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { usdc, type IssuerHarness, type Line } from "./issuer-harness.ts";
import type { HarnessCard, PersonalizationHarness } from "./personalization-harness.ts";

/** What an order came to that was killed again and again. */
export interface KilledOrder {
  /** Cards that the settlement has, each with one final deposit of its own row, and its first voucher or proof of state. */
  readonly verified: number;
  /** References or cards that exist twice, and deposits or vouchers beyond the first. */
  readonly double: number;
  /** Rows of the order that no verified card has, and cards that were begun and are no row's. */
  readonly lost: number;
  /** Units deposited, less the order's sum. */
  readonly difference: bigint;
  /** What the signed report says of the order, read from its file by `report verify`. */
  readonly report: { readonly cards: number; readonly ready: number; readonly difference: bigint };
  readonly kills: number;
  readonly runs: number;
  readonly seconds: number;
}

export interface KilledOrderOptions {
  readonly cards: number;
  readonly kills: number;
  /** Answers a whole number from 0 to `bound` − 1. */
  readonly draw: (bound: number) => number;
  /** Told how far the order is after each run. */
  readonly say?: (text: string) => void;
}

/** Runs that an order may need beside those that are killed: a card that was set aside is made by the next one. */
const FURTHER_RUNS = 5;

/** What the program says of a card: put, done, take. */
const LINES_A_CARD = 3;

/** How long after a line a kill may come, in milliseconds: about as long as a card takes. */
const MOMENT_MS = 1_000;

/** Who puts cards on readers and takes them off, as the lines of the program ask for it. */
class Operator {
  readonly #harness: PersonalizationHarness;
  readonly #cards = new Map<string, HarnessCard>();
  readonly #onReader = new Map<string, string>();
  /** One thing after another at each reader. */
  readonly #work = new Map<string, Promise<void>>();
  /** One thing after another with each card: it may be asked for at another reader while it goes to the first one. */
  readonly #moves = new Map<string, Promise<void>>();

  constructor(harness: PersonalizationHarness) {
    this.#harness = harness;
  }

  /** Cards that were ever put on a reader. */
  get count(): number {
    return this.#cards.size;
  }

  follow({ event, reader, reference }: Line): void {
    if (event !== "put" && event !== "take") return;
    const [name, which] = [String(reader), String(reference)];
    this.#do(name, () => (event === "take" ? this.#clear(name) : this.#put(name, which)));
  }

  /** Takes every card off, as people do whose program has died. */
  async clearAll(): Promise<void> {
    for (const { name } of this.#harness.readers) this.#do(name, () => this.#clear(name));
    await Promise.all(this.#work.values());
  }

  #do(reader: string, work: () => Promise<void>): void {
    this.#work.set(reader, (this.#work.get(reader) ?? Promise.resolve()).then(work));
  }

  async #put(reader: string, reference: string): Promise<void> {
    if (this.#onReader.get(reader) === reference) return;
    await this.#clear(reader);
    for (const [other, lies] of this.#onReader) if (lies === reference) this.#onReader.delete(other);
    const card = this.#cards.get(reference) ?? this.#harness.card();
    this.#cards.set(reference, card);
    this.#onReader.set(reader, reference);
    const port = this.#harness.readers.find(({ name }) => name === reader)?.port;
    if (port === undefined) throw new Error(`nobody has the reader ${reader}`);
    await this.#move(reference, async () => {
      await card.remove();
      // It was asked for elsewhere meanwhile.
      if (this.#onReader.get(reader) === reference) await card.insert(undefined, { port });
    });
  }

  async #clear(reader: string): Promise<void> {
    const reference = this.#onReader.get(reader);
    this.#onReader.delete(reader);
    if (reference !== undefined) await this.#move(reference, async () => await this.#cards.get(reference)?.remove());
  }

  async #move(reference: string, work: () => Promise<void>): Promise<void> {
    const moved = (this.#moves.get(reference) ?? Promise.resolve()).then(work);
    this.#moves.set(reference, moved);
    await moved;
  }
}

/**
 * Makes an order on all readers of the harness, ends the program by SIGKILL at drawn moments, and runs it again until it is
 * done. The rows ask for deposits that all differ, so that none can stand for another.
 */
export async function killOrder(harness: PersonalizationHarness, options: KilledOrderOptions): Promise<KilledOrder> {
  const { cards, kills, draw, say } = options;
  const issuer = await harness.issuer({ reader: undefined });
  issuer.settlement.hurry();
  const rows = Array.from({ length: cards }, (_, index) => ({
    reference: `C-${String(index + 1).padStart(4, "0")}`,
    fund: 100_000n + BigInt(index),
  }));
  const order = join(issuer.folder, "order.csv");
  const lines = rows.map(({ reference, fund }) => `${reference},${formatAmount(fund, usdc)}`);
  writeFileSync(order, `reference,fund\n${lines.join("\n")}\n`);
  const readers = harness.readers.flatMap(({ name }) => ["--reader", name]);
  const command = ["issue", order, "--config", issuer.configFile, ...readers, "--json"];
  const operator = new Operator(harness);
  const made = (): number => new Set(issuer.settlement.proofs).size;
  const begun = performance.now();
  let [killed, runs] = [0, 0];
  for (let isDone = false; !isDone; runs += 1) {
    if (runs > kills + FURTHER_RUNS) throw new Error(`the order is not done after ${runs} runs`);
    const isToDie = killed < kills;
    // Spread over the whole order: on average each of the kills that are left takes one share of the lines that are left.
    const share = ((cards - made()) * LINES_A_CARD) / (kills - killed + 2);
    let left = 1 + draw(Math.max(1, Math.floor(2 * share)));
    const { exitCode, text } = await issuer.run(command, {
      onLine: (line, child) => {
        operator.follow(line);
        if (!isToDie || line["event"] === "known") return;
        left -= 1;
        if (left === 0) setTimeout(() => child.kill("SIGKILL"), draw(MOMENT_MS));
      },
    });
    if (exitCode === null) killed += 1;
    else if (exitCode !== 0 && !text.includes('"event":"end"')) throw new Error(`the order was refused:\n${text}`);
    isDone = exitCode === 0;
    await operator.clearAll();
    say?.(`run ${runs + 1}, ${killed} killed: ${made()} cards made\n`);
  }
  const seconds = (performance.now() - begun) / 1_000;
  const judged = judge(issuer, rows, operator.count);
  const report = await judgeReport(issuer, { order, sum: rows.reduce((whole, { fund }) => whole + fund, 0n) });
  return { ...judged, report, kills: killed, runs, seconds };
}

/** Reports on the order, and reads the report as somebody does who has the issuer's key alone. */
async function judgeReport(
  issuer: IssuerHarness,
  { order, sum }: { readonly order: string; readonly sum: bigint },
): Promise<KilledOrder["report"]> {
  const file = join(issuer.folder, "order.report");
  const reported = await issuer.run(["report", order, "--config", issuer.configFile, "--out", file, "--json"]);
  const key = `1:${toHex(issuer.settlement.issuerKey.publicKey)}`;
  const { exitCode, lines, text } = await issuer.run(["report", "verify", file, "--issuer-key", key, "--json"]);
  if (exitCode !== 0) throw new Error(`the report does not verify:\n${reported.text}${text}`);
  const { cards, ready, deposited } = lines[0] ?? {};
  const difference = parseAmount(String(deposited), usdc) - sum;
  return { cards: Number(cards), ready: Number(ready), difference };
}

function judge(
  { settlement }: IssuerHarness,
  rows: readonly { readonly reference: string; readonly fund: bigint }[],
  cardsUsed: number,
): Pick<KilledOrder, "verified" | "double" | "lost" | "difference"> {
  const made = [...settlement.cards.values()];
  const vouchers = [...settlement.vouchers.values()].filter(({ counter, amount }) => counter === 1 && amount === 1n);
  const final = [...settlement.fundings.values()].filter(({ state }) => state === "final");
  const verified = rows.filter(({ reference, fund }) => {
    const own = made.filter((card) => card.reference === reference);
    return own.length === 1 && own[0]?.funded === fund;
  });
  const extra = (count: number): number => Math.max(0, count - rows.length);
  const references = new Set(made.map(({ reference }) => reference)).size;
  const double =
    made.length - references + extra(final.length) + extra(settlement.vouchers.size) + extra(settlement.fundings.size);
  const sum = rows.reduce((whole, { fund }) => whole + fund, 0n);
  const deposited = final.reduce((whole, { amount }) => whole + amount, 0n);
  // A card of one visit has paid nobody yet; it has proved that it holds its key and its allowance.
  const proved = vouchers.length + new Set(settlement.proofs).size;
  const whole = Math.min(verified.length, proved, final.length);
  return {
    verified: whole,
    double,
    lost: rows.length - whole + Math.max(0, cardsUsed - rows.length),
    difference: deposited - sum,
  };
}
