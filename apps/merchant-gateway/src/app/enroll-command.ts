import { randomBytes } from "node:crypto";
import { type Command, InvalidArgumentError } from "commander";
import { ConfigError, faultAt, httpUrl, KeyFileError, systemTimer } from "@tallystick/program";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { loadConfig } from "../config/load-config.ts";
import { ENROLL_WAIT_SECONDS, MAX_ENROLL_WAIT_SECONDS } from "../enroll/limits.ts";
import type { EnrollLine } from "../enroll/run-enroll.ts";
import type { JoinCommand } from "../enroll/run-join.ts";
import { makeTerminalKey, readTerminalKey } from "../keys/terminal-key.ts";

interface EnrollOptions {
  readonly config: string;
  readonly to?: string;
  readonly answer?: string;
  readonly send?: string;
  readonly wait: number;
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
    .option("--send <url>", "ask this settlement, wait for the issuer's decision, and take what comes back")
    .option("--wait <seconds>", "how long --send waits", secondsOf, ENROLL_WAIT_SECONDS)
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async ({ config: file, to, answer, send, wait }: EnrollOptions) => {
      const config = loadConfig(file, { isJoining: true });
      makeKeyOnce(config.terminalKeyFile);
      const signer = readTerminalKey(config.terminalKeyFile);
      if (send !== undefined) {
        await join(config, { signer, url: urlOf(send), to: to ?? null, waitMs: wait * 1_000 }, show);
        return;
      }
      const now = Math.floor(Date.now() / 1_000);
      const { runEnroll } = await import("../enroll/run-enroll.ts");
      await runEnroll(config, { signer, now, answer: answer ?? null, to: to ?? null }, show);
    });
}

async function join(
  config: GatewayConfig,
  given: Pick<JoinCommand, "signer" | "url" | "to" | "waitMs">,
  show: (line: EnrollLine) => void,
): Promise<void> {
  const { encodeQR } = await import("qr");
  const { createJoinPort } = await import("../enroll/join-port.ts");
  const { certificateLine, sentLine } = await import("../enroll/run-enroll.ts");
  const { runJoin } = await import("../enroll/run-join.ts");
  const port = createJoinPort(given.url);
  const command = { ...given, port, timer: systemTimer, now: () => Math.floor(Date.now() / 1_000) };
  await runJoin(config, command, {
    sent: (request) => {
      // Capital letters and digits make the smaller code.
      const text = `${request.request}${request.signature.slice(2)}`.slice(2).toUpperCase();
      show(sentLine(request, given.url, encodeQR(text, "ascii")));
    },
    taken: (admitted, file) => {
      show(certificateLine(admitted, file));
    },
  });
}

function urlOf(text: string): string {
  const parsed = httpUrl.safeParse(text);
  // It is shown, and kept beside the certificate.
  const isPlain = parsed.success && new URL(parsed.data).username === "" && new URL(parsed.data).password === "";
  if (isPlain) return parsed.data;
  const message = "must be settlement's http or https address, without a name or a password in it";
  throw new ConfigError([faultAt("--send", message)], "The command line");
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^[0-9]+$/.test(text) && seconds <= MAX_ENROLL_WAIT_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_ENROLL_WAIT_SECONDS}.`);
}

/** A key that is there is kept: vouchers and a journal may depend on it. */
function makeKeyOnce(file: string): void {
  try {
    makeTerminalKey(file, (length) => Uint8Array.from(randomBytes(length)));
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.code !== "KEY_FILE_EXISTS") throw error;
  }
}
