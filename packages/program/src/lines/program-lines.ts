import { redactUrls } from "../redaction/redact-url.ts";
import { EXIT, type ExitCode } from "./exits.ts";
import { type Failure, failureOf, type FailureRule } from "./failure.ts";
import type { Fault } from "./program-error.ts";

/** Where lines go, without the line's end: the process's own streams in a program. */
export type WriteLine = (line: string) => void;

export interface ProgramLinesOptions {
  /** The name that the lines give the program, such as `settlement`. */
  readonly app: string;
  /** One JSON object a line instead of sentences: the flag `--json`. */
  readonly json: boolean;
  /** Standard output: what the program is for. */
  readonly writeLine: WriteLine;
  /** Standard error: how it failed. */
  readonly writeError: WriteLine;
  /** How the program's own errors exit, and what to do about them. */
  readonly rules?: readonly FailureRule[];
}

/** What a program that serves says once. */
export interface Ready {
  /** Where it listens; left out where it does not. */
  readonly url?: string;
  /** Where it is administered, where that is another address. */
  readonly administration?: string;
  readonly pid: number;
}

/**
 * The first and the last line of a program, in the one form that all programs of the house have.
 */
export interface ProgramLines {
  /**
   * Reports on standard output that the program serves:
   * `{"schema":"tallystick.ready/1","app":…,"url":…,"administration":…,"pid":…}`, or "settlement listens on
   * http://localhost:8400 (process 123)."
   */
  ready(ready: Ready): void;
  /**
   * Reports on standard error how the program failed, and answers its exit code:
   * `{"schema":"tallystick.failed/1","app":…,"code":…,"message":…,"next":…,"faults":[…]}`, or a
   * sentence with what to do.
   */
  failed(error: unknown): ExitCode;
}

/** The lines of one program. */
export function createProgramLines(options: ProgramLinesOptions): ProgramLines {
  const { app, json, writeLine, writeError, rules = [] } = options;
  return {
    ready: (ready) => {
      writeLine(json ? readyJson(app, ready) : readySentence(app, ready));
    },
    failed: (error) => {
      const failure = failureOf(error, rules);
      writeError(json ? failedJson(app, failure) : failedSentences(failure));
      return EXIT[failure.exit];
    },
  };
}

/** An address as a URL's host and port. */
export function listenUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function readyJson(app: string, { url, administration, pid }: Ready): string {
  return JSON.stringify({ schema: "tallystick.ready/1", app, url, administration, pid });
}

function readySentence(app: string, { url, administration, pid }: Ready): string {
  const doors = administration === undefined ? "" : `, and on ${administration} for its administration`;
  return `${app} ${url === undefined ? "is ready" : `listens on ${url}${doors}`} (process ${pid}).`;
}

function failedJson(app: string, { code, message, next, faults }: Failure): string {
  const fields = { schema: "tallystick.failed/1", app, code, message: redactUrls(message), next };
  return JSON.stringify(faults === undefined ? fields : { ...fields, faults });
}

function failedSentences({ code, message, next }: Failure): string {
  return `${code}: ${redactUrls(message)}\nWhat to do: ${next}`;
}

/** A fault as a line for people: `domains.0.vault (line 4, column 16): is missing`. */
export function faultLine({ path, line, column, message }: Fault): string {
  const place = line === null ? "" : `line ${line}${column === null ? "" : `, column ${column}`}`;
  if (path === "") return place === "" ? message : `${place}: ${message}`;
  return place === "" ? `${path}: ${message}` : `${path} (${place}): ${message}`;
}
