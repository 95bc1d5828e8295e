import { formatTotal } from "@tallystick/money";
import { EXIT, type ExitCode } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { keyUseOf, loadConfig, type Config } from "../config/load-config.ts";
import { blamingBytesOn, Failure } from "../failures.ts";
import { Journal } from "../journal/journal.ts";
import { openStock } from "../keys/stock.ts";
import { openMasterKeys } from "../keys/key-files.ts";
import { createPinFolder } from "../keys/pin-letters.ts";
import { checkOrder, type OrderedCard } from "../order/check-order.ts";
import { issueOrder, type IssueOptions } from "../order/issue-order.ts";
import { readGrounds } from "../order/read-grounds.ts";
import { readOrder } from "../order/read-order.ts";
import { chooseReader, openReaders } from "../reader/reader-config.ts";
import { checkSettlement } from "../settlement/check-settlement.ts";
import { createSettlementClient } from "../settlement/settlement-client.ts";
import { openIssuerTerminal } from "../terminal/issuer-terminal.ts";
import { createOrderReporter, plannedLine } from "./order-reporter.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "./program-io.ts";

export interface IssueFlags {
  readonly config: string;
  readonly reader: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly allowDefaultKeys: boolean;
  readonly retryKeys: boolean;
}

type Station = IssueOptions["station"];

/** `issue`: every card of an order. Answers the exit code: done only where every card is. */
export async function runIssue(file: string, flags: IssueFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const config = loadConfig(flags.config);
    const rows = readOrder(file);
    return await withStation(config, flags, io, async (station) => {
      const cards = await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
        await checkSettlement(station.settlement, config);
        await station.settlement.issuer();
        return checkOrder(rows, { config, grounds: await readGrounds(station.settlement, station), source: file });
      });
      if (flags.dryRun) return showPlan(cards, config, flags.json, io);
      return await makeOrder(cards, { config, flags, station, io });
    });
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

async function makeOrder(
  cards: readonly OrderedCard[],
  { config, flags, station, io }: { config: Config; flags: IssueFlags; station: Station; io: ProgramIo },
): Promise<ExitCode> {
  const provider = openReaders(config);
  try {
    const names = flags.reader.length > 0 ? flags.reader : [config.reader];
    const readers = await Promise.all(names.map((name) => chooseReader(provider, name)));
    const now = (): number => station.environment.now();
    const reporter = createOrderReporter({ json: flags.json, writeLine: io.writeLine, now, total: cards.length });
    const outcome = await issueOrder({ cards, readers, station, report: reporter.event });
    reporter.end(outcome);
    const [first] = outcome.setAside;
    if (first !== undefined) return reportFailure(first.failure, flags.json, io);
    return outcome.left > 0 ? reportFailure(new Failure("INTERRUPTED"), flags.json, io) : EXIT.done;
  } finally {
    await provider.close();
  }
}

function showPlan(cards: readonly OrderedCard[], { asset }: Config, json: boolean, { writeLine }: ProgramIo): ExitCode {
  for (const card of cards) writeLine(plannedLine({ ...card, owner: toHex(card.owner) }, asset, json));
  const sum = formatTotal(
    cards.reduce((total, { fund }) => total + fund, 0n),
    asset,
  );
  if (!json) writeLine(`${cards.length} cards, ${sum} ${asset.code} in all. Nothing was written.`);
  return EXIT.done;
}

/** Opens what every card of an order needs, but the readers, and closes it whatever happens. */
async function withStation<T>(
  config: Config,
  { allowDefaultKeys, retryKeys }: IssueFlags,
  { signal }: ProgramIo,
  work: (station: Station) => Promise<T>,
): Promise<T> {
  const keys = openMasterKeys(config, keyUseOf(config));
  const stock = openStock(config.stock, keyUseOf(config));
  const environment = createEnvironment(signal);
  const { pinFolder, settlement, token, station } = config;
  const draw = (length: number): Uint8Array => environment.randomBytes(length);
  const journal = new Journal(config.journal);
  try {
    return await work({
      ...{ config, keys, stock, journal, environment, signal, retryKeys },
      letters: pinFolder === undefined ? null : createPinFolder(pinFolder, draw),
      terminal: openIssuerTerminal(config),
      settlement: createSettlementClient({
        url: settlement.url,
        token,
        signal,
        ...(station === undefined ? {} : { station }),
      }),
      allowDefaultKeys: config.mode === "development" || allowDefaultKeys,
    });
  } finally {
    journal.close();
  }
}
