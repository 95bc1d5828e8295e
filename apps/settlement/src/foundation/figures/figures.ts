import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import { TOPICS } from "../outbox/outbox.ts";
import { FINAL_SECONDS, MOST_CALLS, REQUEST_SECONDS } from "./limits.ts";

/** The way of a voucher, as far as this process has taken it. */
export const STAGES = ["received", "verified", "posted", "batched", "mined", "final"] as const;

/** What a value of a label may be: one of a closed list, or of what the program itself registers. */
type Values = readonly string[] | "routes";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const STATUSES = ["2xx", "3xx", "4xx", "5xx"] as const;
const OTHER = "other";
/** Kinds of actions on the chain, as `chain/chain-actions.ts` plans them. */
const ACTION_KINDS = [
  ...["approve", "open", "fund", "settle", "advance", "withdraw", "compensate", "convict", "return"],
  ...["request-withdrawal", "withdraw-card"],
] as const;

/**
 * Every counter, with what it counts and all values that its labels have. A value that is not listed
 * counts as `other`: no caller makes a new series.
 */
export const COUNTERS = {
  tallystick_stage_vouchers_total: [
    "Vouchers that reached a stage in this process; one that is mined again after a reorganisation counts again.",
    { stage: STAGES },
  ],
  tallystick_upload_entries_total: [
    "Vouchers of uploads by what came of them.",
    { result: ["new", "duplicate", "forked", "refused"] },
  ],
  tallystick_http_requests_total: [
    "Requests by door, method, the call's path as it is registered, and status.",
    { door: ["terminals", "administration"], method: METHODS, route: "routes", status: STATUSES },
  ],
  tallystick_refused_callers_total: [
    "Requests that were refused before they were read: no token or a wrong one, a role that may not, too many.",
    { status: ["401", "403", "421", "429"] },
  ],
  tallystick_jobs_total: ["Jobs that ended, by topic and how.", { topic: TOPICS, result: ["completed", "failed"] }],
  tallystick_transactions_total: [
    "Transactions that were signed, by what for; a replacement offers higher fees for the same nonce.",
    {
      kind: ACTION_KINDS,
      attempt: ["first", "replacement"],
    },
  ],
  tallystick_refused_actions_total: ["Times that the chain refused an action before it was signed.", {}],
  tallystick_events_total: [
    "Events that matter, each with a line in the log.",
    { event: ["fork", "refusal", "suspension", "batch", "sign-in", "unauthenticated"] },
  ],
} as const satisfies Record<string, readonly [string, Readonly<Record<string, Values>>]>;

/** Every histogram likewise, with its bounds. */
export const HISTOGRAMS = {
  tallystick_final_seconds: ["From a voucher's arrival to the final block that paid it.", FINAL_SECONDS, {}],
  tallystick_http_seconds: [
    "From a request's headers to its answer.",
    REQUEST_SECONDS,
    { door: ["terminals", "administration"], status: STATUSES },
  ],
} as const satisfies Record<string, readonly [string, readonly number[], Readonly<Record<string, Values>>]>;

type CounterName = keyof typeof COUNTERS;
type HistogramName = keyof typeof HISTOGRAMS;
type LabelsOf<Definition> = { readonly [Label in keyof Definition]: string };

/**
 * What this process counts: figures that no row keeps. They begin at 0 with the process, as Prometheus
 * expects of counters; what is stored is read from the database instead.
 */
const registry = new Registry();
const calls = new Set<string>();

const counters = new Map<string, Counter>(
  Object.entries(COUNTERS).map(([name, [help, labels]]) => [
    name,
    new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] }),
  ]),
);
const histograms = new Map<string, Histogram>(
  Object.entries(HISTOGRAMS).map(([name, [help, bounds, labels]]) => [
    name,
    new Histogram({ name, help, buckets: [...bounds], labelNames: Object.keys(labels), registers: [registry] }),
  ]),
);
let follows = false;

/** Counts so many more. */
export function count<Name extends CounterName>(
  name: Name,
  labels: LabelsOf<(typeof COUNTERS)[Name][1]>,
  by = 1,
): void {
  if (by > 0) counters.get(name)?.inc(listed(COUNTERS[name][1], labels), by);
}

/** Takes in how long something took, seconds. */
export function observe<Name extends HistogramName>(
  name: Name,
  labels: LabelsOf<(typeof HISTOGRAMS)[Name][2]>,
  seconds: number,
): void {
  histograms.get(name)?.observe(listed(HISTOGRAMS[name][2], labels), Math.max(0, seconds));
}

/** A call's method and the path that it is registered at; requests for no such call have the route `other`. */
export function registerCall(method: string, path: string): void {
  if (calls.size < MOST_CALLS) calls.add(`${method} ${path}`);
}

/** The figures and those of the process itself, in the text format of Prometheus. */
export async function figuresText(): Promise<string> {
  if (!follows) {
    follows = true;
    collectDefaultMetrics({ register: registry });
  }
  return await registry.metrics();
}

function listed(
  definition: Readonly<Record<string, Values>>,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(definition).map(([label, values]): [string, string] => {
    const value = labels[label] ?? OTHER;
    const known = values === "routes" ? calls.has(`${labels["method"] ?? OTHER} ${value}`) : values.includes(value);
    return [label, known ? value : OTHER];
  });
  return Object.fromEntries(kept);
}
