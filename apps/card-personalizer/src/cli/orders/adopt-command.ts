import { EXIT, type ExitCode } from "@tallystick/program";
import { referenceSchema } from "../../config/config-schema.ts";
import { loadConfig } from "../../config/load-config.ts";
import { blamingBytesOn, Failure } from "../../failures.ts";
import { adopt } from "../../personalize/adopt.ts";
import { chooseReader, openReaders } from "../../reader/reader-config.ts";
import { checkSettlement } from "../../settlement/check-settlement.ts";
import { reportFailure, type ProgramIo } from "../program-io.ts";
import { withStation } from "./with-station.ts";

export interface AdoptFlags {
  readonly config: string;
  readonly reference?: string;
  readonly reader?: string;
  readonly fund?: string;
  readonly operator?: string;
  readonly retryKeys: boolean;
  readonly json: boolean;
}

/** `adopt`: a card of a journal that was lost, into this one. Answers the exit code. */
export async function runAdopt(flags: AdoptFlags, io: ProgramIo): Promise<ExitCode> {
  const { json, reference = null } = flags;
  try {
    if (reference !== null && !referenceSchema.safeParse(reference).success)
      throw new Failure("USAGE", "--reference is no reference.");
    const config = loadConfig(flags.config, flags);
    const { fund } = config;
    if (fund === null) throw new Failure("USAGE", "Name the card's first deposit with --fund or in the configuration.");
    return await withStation(config, flags, io, async (station) => {
      await blamingBytesOn("SETTLEMENT_ANSWER", () => checkSettlement(station.settlement, config));
      const readers = openReaders(config);
      try {
        const reader = await chooseReader(readers, config.reader);
        const schema = "tallystick.order/1";
        const warn = (message: string): void =>
          io.writeLine(json ? JSON.stringify({ schema, event: "warning", message }) : `! ${message}`);
        const adopted = await adopt({ ...station, reference, fund, reader, warn });
        const where = adopted.wasRegistered ? "as the register has it" : "which the register does not have yet";
        const next = "Run personalize or its order again to go on with it.";
        const text = `${adopted.reference}: card ${adopted.card} is in this journal, ${where}. ${next}`;
        io.writeLine(json ? JSON.stringify({ schema, event: "adopted", ...adopted }) : text);
        return EXIT.done;
      } finally {
        await readers.close();
      }
    });
  } catch (error) {
    return reportFailure(error, json, io);
  }
}
