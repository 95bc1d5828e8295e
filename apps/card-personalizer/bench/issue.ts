/**
 * What making a card costs: commands, secure channels and seconds, of a card that takes the time of a JCOP4; and an order on
 * three readers whose program is ended by SIGKILL at drawn moments and started again until it is done. Prints one JSON line
 * for each row.
 *
 * node --conditions=source bench/issue.ts [--cards N] [--kills N] [--seed N]
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { seededDraw } from "../test/harness/draw.ts";
import { killOrder } from "../test/harness/killed-order.ts";
import { measureCard, type CardCost, type MadeCard } from "../test/harness/measure-card.ts";
import { startPersonalizationHarness } from "../test/harness/personalization-harness.ts";
import {
  MAX_ORDER_CARDS,
  MAX_SEED,
  MEASURED_CARDS,
  MS_A_SECOND,
  ORDER_CARDS,
  ORDER_KILLS,
  SECONDS_A_MINUTE,
} from "./limits.ts";

const { values } = parseArgs({
  options: {
    cards: { type: "string", default: String(ORDER_CARDS) },
    kills: { type: "string", default: String(ORDER_KILLS) },
    seed: { type: "string", default: "1" },
    json: { type: "boolean" },
  },
});
const [cards, kills, seed] = [
  whole("cards", values.cards, 1, MAX_ORDER_CARDS),
  whole("kills", values.kills, 0, MAX_ORDER_CARDS),
  whole("seed", values.seed, 1, MAX_SEED),
];

/** A card as the default profile makes it, and one with everything that adds a command. */
const KINDS: readonly (MadeCard & { readonly name: string })[] = [
  { name: "issue", birth: [], stock: {}, hasPin: false },
  {
    name: "issue pin secured",
    ...{ birth: ["--chip", "jcop4"], stock: { keyVersion: "0x31", secured: true }, hasPin: true },
  },
];

const harness = await startPersonalizationHarness({ readers: 3 });
try {
  for (const { name, ...made } of KINDS) {
    const costs: CardCost[] = [];
    while (costs.length < MEASURED_CARDS) costs.push(await measureCard(harness, made));
    const [quickest] = costs.toSorted((a, b) => a.wallMs - b.wallMs);
    if (quickest === undefined) throw new RangeError("no card was made");
    const { account } = quickest;
    const modelled = Object.values(account).reduce((sum, ms) => sum + ms, 0);
    const parts = { ...account, host: quickest.wallMs - modelled };
    print({
      name: `${name} APDUs`,
      unit: "APDUs",
      ours: Math.max(...costs.map(({ apdus }) => apdus)),
      samples: costs.length,
    });
    print({
      name: `${name} channels`,
      unit: "channels",
      ours: Math.max(...costs.map(({ channels }) => channels)),
      samples: costs.length,
    });
    print({
      ...{ name: `${name} seconds`, unit: "seconds", ours: quickest.wallMs / MS_A_SECOND, samples: costs.length },
      account: Object.fromEntries(Object.entries(parts).map(([cause, ms]) => [cause, seconds(ms)])),
    });
    print({ name: `${name} jcop4 model`, unit: "seconds", ours: modelled / MS_A_SECOND, samples: costs.length });
  }
  const say = (text: string): void => void process.stderr.write(text);
  const order = await killOrder(harness, { cards, kills, draw: seededDraw(seed), say });
  const counted = { samples: cards, seed, conditions: { cards, kills: order.kills, readers: harness.readers.length } };
  print({ name: "order verified", unit: "cards", ours: order.verified, ...counted });
  print({ name: "order double", unit: "cards", ours: order.double, ...counted });
  print({ name: "order lost", unit: "cards", ours: order.lost, ...counted });
  print({ name: "order off its sum", unit: "units", ours: Number(order.difference), ...counted });
  print({ name: "order reported", unit: "cards", ours: order.report.ready, ...counted });
  print({ name: "report off the order's sum", unit: "units", ours: Number(order.report.difference), ...counted });
  print({ name: "order", unit: "cards/min", ours: (cards / order.seconds) * SECONDS_A_MINUTE, ...counted });
} finally {
  await harness.close();
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max)
    throw new RangeError(`--${name} is a whole number from ${min} to ${max}`);
  return value;
}

function seconds(ms: number): number {
  return Number((ms / MS_A_SECOND).toFixed(3));
}

function print(figure: {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly samples: number;
  readonly seed?: number;
  readonly account?: Readonly<Record<string, number>>;
  readonly conditions?: Readonly<Record<string, number>>;
}): void {
  const { ours, ...rest } = figure;
  const row = {
    ...{ schema: "tallystick.bench/1", peer: null, ratio: null, seed: null },
    ...{ cores: availableParallelism(), node: process.versions.node },
    ...rest,
    ours: Number(ours.toFixed(3)),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
