import type { LoggerService } from "@nestjs/common";
import { pino } from "pino";

const chatter: readonly string[] = ["InstanceLoader", "RoutesResolver", "RouterExplorer", "NestFactory"];

/** Nest's log as JSON lines on standard error; standard output belongs to the ready line. */
export class PinoLogger implements LoggerService {
  private readonly pino = pino({ name: "settlement", level: "info" }, pino.destination({ fd: 2, sync: true }));

  log(message: unknown, context?: unknown): void {
    // The framework's list of routes at every start tells an operator nothing.
    if (typeof context === "string" && chatter.includes(context)) return;
    this.pino.info({ context }, String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    this.pino.error({ context: context.at(-1) }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.pino.warn({ context }, String(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.pino.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: unknown): void {
    this.pino.trace({ context }, String(message));
  }

  fatal(message: unknown, context?: unknown): void {
    this.pino.fatal({ context }, String(message));
  }
}
