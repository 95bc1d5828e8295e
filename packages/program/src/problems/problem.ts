import { z } from "zod";

/** The media type of every answer outside 2xx (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = "application/problem+json; charset=utf-8";

/**
 * The body of every answer outside 2xx, as RFC 9457 names it, with the stable code and what to do
 * next.
 */
export interface ProblemBody<Code extends string = string> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: Code;
  readonly next?: string;
}

/** Further members of a problem document (RFC 9457, section 3.2). */
export type ProblemMembers = Readonly<Record<string, string | number>>;

/** The same as a schema, for OpenAPI documents. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  next: z.string().optional(),
});

/** What one code means to whoever called. */
export interface ProblemKind<Code extends string = string> {
  readonly code: Code;
  readonly status: number;
  readonly title: string;
}

export interface ProblemExtras {
  /** What to do next, where `detail` does not say it. */
  readonly next?: string;
  /** For 503 and 429: when to ask again, as the header Retry-After. */
  readonly retryAfterSeconds?: number;
  /** For 401: how to authenticate, as the header WWW-Authenticate. */
  readonly challenge?: string;
  /** Members beside the documented ones; they replace none of those. */
  readonly members?: ProblemMembers;
}

/** Status and title of each code. */
export type ProblemTableEntries<Code extends string> = Readonly<Record<Code, readonly [status: number, title: string]>>;

/**
 * Everything an API refuses, by its stable code. A new code does not compile before it has a status
 * and a title, and a caller may rely on the code permanently.
 */
export class ProblemTable<Code extends string> {
  private readonly entries: ProblemTableEntries<Code>;

  constructor(entries: ProblemTableEntries<Code>) {
    this.entries = entries;
  }

  /** The codes, for OpenAPI documents. */
  get codes(): readonly Code[] {
    return Object.keys(this.entries) as Code[];
  }

  kind(code: Code): ProblemKind<Code> {
    const [status, title] = this.entries[code];
    return { code, status, title };
  }

  body(code: Code, detail: string, next?: string): ProblemBody<Code> {
    const { status, title } = this.kind(code);
    const type = `urn:tallystick:problem:${code.toLowerCase().replaceAll("_", "-")}`;
    return { type, title, status, detail, code, ...(next === undefined ? {} : { next }) };
  }
}

/** The codes of a table. */
export type ProblemCodeOf<Table> = Table extends ProblemTable<infer Code> ? Code : never;

/**
 * An expected refusal of a request: thrown by whoever refuses, written by the filter. `detail` says
 * what to do next.
 */
export class Problem<Code extends string = string> extends Error {
  override readonly name = "Problem";
  readonly code: Code;
  readonly status: number;
  readonly title: string;
  readonly next: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly challenge: string | undefined;
  readonly members: ProblemMembers;

  constructor({ code, status, title }: ProblemKind<Code>, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.status = status;
    this.title = title;
    this.next = extras.next;
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.challenge = extras.challenge;
    this.members = extras.members ?? {};
  }
}
