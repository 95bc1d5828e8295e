import type { LoggerService } from "@nestjs/common";
import { pino, type Logger } from "pino";

/** What the framework tells at every start; only of use when something is wrong with it. */
const startup = new Set<unknown>([
  "NestFactory",
  "InstanceLoader",
  "RoutesResolver",
  "RouterExplorer",
  "NestApplication",
]);

/** The framework's log as JSON lines on standard error; standard output belongs to the ready line. */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(level: string) {
    this.pino = pino({ level }, pino.destination({ dest: 2, sync: true }));
  }

  log(message: unknown, context?: unknown): void {
    this.pino[startup.has(context) ? "debug" : "info"]({ context }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.pino.warn({ context }, String(message));
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    const [stack, context] = rest.length > 1 ? rest : [undefined, rest[0]];
    this.pino.error({ context, ...(stack === undefined ? {} : { stack }) }, String(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.pino.debug({ context }, String(message));
  }

  fatal(message: unknown, context?: unknown): void {
    this.pino.fatal({ context }, String(message));
  }
}
