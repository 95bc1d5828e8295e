import { Body, Controller, Get, Inject, Param, Put } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { isReaderError } from "@tallystick/apdu";
import type { z } from "zod";
import { TerminalClock } from "../../clock/terminal-clock.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { Journal } from "../../journal/journal.ts";
import { LaneReaders } from "../../reader/lane-readers.ts";
import { TapEngine } from "../../taps/tap-engine.ts";
import { TapError } from "../../taps/tap-error.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Problem } from "../problem.ts";
import { laneChangeSchema, laneListSchema } from "./lane-wire.ts";

type LaneList = z.output<typeof laneListSchema>;

/** The lanes of this terminal and their readers. */
@ApiTags("lanes")
@Controller("v1/lanes")
export class LanesController {
  constructor(
    @Inject(LaneReaders) private readonly lanes: LaneReaders,
    @Inject(TapEngine) private readonly engine: TapEngine,
    @Inject(Journal) private readonly journal: Pick<Journal, "write" | "lanes">,
    @Inject(Access) private readonly access: Access,
    @Inject(TerminalClock) private readonly clock: Pick<TerminalClock, "now">,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "listLanes",
    summary: "Lanes and readers",
    description: "Each lane with its reader, and the readers that are plugged in.",
  })
  @Answers(laneListSchema, "The lanes in the order of the configuration")
  async list(): Promise<LaneList> {
    const lanes = await Promise.all(
      this.lanes.all.map(async ({ name, watch }) => ({
        name,
        configured: this.lanes.of(name)?.reader ?? "",
        reader: await watch.check(),
      })),
    );
    return { lanes, plugged: [...(await this.plugged())] };
  }

  @Put(":name")
  @ApiProblems("LANE_UNKNOWN", "TAP_IN_PROGRESS", "READER_TAKEN")
  @ApiOperation({
    operationId: "changeLane",
    summary: "Give a lane another reader",
    description:
      "For a reader that was replaced or moved to another port; the other lanes go on selling. It holds until the configuration names another reader for the lane.",
  })
  @Answers(laneListSchema, "The lanes as they are then")
  async change(
    @Param("name") name: string,
    @Body({ schema: laneChangeSchema }) { reader }: z.output<typeof laneChangeSchema>,
    @Asking() caller: Caller | null,
  ): Promise<LaneList> {
    this.access.begin(caller, "lanes", name);
    const lane = this.lanes.of(name);
    if (lane === null) throw new TapError("LANE_UNKNOWN", "The list of lanes is at /v1/lanes.");
    if (this.engine.isBusyAt(name))
      throw new TapError("TAP_IN_PROGRESS", "This lane is waiting for a card; end that first.");
    if (this.lanes.all.some((other) => other.name !== name && other.reader.name === reader))
      throw new Problem("READER_TAKEN", "Give that lane another reader first.");
    this.journal.write(() => {
      this.journal.lanes.give({ name, configured: lane.reader, reader }, this.clock.now());
    });
    this.lanes.change(lane, reader);
    return await this.list();
  }

  /** None where the card service is away: the lanes say so themselves. */
  private async plugged(): Promise<readonly string[]> {
    try {
      return await this.lanes.plugged();
    } catch (error) {
      if (isReaderError(error)) return [];
      throw error;
    }
  }
}
