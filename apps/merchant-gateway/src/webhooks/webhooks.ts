import { postWebhook, type Timer, type WebhookAnswer, webhookHeaders, type WebhookPost } from "@tallystick/program";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { WebhookEndpoint } from "../config/gateway-config.ts";
import type { Policies } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import type {
  DeliveryQuery,
  LoggedChange,
  WebhookCounts,
  WebhookDelivery,
  WebhookTry,
} from "../journal/merchant/webhook-store.ts";
import type { TapEngine } from "../taps/tap-engine.ts";
import { MAX_CHANGES_PER_PASS, MAX_WEBHOOKS_PER_PASS, WEBHOOK_RETRY_SECONDS } from "./limits.ts";
import { saleChangeOf, tapIdOf } from "./sale-changes.ts";
import { WebhookError } from "./webhook-error.ts";
import { messageOf } from "./webhook-message.ts";

export interface WebhooksParts {
  readonly journal: Pick<Journal, "write" | "webhooks" | "taps" | "sales" | "refunds" | "reversals">;
  readonly endpoints: readonly WebhookEndpoint[];
  /** The secret of an endpoint. */
  readonly secretOf: (endpoint: WebhookEndpoint) => Uint8Array;
  readonly policies: Pick<Policies, "of">;
  readonly clock: Pick<TerminalClock, "now">;
  readonly engine: Pick<TapEngine, "isAsking">;
  readonly newId: () => string;
  /** For how long an answer is waited; the machine's when left out. */
  readonly timer?: Timer;
}

/** An endpoint, and how it fares. */
export interface EndpointView extends WebhookCounts {
  readonly endpoint: WebhookEndpoint;
  /** Seconds: since when it wants nothing more; null where it is told. */
  readonly disabledAt: number | null;
}

/** A try whose outcome is not in the journal yet. */
interface Tried {
  readonly outcome: WebhookTry;
  readonly at: number;
  /** The endpoint that wants nothing any more, where it said so. */
  readonly gone: WebhookEndpoint | null;
}

/**
 * Tells a merchant's own programs what became of sales (Standard Webhooks): what, follows from the journal's log, so
 * that nothing is lost and no payment waits for it. Nothing here touches the journal while a payment runs. A message
 * may arrive twice, always with one id.
 */
export class Webhooks {
  private readonly parts: WebhooksParts;
  private readonly secrets: ReadonlyMap<string, Uint8Array>;
  private readonly ending = new AbortController();
  private readonly tried: Tried[] = [];

  /** Throws KeyFileError where a secret cannot be read. */
  constructor(parts: WebhooksParts) {
    this.parts = parts;
    this.secrets = new Map(parts.endpoints.map((endpoint) => [endpoint.name, parts.secretOf(endpoint)]));
    const { journal, endpoints } = parts;
    if ((journal.webhooks.cursor() === null) === (endpoints.length === 0)) return;
    journal.write(() => {
      journal.webhooks.begin(endpoints.length > 0);
    });
  }

  get names(): readonly string[] {
    return this.parts.endpoints.map(({ name }) => name);
  }

  /** Makes messages of what the log has more, and keeps what became of tries. Does nothing while a payment runs. */
  gather(): void {
    const { journal, engine } = this.parts;
    if (engine.isAsking) return;
    this.keepTries();
    const cursor = journal.webhooks.cursor();
    if (cursor === null) return;
    const { changes, upTo } = journal.webhooks.changes(cursor, MAX_CHANGES_PER_PASS);
    if (upTo === cursor) return;
    journal.write(() => {
      for (const change of changes) this.tell(change);
      journal.webhooks.moveCursor(upTo);
      if (changes.length > 0) journal.webhooks.prune();
    });
  }

  /** Sends what is due to one endpoint, until a try fails. Never rejects. */
  async deliver(name: string): Promise<void> {
    const { journal, clock, engine } = this.parts;
    const endpoint = this.endpointOf(name);
    if (engine.isAsking) return;
    this.keepTries();
    if (journal.webhooks.disabledAt(name, endpoint.url) !== null) return;
    for (const delivery of journal.webhooks.due(name, clock.now(), MAX_WEBHOOKS_PER_PASS)) {
      const answer = await postWebhook(this.postOf(endpoint, delivery), this.parts.timer);
      // The end of the program is no answer.
      if (this.ending.signal.aborted) return;
      this.take(endpoint, delivery, answer);
      if (answer.kind !== "delivered") return;
    }
  }

  /** Ends what is being sent; it is sent again after the next start. */
  end(): void {
    this.ending.abort();
  }

