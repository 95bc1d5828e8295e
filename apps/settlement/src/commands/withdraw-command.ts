import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXIT, ProgramError } from "@tallystick/program";
import { isProtocolError, fromHex, parseAddress, toHex } from "@tallystick/protocol";
import { LIMITS } from "../foundation/limits/limits.ts";
import type { CommandResult } from "./chain-commands.ts";

export const withdrawHelp = `Usage: tallystick-settlement withdraw-certificate --url URL --token-file FILE
         --payee 0x… --terminal 0x… --reason TEXT

Withdraws the certificates of a lost or stolen terminal, for good and from now on: what it sells after
this moment is not promised, and its id never gets a certificate again. What it had sold before keeps
what was promised. Run it twice and nothing more happens. docs/operating/lost-terminal.md has the rest.

  --url URL          administration's address of the running settlement
  --token-file FILE  holds one token of the role issuer, with a name
`;

/** Sends one request and answers status and body; the machine's own when left out. */
export type SendRequest = (url: string, init: RequestInit) => Promise<Response>;

function wrong(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}

/** A text of the command line in the form that settlement's paths have. */
function hexOf(name: string, text: string | undefined, read: (text: string) => Uint8Array): string {
  try {
    return toHex(read(text ?? ""));
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw wrong(`${name} is ${text ?? "missing"}.`, "Write it as it stands in the terminal's configuration.");
  }
}

function tokenIn(file: string | undefined): string {
  if (file === undefined) throw wrong("The token is missing.", "Name its file with --token-file FILE.");
  let token: string;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch {
    throw new ProgramError("TOKEN_UNREADABLE", `${file} cannot be read.`, {
      exit: "keys",
      next: "Check the path and the rights of the file.",
    });
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ProgramError("TOKEN_UNREADABLE", `${file} holds no token.`, {
    exit: "keys",
    next: "The file holds the token alone, as text.",
  });
}

/** Runs `withdraw-certificate`. Rejects with ProgramError, also for what settlement refuses, by its code. */
export async function withdrawCommand(args: readonly string[], send: SendRequest = fetch): Promise<CommandResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ url: { type: "string" }, "token-file": { type: "string" }, payee: { type: "string" } },
      ...{ terminal: { type: "string" }, reason: { type: "string" } },
    },
  });
  const { url = "", reason = "" } = values;
  if (!URL.canParse(url)) throw wrong("The address of settlement is missing.", "Name administration's with --url URL.");
  if (reason.trim() === "") throw wrong("The reason is missing.", "Say with --reason what happened; it is kept.");
  const payee = hexOf("--payee", values.payee, parseAddress);
  const terminal = hexOf("--terminal", values.terminal, (text) => fromHex(text, 8));
  const token = tokenIn(values["token-file"]);
  const path = `/v1/merchants/${payee}/terminals/${terminal}/withdrawal`;
  const answer = await sendTo(send, new URL(path, url).href, { token, body: JSON.stringify({ reason }) });
  return { line: JSON.stringify({ schema: "tallystick.withdrawal/1", ...answer }), exit: EXIT.done };
}

async function sendTo(
  send: SendRequest,
  url: string,
  { token, body }: { readonly token: string; readonly body: string },
): Promise<Record<string, unknown>> {
  let response: Response;
  let answer: Record<string, unknown>;
  try {
    response = await send(url, {
      ...{ method: "POST", body, redirect: "error" },
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(LIMITS.checkMs),
    });
    answer = (await response.json()) as Record<string, unknown>;
  } catch {
    throw new ProgramError("SETTLEMENT_UNREACHABLE", "Settlement does not answer there.", {
      exit: "network",
      next: "Nothing is known to have happened: check --url, and run it again.",
    });
  }
  if (response.ok) return answer;
  const { code = `STATUS_${response.status}`, detail = "" } = answer as { code?: string; detail?: string };
  throw new ProgramError(String(code), `Settlement refused it: ${String(detail)}`, {
    exit: "failed",
    next: "Nothing was withdrawn. docs/reference/settlement.md has its codes.",
  });
}
