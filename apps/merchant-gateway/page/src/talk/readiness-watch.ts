import { type After, type AnswerOf, type GatewayClient, isOpenOutcome } from "@tallystick/gateway-client";
import { POLL_MS, USUAL_DECIMALS } from "../limits.ts";

export type Readiness = AnswerOf<"GET /v1/readiness">;
export type Currency = Readiness["currencies"][number];

type Reader = Readiness["reader"];

/** The terminal's state as it was read last; null while it does not answer. */
export class ReadinessWatch {
  private readonly client: GatewayClient;
  private readonly after: After;
  private cancel: () => void = () => undefined;
  private isClosed = false;
  now: Readiness | null = null;
  /** What was read last, also while nothing is heard. */
  last: Readiness | null = null;

  /** Called after each reading, with why the terminal refused to say, or null. */
  onChange: (refusal: unknown) => void = () => undefined;

  constructor(client: GatewayClient, after: After) {
    this.client = client;
    this.after = after;
  }

  /** Decimals that amounts of a currency are shown with. */
  decimalsOf(currency: string): number {
    return this.last?.currencies.find((each) => each.currency === currency)?.keyedDecimals ?? USUAL_DECIMALS;
  }

  /** The lane of a page: the one that its address names, else the terminal's first; null where it has one reader. */
  laneOf(named: string | null): string | null {
    return named ?? this.last?.lanes[0]?.name ?? null;
  }

  /** The reader of a lane. */
  readerOf(named: string | null): Reader | null {
    const lane = this.laneOf(named);
    return this.last?.lanes.find(({ name }) => name === lane)?.reader ?? this.last?.reader ?? null;
  }

  /** Every reader with the name of its lane, or without one where it is the only one. */
  readers(): readonly (readonly [string | null, Reader])[] {
    if (this.last === null) return [];
    const { lanes, reader } = this.last;
    return lanes.length < 2 ? [[null, reader]] : lanes.map(({ name, reader: own }) => [name, own] as const);
  }

  async begin(): Promise<void> {
    this.cancel();
    let refusal: unknown = null;
    try {
      this.now = await this.client.call("GET /v1/readiness");
      this.last = this.now;
    } catch (error) {
      this.now = null;
      refusal = isOpenOutcome(error) ? null : error;
    }
    if (this.isClosed) return;
    this.cancel();
    this.cancel = this.after(POLL_MS, () => void this.begin());
    this.onChange(refusal);
  }

  close(): void {
    this.isClosed = true;
    this.cancel();
  }
}
