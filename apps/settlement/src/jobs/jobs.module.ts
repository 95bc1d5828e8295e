import { Module, type DynamicModule } from "@nestjs/common";
import { OutboxRelay } from "./outbox-relay.ts";
import { QueueViews } from "./queue-views.ts";
import { Queues } from "./queues.ts";
import { Reconciler } from "./reconciler.ts";
import { RedisWatch } from "./redis-watch.ts";
import { Workers } from "./workers.ts";

/**
 * What runs by itself: the queues, their workers, and what fills them from the outbox and from the
 * database.
 */
@Module({
  providers: [Queues, QueueViews, RedisWatch, OutboxRelay, Reconciler, Workers],
  exports: [Queues, QueueViews],
})
export class JobsModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: JobsModule, imports: below };
  }
}
