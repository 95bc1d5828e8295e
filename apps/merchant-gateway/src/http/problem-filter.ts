import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from "@nestjs/common";
import { ChainError } from "../chain/chain-error.ts";
import { RefundError } from "../refunds/refund-error.ts";
import { TapError } from "../taps/tap-error.ts";
import { Problem, problemBody, type ProblemBody, type ProblemCode } from "./problem.ts";

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/** The framework's own refusals, by status. */
const frameworkCodes: Readonly<Record<number, ProblemCode>> = {
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  413: "BODY_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA",
};

/** Turns whatever was thrown into application/problem+json. What was not expected is logged whole and answered without detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const body = this.describe(error);
    const reply = host.switchToHttp().getResponse<Reply>();
    reply
      .status(body.status)
      .header("content-type", "application/problem+json; charset=utf-8")
      .send(JSON.stringify(body));
  }

  describe(error: unknown): ProblemBody {
    if (error instanceof Problem || error instanceof TapError) return problemBody(error.code, error.message);
    if (error instanceof RefundError || error instanceof ChainError) return problemBody(error.code, error.message);
    const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
    if (status !== null && status < 500) {
      return problemBody(
        frameworkCodes[status] ?? "MALFORMED_REQUEST",
        error instanceof Error ? error.message : "The request was refused.",
      );
    }
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return problemBody(
      "INTERNAL",
      "Try again; repeating a sale by its id never pays twice. The gateway's log names the error.",
    );
  }
}

function statusOf(error: unknown): number | null {
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown };
  return typeof statusCode === "number" ? statusCode : null;
}
