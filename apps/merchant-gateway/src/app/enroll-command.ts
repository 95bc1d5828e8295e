import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { KeyFileError } from "@tallystick/program";
import { loadConfig } from "../config/load-config.ts";
import type { EnrollLine } from "../enroll/run-enroll.ts";
import { makeTerminalKey, readTerminalKey } from "../keys/terminal-key.ts";

interface EnrollOptions {
  readonly config: string;
  readonly to?: string;
  readonly answer?: string;
}

/** Joining a programme: the terminal's key, its request, and the issuer's answer. */
export function addEnrollCommand(program: Command, show: (line: EnrollLine) => void): void {
  program
    .command("enroll")
    .description(
      "Ask the issuer for the terminal's certificate, or take its answer; makes the terminal's key where there is none.",
    )
    .requiredOption("--config <file>", "the configuration of the gateway, without a certificate at first")
    .option("--to <file>", "where the request, or the certificate that was taken, is written")
    .option("--answer <file>", "the issuer's answer; believed by the pinned issuer keys alone")
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async ({ config: file, to, answer }: EnrollOptions) => {
      const config = loadConfig(file);
      makeKeyOnce(config.terminalKeyFile);
      const signer = readTerminalKey(config.terminalKeyFile);
      const now = Math.floor(Date.now() / 1_000);
      const { runEnroll } = await import("../enroll/run-enroll.ts");
      await runEnroll(config, { signer, now, answer: answer ?? null, to: to ?? null }, show);
    });
}

/** A key that is there is kept: vouchers and a journal may depend on it. */
function makeKeyOnce(file: string): void {
  try {
    makeTerminalKey(file, (length) => Uint8Array.from(randomBytes(length)));
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.code !== "KEY_FILE_EXISTS") throw error;
  }
}
