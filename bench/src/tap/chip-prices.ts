import { BenchError } from "../bench-error.ts";
import { createRow, type Row } from "../row.ts";
import { sumOf } from "./chip-account.ts";

/** The model's milliseconds by cause, at the low and at the high end of what is known of a chip. */
export interface Price {
  readonly low: Readonly<Record<string, number>>;
  readonly high: Readonly<Record<string, number>>;
}

/** What one command counted on the card, and would take on each chip by each medium. */
export interface PricedCommand {
  readonly instruction: string;
  readonly received: number;
  readonly bytecodes: number;
  /** By chip and medium, such as `jcop4 nfc424`. */
  readonly prices: Readonly<Record<string, Price>>;
}

/** PAY (docs/spec/4-card.md); with it the tap is complete. */
const INS_PAY = "10";
const INS_SELECT = "A4";
/** GET DATA: after its first payment a card is asked for its capability bits (docs/spec/5-terminal.md §5.16). */
const INS_GET_DATA = "CA";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isAccount = (value: unknown): value is Record<string, number> =>
  isObject(value) && Object.values(value).every((ms) => typeof ms === "number" && ms >= 0);

const isPrice = (value: unknown): value is Price =>
  isObject(value) && isAccount(value["low"]) && isAccount(value["high"]);

/** Reads a `prices` event of cardhost. Throws `CARD_ACCOUNT` where it is none. */
export function readPrices(event: Readonly<Record<string, unknown>>): PricedCommand {
  const { instruction, received, bytecodes, prices } = event;
  const counted = typeof instruction === "string" && typeof received === "number" && typeof bytecodes === "number";
  if (!counted || !isObject(prices) || !Object.values(prices).every(isPrice))
    throw new BenchError("CARD_ACCOUNT", "cardhost's prices event names no price");
  return { instruction, received, bytecodes, prices: prices as Record<string, Price> };
}

/** Whether this command is the last one of a tap. */
export function isPayment({ instruction }: PricedCommand): boolean {
  return instruction === INS_PAY;
}

/** Whether the terminal asks the card what it can, behind a tap. */
export function isQuestion({ instruction }: PricedCommand): boolean {
  return instruction === INS_GET_DATA;
}

const total = (account: Readonly<Record<string, number>>): number =>
  Object.values(account).reduce((sum, ms) => sum + ms, 0);

/** The rows of one tap by the model: its sums by chip and medium, low and high, and what they are counted from. */
export function priceRows(commands: readonly PricedCommand[], what: string): readonly Row[] {
  const [first] = commands;
  if (first === undefined) throw new RangeError("no tap was counted");
  const figure = { samples: 1, seed: null };
  const ends = ["low", "high"] as const;
  const sums = Object.keys(first.prices).flatMap((where) =>
    ends.map((end) => {
      const accounts = commands.map(({ prices }) => prices[where]?.[end] ?? {});
      const account = accounts.reduce((sum, one) => sumOf(sum, one), {});
      return createRow({
        ...figure,
        name: `tap ${where} ${end} ${what}`,
        unit: "ms model",
        ours: total(account),
        account,
      });
    }),
  );
  const longest = (instruction: string): number =>
    Math.max(0, ...commands.filter((one) => one.instruction === instruction).map(({ received }) => received));
  const counted = (name: string, unit: string, ours: number): Row =>
    createRow({ ...figure, name: `tap ${name} ${what}`, unit, ours });
  return [
    counted("apdus", "APDUs", commands.length),
    counted(
      "bytecodes",
      "bytecodes",
      commands.reduce((sum, { bytecodes }) => sum + bytecodes, 0),
    ),
    counted("select answer", "bytes", longest(INS_SELECT)),
    counted("pay answer", "bytes", longest(INS_PAY)),
    ...sums,
  ];
}
