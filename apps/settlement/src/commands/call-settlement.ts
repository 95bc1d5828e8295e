import { readFileSync } from "node:fs";
import { ProgramError } from "@tallystick/program";
import { LIMITS } from "../foundation/limits/limits.ts";

/** Sends one request and answers status and body; the machine's own when left out. */
export type SendRequest = (url: string, init: RequestInit) => Promise<Response>;

/** Where a running settlement's administration is, and with whose token it is called. */
export interface SettlementAccess {
  readonly url: string;
  readonly token: string;
  readonly send: SendRequest;
}

/** One call. */
export interface SettlementCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
}

/** A command line that cannot be carried out. */
export function wrongLine(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}

/** What `--url` and `--token-file` name. Throws ProgramError. */
export function accessOf(
  { url = "", "token-file": file }: { readonly url?: string | undefined; readonly "token-file"?: string | undefined },
  send: SendRequest,
): SettlementAccess {
  if (!URL.canParse(url))
    throw wrongLine("The address of settlement is missing.", "Name administration's with --url URL.");
  return { url, token: tokenIn(file), send };
}

function tokenIn(file: string | undefined): string {
  if (file === undefined) throw wrongLine("The token is missing.", "Name its file with --token-file FILE.");
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

/** Makes one call. Rejects with ProgramError, also for what settlement refuses, by its code. */
export async function callSettlement(
  { url, token, send }: SettlementAccess,
  { method, path, body }: SettlementCall,
): Promise<Record<string, unknown>> {
  let response: Response;
  let answer: Record<string, unknown>;
  try {
    response = await send(new URL(path, url).href, {
      ...{ method, redirect: "error", ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
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
    next: "Nothing was changed. docs/reference/settlement.md has its codes.",
  });
}
