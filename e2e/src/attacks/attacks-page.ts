import type { Attack } from "./attack-list.ts";
import { attacksOnTheCard, attacksOnTheTerminal } from "./attack-list.ts";
import type { Lie } from "./lie.ts";
import { liesInPay } from "./lies-in-pay.ts";
import { liesInSelect } from "./lies-in-select.ts";
import { payFields, selectFields, type WireField } from "./harness/wire-fields.ts";

const head = `# Attacks and their tests

What somebody can try against a card and against a terminal, what comes of it, and the test that
shows it. Where a test needs both ends it has both: the applet in cardhost, and the gateway's
program with its journal. In between are a pcscd of its own and the virtual reader, or a socket
where PC/SC adds nothing. Attacks on settlement and the chain are in
[SECURITY.md](../../SECURITY.md).

Made by \`node infra/bootstrap/source.mjs e2e/src/attacks/write-attacks-page.ts\`. A test compares,
and finds each named test in its file. In a name, \`%s\` stands for the rows of the test's table.
`;

const liesHead = `## A hostile card, field by field

A broken chip with a genuine allowance tells one lie at a time, after one honest payment at the same
terminal where everything else is true. The rows are the cases of
\`e2e/src/attacks/hostile-card.test.ts\`. *Kept* means that the card signed what convicts it: the
voucher is kept, reversed and sent to settlement. Where the last column names somebody, no terminal
can see the lie. The codes are the [reason codes](reason-codes.md).
`;

function attackRows(attacks: readonly Attack[]): string[] {
  const rows = attacks.map(({ attack, outcome, tests }) => {
    const files = [...new Set(tests.map(({ file }) => file))];
    const named = files.map((file) => {
      const names = tests.filter((test) => test.file === file).map(({ name }) => `“${name}”`);
      return `[${file.split("/").at(-1) ?? file}](../../${file}): ${names.join(", ")}`;
    });
    return `| ${attack} | ${outcome} | ${named.join("<br>")} |`;
  });
  return ["| attack | what comes of it | tests |", "|---|---|---|", ...rows, ""];
}

function placeOf({ offset, length }: WireField): string {
  return length === 1 ? String(offset) : `${offset}–${offset + length - 1}`;
}

function lieRows(fields: readonly WireField[], lies: readonly Lie[]): string[] {
  const rows = fields.flatMap((field) =>
    lies
      .filter((lie) => lie.field === field.name)
      .map(({ says, outcome, evidence }, index) => {
        const code = "code" in outcome ? outcome.code : "";
        const rest = "bearer" in outcome ? outcome.bearer : evidence === true ? "kept" : "";
        const at = index === 0 ? `${placeOf(field)} | ${field.name}` : " | ";
        return `| ${at} | ${says} | ${code} | ${rest} |`;
      }),
  );
  return [
    "| bytes | field | what the card says | the terminal's code | kept, or who bears it |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ];
}

/** The page docs/reference/attacks.md. */
export function attacksPage(): string {
  return [
    head,
    "## On the card",
    "",
    ...attackRows(attacksOnTheCard),
    "## On the terminal",
    "",
    ...attackRows(attacksOnTheTerminal),
    liesHead,
    "### SELECT",
    "",
    "The 234 bytes and the status word (spec §4.4).",
    "",
    ...lieRows(selectFields, liesInSelect),
    "### PAY",
    "",
    "At most 120 bytes and the status word (spec §4.5); a shorter signature moves what follows it.",
    "",
    ...lieRows(payFields, liesInPay),
  ].join("\n");
}
