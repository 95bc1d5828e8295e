import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from "@nestjs/common";
import { Repeater } from "@tallystick/program";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIVE_END_MS, LIVE_LOOK_MS, LIVE_STREAMS } from "./limits.ts";
import { OverviewReader } from "./read/overview.ts";

/** A browser that is told. */
interface Stream {
  readonly response: ServerResponse;
  /** Milliseconds of the process's own clock. */
  readonly endsAt: number;
}

/**
 * Tells browsers that something changed; what, they see when they load their page again. It looks
 * only while somebody listens. A stream ends after some minutes: the browser asks anew, and whether
 * it may is judged anew.
 */
@Injectable()
export class LiveUpdates implements BeforeApplicationShutdown {
  private readonly streams = new Set<Stream>();
  private readonly log = new Logger(LiveUpdates.name);
  private loop: Repeater | null = null;
  private version: string | null = null;

  constructor(
    @Inject(OverviewReader) private readonly overview: OverviewReader,
    @Inject(DATABASE) private readonly db: Database,
  ) {}

  /** Takes a response over; false where too many listen already. */
  add(response: ServerResponse): boolean {
    if (this.streams.size >= LIVE_STREAMS) return false;
    const stream = { response, endsAt: performance.now() + LIVE_END_MS };
    this.streams.add(stream);
    response.on("close", () => this.streams.delete(stream));
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: ${LIVE_LOOK_MS}\n\n`);
    this.loop ??= this.begin();
    return true;
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { response } of this.streams) response.end();
    await this.loop?.stop();
  }

  private begin(): Repeater {
    const loop = new Repeater({ pass: () => this.look(), pauseMs: LIVE_LOOK_MS, log: this.log });
    loop.start();
    return loop;
  }

  private async look(): Promise<void> {
    if (this.streams.size === 0) return;
    const version = await this.newestVersion();
    const changed = this.version !== null && version !== this.version;
    this.version = version;
    const now = performance.now();
    for (const { response, endsAt } of this.streams) {
      // A comment shows whether the browser is still there.
      response.write(changed ? `event: changed\ndata: ${version}\n\n` : ":\n\n");
      if (endsAt <= now) response.end();
    }
  }

  /** Changes whenever a figure of the first screen does, an upload arrives, or a case moves. */
  private async newestVersion(): Promise<string> {
    const { situation, fuel, money, next, cases, block } = await this.overview.read();
    const [upload, event] = await Promise.all([
      this.db.selectFrom("uploads").select("hash").orderBy("received_at", "desc").limit(1).executeTakeFirst(),
      this.db.selectFrom("case_events").select("id").orderBy("id", "desc").limit(1).executeTakeFirst(),
    ]);
    const { ageSeconds: _, ...sums } = money.sums ?? { ageSeconds: 0 };
    const seen = [situation, fuel?.batches, sums, next, cases, block, upload?.hash, event?.id.toString()];
    return createHash("sha256").update(JSON.stringify(seen)).digest("base64url");
  }
}
