import { parseArgs } from "node:util";
import { issuerKeyOf, textOf, usage } from "./given-files.ts";
import { MAX_STATEMENT_BYTES } from "./limits.ts";
import { verifyStatement, type StatementVerdict } from "./verify-statement.ts";
import type { VerifyResult } from "./verify-command.ts";

export const statementHelp = `Usage: tallystick-settlement verify statement FILE [options]

Checks a statement that settlement wrote as JSON, without a network and without the service: every
line is what its log entry says, and that entry is in the log; the log begins with the one whose
root a batch put on the chain; the lines lead from the opening balances to the closing ones; payouts
consist of what came in first. It names the first line that is wrong, and exits with 0 where none is.
It says so where the statement was made before its period was over: then it is right, and not all.

  --issuer-key HEX  a public key of the issuer, 33 or 65 bytes, again for each further key: with it,
                    opening and closing balances too are what the issuer signed
  --root HEX        the ledger root that you took from the transaction which the statement names, as
                    the chain shows it; without it the root is the statement's own claim
  --json            one JSON object instead of the sentence
`;

/** Runs `verify statement` with the arguments behind it. Throws ProgramError where it cannot judge. */
export function statementCommand(args: readonly string[]): VerifyResult {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "issuer-key": { type: "string", multiple: true },
      root: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw usage("The statement is missing, or there are several.", "Name its file.");
  const { root } = values;
  if (root !== undefined && !/^0x[0-9a-f]{64}$/.test(root))
    throw usage("--root is no root.", "Give 0x and 64 hexadecimal digits in lower case.");
  const issuerKeys = (values["issuer-key"] ?? []).map(issuerKeyOf);
  const verdict = verifyStatement(textOf(file, { most: MAX_STATEMENT_BYTES, what: "statement" }), {
    issuerKeys,
    root: root ?? null,
  });
  const compared = { signed: issuerKeys.length > 0, rooted: root !== undefined };
  const line = values.json ? jsonOf(verdict, compared) : sentenceOf(verdict, compared);
  return { line, accepted: verdict.fault === null };
}

/** What the statement was compared with that it does not hold itself. */
interface Compared {
  readonly signed: boolean;
  readonly rooted: boolean;
}

function jsonOf({ fault, document, anchored }: StatementVerdict, { signed, rooted }: Compared): string {
  return JSON.stringify({
    schema: "tallystick.statement-verdict/1",
    fault,
    signature: fault === null ? (signed ? "issuer" : "unchecked") : null,
    root: fault === null && document?.anchor != null ? (rooted ? "given" : "claimed") : null,
    ...(document === null
      ? {}
      : {
          ...{ payee: document.payee, from: document.from, to: document.to, complete: document.complete },
          ...{ lines: document.count, anchored, closing: document.closing, log: document.log, anchor: document.anchor },
        }),
  });
}

function sentenceOf({ fault, document, anchored }: StatementVerdict, { signed, rooted }: Compared): string {
  if (fault !== null || document === null) return `${fault?.code ?? ""}: ${fault?.message ?? ""}`;
  const { payee, from, to, count, closing, anchor, log, complete, madeAt } = document;
  const under =
    anchor === null
      ? `No batch has put the log's root ${log.root} on the chain yet.`
      : `${anchored} of them stand under the root ${anchor.root} (${anchor.size} entries), ${originOf(anchor.tx, rooted)}.`;
  const key = signed ? "signed by the issuer" : "whose signature was not checked (--issuer-key)";
  const open = complete
    ? ""
    : ` NOT COMPLETE: it was made at ${madeAt}, before nothing more could be booked into its period (10 minutes after the end of ${to}, UTC); what was booked later is missing. Ask for it again after that.`;
  return `The statement of ${payee} from ${from} to ${to}, ${key}, is right: ${count} lines, all in the log; ${under} Closing: ${closing.owed} in the vault, ${closing.paidOut} paid out, ${closing.accepted} accepted and not paid.${open}`;
}

function originOf(tx: string, rooted: boolean): string {
  return rooted
    ? `which is the given one, of the transaction ${tx}`
    : `which by its own claims the transaction ${tx} put on the chain: nothing was compared with a root from the chain (--root)`;
}
