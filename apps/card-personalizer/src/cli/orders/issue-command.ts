import { formatTotal } from "@tallystick/money";
import { EXIT, type ExitCode } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import type { Visits } from "../../config/config-schema.ts";
import { loadConfig, type Config } from "../../config/load-config.ts";
import { blamingBytesOn, Failure } from "../../failures.ts";
import { checkOrder, type OrderedCard } from "../../order/check-order.ts";
import { issueOrder } from "../../order/issue-order.ts";
import { readGrounds } from "../../order/read-grounds.ts";
import { readOrder } from "../../order/read-order.ts";
import { chooseReader, openReaders } from "../../reader/reader-config.ts";
import { checkSettlement } from "../../settlement/check-settlement.ts";
import { orderName } from "../../steps/action-reason.ts";
import { createLiveLine } from "./live-line.ts";
import { createOrderReporter, plannedLine } from "./order-reporter.ts";
import { reportFailure, type ProgramIo } from "../program-io.ts";
import { makeReport, sendReport, type SayReport } from "./send-report.ts";
import { withStation, type Station } from "./with-station.ts";

export interface IssueFlags {
  readonly config: string;
  readonly reader: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly allowDefaultKeys: boolean;
  readonly retryKeys: boolean;
  /** In how many visits; the configuration's, and one, where it is left out. */
  readonly visits?: Visits;
  readonly operator?: string;
  /** Other stations make cards of this order too. */
  readonly shared: boolean;
  readonly takeOver: boolean;
}

/**
 * `issue`: every card of an order, and at its end the signed report to settlement. Answers the exit
 * code: done only where every card is.
 */
export async function runIssue(file: string, flags: IssueFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const config = loadConfig(flags.config, flags.operator === undefined ? {} : { operator: flags.operator });
    if (flags.shared && config.station === undefined)
      throw new Failure("USAGE", "--shared takes a station: name this one in the configuration.");
    const rows = readOrder(file);
    return await withStation(config, flags, io, async (station) => {
      const cards = await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
        await checkSettlement(station.settlement, config);
        await station.settlement.issuer();
        const { visits } = station;
        const { shared } = flags;
        const grounds = await readGrounds(station.settlement, station);
        return checkOrder(rows, { config, visits, grounds, shared, source: file });
      });
      if (flags.dryRun) return showPlan(cards, config, flags.json, io);
      const send = (say: SayReport): Promise<void> =>
        sendReport(() => makeReport(file, rows, station), {
          ...{ settlement: station.settlement, say, next: "Run the order again to send it, or report." },
        });
      return await makeOrder(cards, { config, flags, station: { ...station, order: orderName(file) }, io, send });
    });
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

async function makeOrder(
  cards: readonly OrderedCard[],
  given: {
    config: Config;
    flags: IssueFlags;
    station: Station;
    io: ProgramIo;
    send: (say: SayReport) => Promise<void>;
  },
): Promise<ExitCode> {
  const { config, flags, station, io, send } = given;
  const provider = openReaders(config);
  try {
    const names = flags.reader.length > 0 ? flags.reader : [config.reader];
    const readers = await Promise.all(names.map((name) => chooseReader(provider, name)));
    const now = (): number => station.environment.now();
    const reporter = createOrderReporter({
      ...{ json: flags.json, now, total: cards.length },
      live: createLiveLine(flags.json ? null : (io.terminal ?? null), io.writeLine),
    });
    const outcome = await issueOrder({ cards, readers, station, shared: flags.shared, report: reporter.event });
    // Who stops the run waits for nothing more.
    if (!io.signal.aborted) await send(reporter.report);
    reporter.end(outcome);
    const [first] = outcome.setAside;
    if (first !== undefined) return reportFailure(first.failure, flags.json, io);
    return outcome.left > 0 || outcome.awaited.length > 0
      ? reportFailure(new Failure("INTERRUPTED"), flags.json, io)
      : EXIT.done;
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
