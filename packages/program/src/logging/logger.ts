import type { LoggerService } from "@nestjs/common";
import { Logger, PinoLogger } from "nestjs-pino";
import { redactCredentials } from "../redaction/redact-url.ts";
import { type DestinationStream, pino, type Logger as Pino } from "pino";
import { RepeatedLines } from "./repeated-lines.ts";

/**
 * The framework's lists of modules and routes at every start; only of use when something is wrong
 * with it.
 */
const chatter: ReadonlySet<unknown> = new Set([
  "NestFactory",
  "InstanceLoader",
  "RoutesResolver",
  "RouterExplorer",
  "NestApplication",
]);

export interface LoggerOptions {
  /** The name in every line, such as `settlement`. */
  readonly app: string;
  /** `log.level` of the configuration. */
  readonly level: string;
  /** Standard error, written at once, when left out: standard output belongs to the ready line. */
  readonly destination?: DestinationStream;
  /** Milliseconds, never running backwards; the machine's when left out. */
  readonly elapsed?: () => number;
}

/**
 * The library keeps one logger for its whole process; a service that is put together twice, as in
 * tests, has two.
 */
class OwnPinoLogger extends PinoLogger {
  private readonly own: Pino;

  constructor(own: Pino) {
    super({ pinoHttp: { logger: own } });
    this.own = own;
  }

  override get logger(): Pino {
    return this.own;
  }
}

/**
 * A service's log as Nest takes it: one JSON object a line. The framework's chatter at a start is
 * of the level `debug`. Equal warnings and errors are counted instead of being written again and
 * again.
 */
export function createLogger(options: LoggerOptions): LoggerService {
  const { app, level, destination, elapsed = () => performance.now() } = options;
  const stream = destination ?? pino.destination({ dest: 2, sync: true });
  const logger = new Logger(
    new OwnPinoLogger(pino({ name: app, level, hooks: { streamWrite: redactCredentials } }, stream)),
    {},
  );
  const log = logger.log.bind(logger);
  logger.log = (message: unknown, ...rest: readonly unknown[]) => {
    if (chatter.has(rest.at(-1))) logger.debug(message, ...rest);
    else log(message, ...rest);
  };
  const lines = new RepeatedLines(elapsed);
  logger.warn = countRepeats("warn", logger.warn.bind(logger), lines);
  logger.error = countRepeats("error", logger.error.bind(logger), lines);
  return logger;
}

type Write = (message: unknown, ...rest: unknown[]) => void;

function countRepeats(level: string, write: Write, lines: RepeatedLines): Write {
  return (message, ...rest) => {
    if (typeof message !== "string") return write(message, ...rest);
    const { write: due, repeats } = lines.see(`${level} ${String(rest.at(-1))} ${message}`);
    if (due) write(repeats === 0 ? message : `${message} (${repeats} times more since the last such line)`, ...rest);
  };
}
