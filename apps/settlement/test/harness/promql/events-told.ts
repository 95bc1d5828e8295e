import { COUNTERS } from "../../../src/foundation/figures/figures.ts";
import { OPERATOR_TOKEN, type TestService } from "../settlement-harness.ts";

type EventName = (typeof COUNTERS)["tallystick_events_total"][1]["event"][number];

/** How often each event was told of in the log, as this process counts it. */
export async function eventsTold(service: TestService): Promise<Readonly<Record<EventName, number>>> {
  const { body } = await service.call("GET", "/metrics", { token: OPERATOR_TOKEN });
  const told = (event: EventName): number =>
    Number(new RegExp(`^tallystick_events_total\\{event="${event}"\\} (\\d+)`, "m").exec(String(body))?.[1] ?? 0);
  return Object.fromEntries(COUNTERS.tallystick_events_total[1].event.map((event) => [event, told(event)])) as Record<
    EventName,
    number
  >;
}
