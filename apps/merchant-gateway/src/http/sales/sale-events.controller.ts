import { Controller, Inject, type MessageEvent, Sse } from "@nestjs/common";
import { ApiOperation, ApiProduces, ApiTags } from "@nestjs/swagger";
import { Observable } from "rxjs";
import { MAX_SALE_STREAMS, STREAM_BEAT_MS } from "./limits.ts";
import type { Caller } from "../../doors/caller.ts";
import { Pairing } from "../../doors/pairing.ts";
import { Sales } from "../../sales/sales.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Problem } from "../problem.ts";
import { saleSchema, SaleWire } from "./sale-wire.ts";

/** Changes of sales as they happen. */
@ApiTags("sales")
@Controller("v1/events")
export class SaleEventsController {
  constructor(
    @Inject(Sales) private readonly sales: Sales,
    @Inject(SaleWire) private readonly wire: SaleWire,
    @Inject(Pairing) private readonly pairing: Pairing,
  ) {}

  @Sse()
  @ApiProblems("STREAMS_FULL")
  @ApiOperation({
    operationId: "followSales",
    summary: "Changes of sales as they happen",
    description:
      "Server-sent events: `sale` with the whole sale after each change, `beat` every two seconds. Who comes back reads the sale by its id, so that no state is ever lost.",
  })
  @ApiProduces("text/event-stream")
  @Answers(saleSchema, "A stream of events; the data of `sale` is one sale")
  follow(@Asking() caller: Caller | null): Observable<MessageEvent> {
    if (this.sales.listening >= MAX_SALE_STREAMS)
      throw new Problem(
        "STREAMS_FULL",
        `${MAX_SALE_STREAMS} streams are open; close one, or ask for the sale by its id.`,
      );
    return new Observable((stream) => {
      const beat = (): void => {
        // Who was revoked hears nothing more.
        if (caller !== null && !this.pairing.isStillIn(caller)) stream.complete();
        else stream.next({ type: "beat", data: {} });
      };
      const stop = this.sales.subscribe((view) => {
        if (caller !== null && !this.pairing.isStillIn(caller)) {
          stream.complete();
          return;
        }
        stream.next({ type: "sale", data: this.wire.of(view) });
      });
      // Who listens notices by it a line that is open at one end only.
      const timer = setInterval(beat, STREAM_BEAT_MS);
      beat();
      return () => {
        clearInterval(timer);
        stop();
      };
    });
  }
}
