import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from "@nestjs/common";
import { Repeater } from "@tallystick/program";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { SharedRead } from "../../foundation/shared-read.ts";
import { LIVE_AWAY_MS, LIVE_END_MS, LIVE_LOOK_MS, LIVE_STREAMS, LIVE_STREAMS_EACH, LONG_ROWS } from "./limits.ts";
import { OverviewReader } from "./read/overview.ts";

/** Stands for a version while nothing can be read. */
const AWAY = "away";

/** A browser that is told. */
interface Stream {
  readonly response: ServerResponse;
  readonly listener: string;
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
  private readonly versions: SharedRead<string>;

  constructor(
    @Inject(OverviewReader) private readonly overview: Pick<OverviewReader, "read">,
    @Inject(DATABASE) private readonly db: Database,
  ) {
    this.versions = new SharedRead({ read: () => this.readVersion(), rest: 1 });
  }

  /** Takes a response over; false where too many listen already, of all or of this listener. */
  add(response: ServerResponse, listener: string): boolean {
    const own = [...this.streams].filter((stream) => stream.listener === listener);
    if (this.streams.size >= LIVE_STREAMS || own.length >= LIVE_STREAMS_EACH) return false;
    const stream = { response, listener, endsAt: performance.now() + LIVE_END_MS };
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

  /** One look, and a word to everybody who listens; throws nothing, whatever is away. */
  async look(): Promise<void> {
    if (this.streams.size === 0) return;
    const version = await this.newestVersion();
    const changed = this.version !== null && version !== this.version;
    this.version = version;
    const now = performance.now();
    for (const { response, endsAt } of this.streams) {
      // While nothing can be read this is said at every look: a page that was opened meanwhile must know it too.
      if (version === AWAY) response.write(`event: away\ndata: ${AWAY}\n\n`);
      // A comment shows whether the browser is still there.
      else response.write(changed ? `event: changed\ndata: ${version}\n\n` : ":\n\n");
      if (endsAt <= now) response.end();
    }
  }

  /** `away` where PostgreSQL does not answer, or takes too long. */
  private async newestVersion(): Promise<string> {
    try {
      const found = await this.versions.get({ freshMs: 0, withinMs: LIMITS.answerWaitMs });
      return found === null || found.ageMs > LIVE_AWAY_MS ? AWAY : found.value;
    } catch {
      return AWAY;
    }
  }

  /**
   * Changes whenever a figure of the first screen does; an upload, an order's report or a request for a certificate
   * arrives; a case moves, somebody asks for an approval, an action fails, or a person does what the audit log records:
   * decides, names, tries again.
   */
  private async readVersion(): Promise<string> {
    const { situation, fuel, money, next, cases, block } = await this.overview.read();
    const { rows } = await sql<{ seen: string }>`
      select jsonb_build_array(
        (select encode(hash, 'hex') from uploads order by received_at desc limit 1),
        (select encode(id, 'hex') from certificate_requests order by received_at desc limit 1),
        (select encode(digest, 'hex') from order_reports order by received_at desc, digest desc limit 1),
        (select max(id) from case_events),
        (select max(position) from audit_entries),
        (select number from approvals order by asked_at desc, number desc limit 1),
        (select md5(string_agg(id::text || changed_at::text, ',')) from (
          select id, changed_at from chain_actions where state in ('failed', 'refused')
          order by changed_at desc, id limit ${LONG_ROWS}) f))::text as seen`.execute(this.db);
    const { ageSeconds: _, ...sums } = money.sums ?? { ageSeconds: 0 };
    const seen = [situation, fuel?.batches, sums, next, cases, block, rows[0]?.seen];
    return createHash("sha256").update(JSON.stringify(seen)).digest("base64url");
  }
}