  endpoints(): readonly EndpointView[] {
    const { webhooks } = this.parts.journal;
    return this.parts.endpoints.map((endpoint) => ({
      endpoint,
      disabledAt: webhooks.disabledAt(endpoint.name, endpoint.url),
      ...webhooks.counts(endpoint.name),
    }));
  }

  /** Messages to endpoints, newest first. Throws WebhookError WEBHOOK_UNKNOWN. */
  page(query: DeliveryQuery): readonly WebhookDelivery[] {
    if (query.endpoint !== null) this.endpointOf(query.endpoint);
    return this.parts.journal.webhooks.page(query);
  }

  /** Throws WebhookError DELIVERY_UNKNOWN. */
  delivery(id: number): WebhookDelivery {
    const delivery = this.parts.journal.webhooks.byId(id);
    if (delivery === null)
      throw new WebhookError("DELIVERY_UNKNOWN", "No message has this number; the list is at /v1/webhooks/deliveries.");
    return delivery;
  }

  /** Sends a message once more, with the same id and bytes. Throws WebhookError. */
  redeliver(id: number): WebhookDelivery {
    const { journal, clock } = this.parts;
    const { endpoint: name } = this.delivery(id);
    const endpoint = this.endpointOf(name);
    if (journal.webhooks.disabledAt(name, endpoint.url) !== null)
      throw new WebhookError("WEBHOOK_DISABLED", "The endpoint answered 410 and is told nothing; enable it first.");
    journal.write(() => {
      journal.webhooks.redeliver(id, clock.now());
    });
    return this.delivery(id);
  }

  /** Tells an endpoint again that wanted nothing any more. Throws WebhookError WEBHOOK_UNKNOWN. */
  enable(name: string): EndpointView {
    const { journal } = this.parts;
    this.endpointOf(name);
    journal.write(() => {
      journal.webhooks.enable(name);
    });
    const view = this.endpoints().find(({ endpoint }) => endpoint.name === name);
    if (view === undefined) throw new Error(`endpoint ${name} is gone`);
    return view;
  }

  private tell(change: LoggedChange): void {
    const { journal, endpoints } = this.parts;
    const tap = journal.taps.byId(tapIdOf(change));
    if (tap === null) return;
    const type = saleChangeOf(change, { tap, isReversed: journal.reversals.has(tap.id) });
    if (type === null) return;
    const told = endpoints.filter(({ events }) => events === null || events.includes(type)).map(({ name }) => name);
    if (told.length === 0) return;
    const refundId = change.subject.slice(change.subject.indexOf("/") + 1);
    const refund = change.kind === "refund" ? journal.refunds.byId(tap.id, refundId) : null;
    const sale = journal.sales.byId(tap.saleId);
    journal.webhooks.add(messageOf({ change, type, tap, sale, refund }, this.parts), told);
  }

  private postOf({ name, url, isPrivate }: WebhookEndpoint, { message }: WebhookDelivery): WebhookPost {
    const secret = this.secrets.get(name);
    if (secret === undefined) throw new Error(`endpoint ${name} has no secret`);
    const headers = webhookHeaders(message, { secret, now: this.parts.clock.now() });
    return { url, isPrivate, headers, body: message.body, signal: this.ending.signal };
  }

  private take(endpoint: WebhookEndpoint, { id, attempts }: WebhookDelivery, answer: WebhookAnswer): void {
    const at = this.parts.clock.now();
    const { status: lastStatus } = answer;
    const lastCode = answer.kind === "failed" ? answer.code : answer.kind === "gone" ? "WEBHOOK_GONE" : null;
    const wait = WEBHOOK_RETRY_SECONDS[attempts];
    const isWaiting = answer.kind === "failed" && wait !== undefined;
    const state = answer.kind === "delivered" ? "delivered" : isWaiting ? "waiting" : "failed";
    const outcome = { id, state, nextAt: isWaiting ? at + wait : null, lastCode, lastStatus } as const;
    this.tried.push({ outcome, at, gone: answer.kind === "gone" ? endpoint : null });
    if (!this.parts.engine.isAsking) this.keepTries();
  }

  private keepTries(): void {
    const tried = this.tried.splice(0);
    if (tried.length === 0) return;
    const { webhooks } = this.parts.journal;
    this.parts.journal.write(() => {
      for (const { outcome, at, gone } of tried) {
        webhooks.record(outcome, at);
        if (gone !== null) webhooks.disable(gone.name, gone.url, at);
      }
    });
  }

  private endpointOf(name: string): WebhookEndpoint {
    const endpoint = this.parts.endpoints.find((each) => each.name === name);
    if (endpoint === undefined)
      throw new WebhookError("WEBHOOK_UNKNOWN", "The configuration names no such endpoint; see /v1/webhooks.");
    return endpoint;
  }
}
