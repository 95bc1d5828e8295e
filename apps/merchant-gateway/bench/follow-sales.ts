/** How a sale ended, and when that was read, in milliseconds of this process's clock. */
export interface SaleEnd {
  readonly state: string;
  readonly code: string | null;
  readonly at: number;
}

/** The stream of sales, as the page follows it. */
export interface FollowedSales {
  /** The end of the sale with this id; asked for before the sale is. */
  readonly end: (id: string) => Promise<SaleEnd>;
  readonly stop: () => void;
}

const underWay = new Set(["waiting", "card-left", "card-seen", "paying"]);

/** Opens `GET /v1/events` and reads it. */
export async function followSales(url: string): Promise<FollowedSales> {
  const stop = new AbortController();
  const response = await fetch(`${url}/v1/events`, { signal: stop.signal });
  const waiting = new Map<string, (end: SaleEnd) => void>();
  const read = async (): Promise<void> => {
    let rest = "";
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (rest + text).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = event.split("\n").find((line) => line.startsWith('data: {"id"'));
        if (data === undefined) continue;
        const { id, state, code } = JSON.parse(data.slice("data: ".length)) as {
          readonly id: string;
          readonly state: string;
          readonly code: string | null;
        };
        if (underWay.has(state)) continue;
        waiting.get(id)?.({ state, code, at: performance.now() });
        waiting.delete(id);
      }
    }
  };
  read().catch(() => undefined);
  return {
    end: async (id) => await new Promise((resolve) => waiting.set(id, resolve)),
    stop: () => {
      stop.abort();
    },
  };
}
