import { spawn } from "node:child_process";
import { env as inherited } from "node:process";
import { ProgramError } from "@tallystick/program";
import { withoutPassword } from "./database-url.ts";
import { TOLD_CHARACTERS } from "./limits.ts";

/** What a program of PostgreSQL is to do. */
export interface PostgresRun {
  /** As PostgreSQL names it; it is looked for on the PATH. */
  readonly program: "pg_dump" | "pg_restore";
  readonly args: readonly string[];
  /** The database that it works on; none where it only reads a file. */
  readonly url?: string;
  /** The code of the failure where it ends otherwise than well. */
  readonly code: string;
  /** What to do then. */
  readonly next: string;
}

/**
 * Runs a program of PostgreSQL to its end. Passwords go by the environment. Rejects with ProgramError
 * by the given code, with what the program said last; POSTGRES_PROGRAM_MISSING where it is not there.
 */
export async function runPostgresProgram({ program, args, url, code, next }: PostgresRun): Promise<void> {
  const shown = url === undefined ? null : withoutPassword(url);
  const password = shown?.password == null ? {} : { PGPASSWORD: shown.password };
  const target = shown === null ? [] : [`--dbname=${shown.url}`, "--no-password"];
  const child = spawn(program, [...target, ...args], {
    // The program finds itself and its settings (PATH, PGSSLROOTCERT) as this process was given them.
    env: { ...inherited, ...password },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told = `${told}${text}`.slice(-TOLD_CHARACTERS);
  });
  const ended = await new Promise<number | string | Error>((resolve) => {
    child.once("error", resolve);
    child.once("close", (exit, signal) => resolve(exit ?? signal ?? ""));
  });
  if (ended === 0) return;
  if (ended instanceof Error)
    throw new ProgramError("POSTGRES_PROGRAM_MISSING", `${program} cannot be run: ${ended.message}.`, {
      exit: "store",
      next: "Install PostgreSQL's client programs, at least of the server's version.",
    });
  throw new ProgramError(code, `${program} ended with ${ended}: ${told.trim().replace(/\s+/g, " ")}`, {
    exit: "store",
    next,
  });
}
