/** One thing that the foreign client tried, and what came. */
export interface InteropCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What the foreign client found, as its last line of standard output says it. */
export interface InteropOutcome {
  readonly schema: "tallystick.interop/1";
  readonly ok: boolean;
  readonly yubikit: string;
  readonly pyscard: string;
  readonly python: string;
  readonly checks: readonly InteropCheck[];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function isCheck(value: unknown): value is InteropCheck {
  return (
    isObject(value) &&
    typeof value["name"] === "string" &&
    typeof value["ok"] === "boolean" &&
    typeof value["detail"] === "string"
  );
}

function parseObject(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * Reads the outcome from the last line of the client's output; undefined where there is none, which counts as a failure.
 * An outcome without a check, or one that calls itself right beside a failed check, is none either.
 */
export function parseOutcome(output: string): InteropOutcome | undefined {
  const value = parseObject(output.trimEnd().split("\n").at(-1) ?? "");
  if (!isObject(value) || value["schema"] !== "tallystick.interop/1") return undefined;
  if (!["yubikit", "pyscard", "python"].every((field) => typeof value[field] === "string")) return undefined;
  const checks = value["checks"];
  if (!Array.isArray(checks) || checks.length === 0 || !checks.every(isCheck)) return undefined;
  if (value["ok"] !== checks.every((check) => check.ok)) return undefined;
  return value as unknown as InteropOutcome;
}

/** The page has no place for the outcome. */
export class OutcomePageError extends Error {
  override readonly name = "OutcomePageError";
  readonly code = "PAGE_WITHOUT_PLACE";
}

const BEGIN = "<!-- outcome: written by `pnpm interop --write` -->";
const END = "<!-- end of the outcome -->";

/** The outcome as the page shows it. */
export function outcomeTable(outcome: InteropOutcome): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return [
    `yubikit ${outcome.yubikit} over pyscard ${outcome.pyscard} on Python ${outcome.python}:`,
    "",
    "| what the client did | outcome | what came |",
    "|---|---|---|",
    ...outcome.checks.map(
      (check) => `| ${cell(check.name)} | ${check.ok ? "works" : "fails"} | ${cell(check.detail)} |`,
    ),
  ].join("\n");
}

/** The page with this outcome in the place of the one before. Throws when the page has no such place. */
export function writeOutcome(page: string, outcome: InteropOutcome): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new OutcomePageError(`the page lacks the lines "${BEGIN}" and "${END}"`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${outcomeTable(outcome)}\n\n${page.slice(end)}`;
}
