import { parseArgs } from "node:util";
import { EXIT, ProgramError } from "@tallystick/program";
import { z } from "zod";
import { LIMITS } from "../foundation/limits/limits.ts";
import { accessOf, callSettlement, type SendRequest, type SettlementAccess, wrongLine } from "./call-settlement.ts";
import type { CommandResult } from "./command-result.ts";
import { JOINING_DAYS } from "../issuing/joining/limits.ts";

export const joiningHelp = `Usage: tallystick-settlement joining list --url URL --token-file FILE
       tallystick-settlement joining approve --url URL --token-file FILE --digits DIGITS --payee 0x…
         --days N --per-tap A --unsent-sum A --unsent-count N --per-card-sum A [--software-sum A]
         --reason TEXT
       tallystick-settlement joining refuse --url URL --token-file FILE --digits DIGITS --reason TEXT

Decides about terminals that ask for their first certificate (tallystick-gateway enroll --send). list
prints those that wait. Before you approve, have somebody at the terminal read you all 20 digits and
the payee from its own screen, and type what you hear: a request that was swapped has other digits.

  --url URL          administration's address of the running settlement
  --token-file FILE  holds one token of the role issuer, with a name
  --digits DIGITS    as they were read to you; blanks do not count
  --payee 0x…        as it was read to you, with its capitals (EIP-55)
  --reason TEXT      why, for the audit log; of a refusal the terminal shows it
  --days N           for how long the terminal is certified, from now on: 1 to ${JOINING_DAYS}
`;

const options = {
  url: { type: "string" },
  "token-file": { type: "string" },
  digits: { type: "string" },
  payee: { type: "string" },
  days: { type: "string" },
  "per-tap": { type: "string" },
  "unsent-sum": { type: "string" },
  "unsent-count": { type: "string" },
  "per-card-sum": { type: "string" },
  "software-sum": { type: "string", default: "0" },
  reason: { type: "string" },
} as const;

type Given = Partial<Record<keyof typeof options, string>>;

const requestsSchema = z.object({ requests: z.array(z.object({ id: z.string() })) });

/** Runs `joining list|approve|refuse`; `now` in milliseconds. Rejects with ProgramError. */
export async function joiningCommand(
  args: readonly string[],
  { now, send = fetch }: { readonly now: () => number; readonly send?: SendRequest },
): Promise<CommandResult> {
  const [command, ...rest] = args;
  const { values } = parseArgs({ args: rest, options });
  const access = accessOf(values, send);
  if (command === "list") {
    const answer = await callSettlement(access, { method: "GET", path: "/v1/certificate-requests" });
    return line({ schema: "tallystick.joining/1", ...answer });
  }
  if (command === "approve") return await decide(access, values, "approval", approvalOf(values, now()));
  if (command === "refuse") return await decide(access, values, "refusal", { reason: reasonOf(values) });
  throw wrongLine("joining takes list, approve or refuse.", "See joining --help.");
}

function reasonOf({ reason = "" }: Given): string {
  if (reason.trim() !== "") return reason;
  throw wrongLine("The reason is missing.", "Say with --reason why; it is kept.");
}

/** The request is found by what was read at the terminal, never by what its list shows. */
async function decide(
  access: SettlementAccess,
  { digits = "" }: Given,
  decision: "approval" | "refusal",
  body: object,
): Promise<CommandResult> {
  const read = digits.replaceAll(/\s/g, "").toLowerCase();
  if (!/^[0-9a-f]{20}$/.test(read))
    throw wrongLine("--digits are all 20 of them.", "Type them as they stand on the terminal's own screen.");
  const path = "/v1/certificate-requests";
  const listed = requestsSchema.safeParse(
    await callSettlement(access, { method: "GET", path: `${path}?digits=${read}` }),
  );
  const id = listed.success ? listed.data.requests[0]?.id : undefined;
  if (id === undefined)
    throw new ProgramError("DIGITS_UNKNOWN", "No request has these digits.", {
      exit: "failed",
      next: "Have them read once more. If they stay the same, the terminal's own request has not arrived: approve no other.",
    });
  const answer = await callSettlement(access, { method: "POST", path: `${path}/${id}/${decision}`, body });
  const { state, reason } = answer;
  return line({ schema: "tallystick.joining/1", id, state, reason });
}

function approvalOf(values: Given, now: number): object {
  const { digits = "", payee = "", days = "" } = values;
  const seconds = Math.floor(now / 1_000);
  if (!/^[0-9]{1,4}$/.test(days) || Number(days) < 1 || Number(days) > JOINING_DAYS)
    throw wrongLine(
      `--days is a whole number from 1 to ${JOINING_DAYS}.`,
      "Say for how long the terminal is certified.",
    );
  const count = values["unsent-count"] ?? "";
  if (!/^[0-9]{1,9}$/.test(count))
    throw wrongLine("--unsent-count is a whole number.", "Say how many payments the terminal may hold unsent.");
  const sum = (name: "per-tap" | "unsent-sum" | "per-card-sum" | "software-sum"): string => {
    const text = values[name];
    if (text !== undefined) return text;
    throw wrongLine(`--${name} is missing.`, "Give an amount such as 100.00; there is no default for money.");
  };
  return {
    reason: reasonOf(values),
    ...{
      digits,
      payee,
      notBefore: seconds,
      notAfter: seconds + Number(days) * LIMITS.daySeconds,
      unsentCount: Number(count),
    },
    ...{ perTap: sum("per-tap"), unsentSum: sum("unsent-sum") },
    ...{ perCardSum: sum("per-card-sum"), softwareSum: sum("software-sum") },
  };
}

function line(content: object): CommandResult {
  return { line: JSON.stringify(content), exit: EXIT.done };
}
