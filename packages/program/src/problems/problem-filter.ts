import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from "@nestjs/common";
import { Problem, PROBLEM_MEDIA_TYPE, type ProblemBody, type ProblemExtras, type ProblemTable } from "./problem.ts";
import type { ProblemRule } from "./problem-rules.ts";

/** The part of Fastify's reply that the filter writes. */
interface Reply {
  readonly sent?: boolean;
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

export interface ProblemFilterOptions<Code extends string> {
  readonly table: ProblemTable<Code>;
  /** Code of a request that does not have the documented form. */
  readonly malformed: Code;
  /** The framework's own refusals, by status; those that are not listed are `malformed`. */
  readonly byStatus: Readonly<Record<number, Code>>;
  /** Code and detail of what should not have happened; the log names the fault. */
  readonly unexpected: { readonly code: Code; readonly detail: string };
  /** How the application's own errors are answered, the first that fits. */
  readonly rules?: readonly ProblemRule<Code>[];
}

/** An answer with what its header needs. */
export interface DescribedProblem<Code extends string> {
  readonly body: ProblemBody<Code>;
  readonly retryAfterSeconds: number | undefined;
  readonly challenge?: string | undefined;
}

/**
 * Turns whatever was thrown into application/problem+json. What was not expected is logged whole
 * and answered without detail: nothing of it leaves the service.
 */
export class ProblemFilter<Code extends string> implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);
  private readonly options: ProblemFilterOptions<Code>;

  constructor(options: ProblemFilterOptions<Code>) {
    this.options = options;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const { body, retryAfterSeconds, challenge } = this.describe(error);
    const reply = host.switchToHttp().getResponse<Reply>();
    // The answer had begun; only the log can name the fault.
    if (reply.sent === true) return;
    if (retryAfterSeconds !== undefined) reply.header("retry-after", String(Math.ceil(retryAfterSeconds)));
    if (challenge !== undefined) reply.header("www-authenticate", challenge);
    reply.status(body.status).header("content-type", PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
  }

  /** The answer for an error, without sending it. */
  describe(error: unknown): DescribedProblem<Code> {
    const { table, rules = [], unexpected } = this.options;
    if (error instanceof Problem) {
      const { code, message, next, retryAfterSeconds, challenge, members } = error as Problem<Code>;
      const { body, ...header } = this.answer(code, message, { next, retryAfterSeconds });
      return { body: { ...members, ...body }, ...header, challenge };
    }
    for (const rule of rules) {
      const refusal = rule(error);
      if (refusal === null) continue;
      if (refusal.log !== undefined) this.log[refusal.log.level](refusal.log.message);
      return this.answer(refusal.code, refusal.detail, refusal);
    }
    const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
    if (status !== null && status < 500) {
      const code = this.options.byStatus[status] ?? this.options.malformed;
      return this.answer(code, error instanceof Error ? error.message : "The request was refused.");
    }
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { body: table.body(unexpected.code, unexpected.detail), retryAfterSeconds: undefined };
  }

  private answer(
    code: Code,
    detail: string,
    { next, retryAfterSeconds }: { [Key in keyof ProblemExtras]?: ProblemExtras[Key] | undefined } = {},
  ): DescribedProblem<Code> {
    return { body: this.options.table.body(code, detail, next), retryAfterSeconds };
  }
}

// Not as a decorator: Node runs the sources of packages as they are, and knows none.
Catch()(ProblemFilter);

/** Fastify's own faults carry their status. */
function statusOf(error: unknown): number | null {
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown };
  return typeof statusCode === "number" ? statusCode : null;
}
