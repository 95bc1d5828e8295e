import { parseArgs } from "node:util";
import { EXIT } from "@tallystick/program";
import { isProtocolError, fromHex, parseAddress, toHex } from "@tallystick/protocol";
import { accessOf, callSettlement, type SendRequest, wrongLine } from "./call-settlement.ts";
import type { CommandResult } from "./command-result.ts";

export const withdrawHelp = `Usage: tallystick-settlement withdraw-certificate --url URL --token-file FILE
         --payee 0x… --terminal 0x… --reason TEXT

Withdraws the certificates of a lost or stolen terminal, for good and from now on: what it sells after
this moment is not promised, and its id never gets a certificate again. What it had sold before keeps
what was promised. Run it twice and nothing more happens. docs/operating/lost-terminal.md has the rest.

  --url URL          administration's address of the running settlement
  --token-file FILE  holds one token of the role issuer, with a name
`;

/** A text of the command line in the form that settlement's paths have. */
function hexOf(name: string, text: string | undefined, read: (text: string) => Uint8Array): string {
  try {
    return toHex(read(text ?? ""));
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw wrongLine(`${name} is ${text ?? "missing"}.`, "Write it as it stands in the terminal's configuration.");
  }
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
  const { reason = "" } = values;
  if (reason.trim() === "") throw wrongLine("The reason is missing.", "Say with --reason what happened; it is kept.");
  const payee = hexOf("--payee", values.payee, parseAddress);
  const terminal = hexOf("--terminal", values.terminal, (text) => fromHex(text, 8));
  const access = accessOf(values, send);
  const path = `/v1/merchants/${payee}/terminals/${terminal}/withdrawal`;
  const answer = await callSettlement(access, { method: "POST", path, body: { reason } });
  return { line: JSON.stringify({ schema: "tallystick.withdrawal/1", ...answer }), exit: EXIT.done };
}
