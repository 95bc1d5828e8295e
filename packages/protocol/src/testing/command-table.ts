/**
 * What a command answers in one state: it runs, only a replay runs, or a status word in
 * hexadecimal.
 */
export type CommandAnswer = "allowed" | "replay" | string;

/** One command of spec §4.2 as programs read it. */
export interface SpecifiedCommand {
  readonly name: string;
  /**
   * Class bytes in hexadecimal, a slash between two: 80 in clear, 84 under secure messaging, 00 for
   * SELECT.
   */
  readonly classes: string;
  readonly instruction: string;
  readonly p1: string;
  readonly p2: string;
  readonly data: string;
  readonly answer: string;
  /** By state: the answer outside an SCP03 session of level 13, and inside one. */
  readonly states: Readonly<Record<string, { readonly outside: CommandAnswer; readonly inside: CommandAnswer }>>;
}

/**
 * Commands of the secure channel itself, which the table of states does not list: they run in every
 * state.
 */
const channelCommands = ["INITIALIZE UPDATE", "EXTERNAL AUTHENTICATE"];

/** Reads both tables of spec §4.2; throws where they do not fit together. */
export function readCommandTable(markdown: string): readonly SpecifiedCommand[] {
  const section = /## §4\.2 [\s\S]*?(?=\n## §4\.3)/.exec(markdown)?.[0] ?? "";
  const [bytes = "", states = ""] = section.split("**Which is allowed when.**");
  const [heads = [], ...rows] = cellsOf(states);
  return cellsOf(bytes)
    .slice(1)
    .map(([name = "", head = "", data = "", answer = ""]) => {
      const [classes = "", instruction = "", p1 = "", p2 = ""] = head.split(" ");
      const row = rows.find(([names = ""]) => names.split(", ").some((listed) => name.startsWith(listed)));
      if (row === undefined && !channelCommands.includes(name))
        throw new Error(`${name} has no row in the table of states`);
      const channel = row?.[5] ?? "any";
      const byState = heads
        .slice(1, 5)
        .map((state, index) => [state, answersOf(row?.[index + 1] ?? "✓", channel)] as const);
      return {
        name,
        classes,
        instruction,
        p1,
        p2,
        data,
        answer,
        states: Object.fromEntries(byState),
      };
    });
}

/** The tables as JSON, for tests in every language. */
export function commandTableJson(markdown: string): string {
  return `${JSON.stringify({ clause: "spec §4.2", commands: readCommandTable(markdown) }, null, 2)}\n`;
}

function answersOf(cell: string, channel: string): { outside: CommandAnswer; inside: CommandAnswer } {
  const inside =
    cell.startsWith("✓") || cell.startsWith("scp") ? "allowed" : cell.startsWith("replay") ? "replay" : cell;
  const closed = channel === "scp" || cell.startsWith("scp");
  return { outside: closed ? "6982" : inside, inside };
}

function cellsOf(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("|---"));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
