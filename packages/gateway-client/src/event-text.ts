import { MAX_EVENT_LENGTH } from "./limits.ts";

/** One server-sent event. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Takes the text of a stream in pieces and answers the events that are whole. Throws RangeError for an event
 * that is longer than any of a gateway.
 */
export class EventText {
  private rest = "";

  take(piece: string): StreamEvent[] {
    this.rest += piece.replaceAll("\r\n", "\n");
    const blocks = this.rest.split("\n\n");
    this.rest = blocks.pop() ?? "";
    if (this.rest.length > MAX_EVENT_LENGTH) throw new RangeError("an event of the stream has no end");
    return blocks.flatMap(eventOf);
  }
}

function eventOf(block: string): StreamEvent[] {
  let type = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^([a-z]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "event") type = value;
    if (name === "data") data.push(value);
  }
  return data.length === 0 ? [] : [{ type, data: data.join("\n") }];
}
