import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { type Actor, CallActor, RequireRight } from "../../foundation/http/roles.ts";
import { type Alarm, AlarmStore } from "../alarm-records/alarm-store.ts";
import { AlarmAcknowledgements } from "./alarm-acknowledgements.ts";

const time = z.iso.datetime();

const alarmAnswerSchema = z.object({
  id: z.uuid(),
  code: z.string(),
  level: z.enum(["reason", "warning"]),
  message: z.string(),
  next: z.string(),
  since: time,
  acknowledgedAt: time.nullable(),
  acknowledgedBy: z.string().nullable(),
  endedAt: time.nullable(),
});

const alarmsAnswerSchema = z.object({ alarms: z.array(alarmAnswerSchema) });

/** Who acknowledges is the token's name; why may be said. */
const acknowledgementRequestSchema = z.strictObject({ reason: reasonText.optional() });

type AcknowledgementRequest = z.infer<typeof acknowledgementRequestSchema>;

type AlarmView = z.output<typeof alarmAnswerSchema>;

/** Alarms as they are told to persons; they are kept where ways are configured. */
@ApiTags("alarms")
@RequireRight("read")
@Controller("v1/alarms")
export class AlarmsController {
  private readonly store: AlarmStore;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(AlarmAcknowledgements) private readonly acknowledgements: AlarmAcknowledgements,
  ) {
    this.store = new AlarmStore(db);
  }

  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "listAlarms", summary: "Alarms: the open ones first, then the newest that ended." })
  @ApiOkResponse({ standardSchema: alarmsAnswerSchema })
  async list(): Promise<{ alarms: readonly AlarmView[] }> {
    return { alarms: (await this.store.list()).map(viewOf) };
  }

  @Post(":id/acknowledgement")
  @HttpCode(200)
  @RequireRight("alarms")
  @ApiProblems("NOT_FOUND", "NAME_NEEDED")
  @ApiOperation({
    operationId: "acknowledgeAlarm",
    summary: "Somebody looks after an open alarm: it is told no more until it is over.",
  })
  @ApiOkResponse({ standardSchema: alarmAnswerSchema })
  async acknowledge(
    @Param("id") id: string,
    @Body({ schema: acknowledgementRequestSchema }) { reason }: AcknowledgementRequest,
    @CallActor() actor: Actor,
  ): Promise<AlarmView> {
    return viewOf(await this.acknowledgements.acknowledge(id, actor, reason ?? null));
  }
}

/** An alarm as answers and commands show it. */
export function viewOf({ since, acknowledgedAt, endedAt, ...alarm }: Alarm): AlarmView {
  const text = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    ...alarm,
    since: new Date(since).toISOString(),
    acknowledgedAt: text(acknowledgedAt),
    endedAt: text(endedAt),
  };
}
