import { Logger } from "@nestjs/common";
import { type COUNTERS, count } from "./figures.ts";
import { IDS_OF_A_LINE } from "./limits.ts";

type EventName = (typeof COUNTERS)["tallystick_events_total"][1]["event"][number];

const log = new Logger("Events");

/**
 * Tells of something that matters, after it is stored: one line in the log with ids and without what
 * callers wrote, and one more in `tallystick_events_total`. An equal line within a minute is counted
 * and not written again.
 */
export function tellEvent(event: EventName, line: string): void {
  count("tallystick_events_total", { event });
  log.log(`${event}: ${line}`);
}

/** The first ids of a list, for a line. */
export function someIds(ids: readonly string[]): string {
  const shown = ids.slice(0, IDS_OF_A_LINE).join(", ");
  return ids.length > IDS_OF_A_LINE ? `${shown} and ${ids.length - IDS_OF_A_LINE} more` : shown;
}
