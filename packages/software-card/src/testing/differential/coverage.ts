import { formatStatusWord } from "@tallystick/apdu";
import { readFileSync } from "node:fs";

const read = (path: string) => readFileSync(new URL(`../../../../../docs/spec/${path}`, import.meta.url), "utf8");

/** One command of `command-table.json`, as far as tests read it. */
export interface TableCommand {
  readonly name: string;
  readonly classes: string;
  readonly instruction: string;
  readonly p1: string;
  readonly p2: string;
  readonly states: Readonly<Record<StateName, { readonly outside: string; readonly inside: string }>>;
}

export type StateName = "INSTALLED" | "PERSONALIZED" | "SUSPENDED" | "TERMINATED";
export type ChannelName = "inside" | "outside";

export const STATE_BYTES: Readonly<Record<StateName, number>> = {
  INSTALLED: 0x01,
  PERSONALIZED: 0x07,
  SUSPENDED: 0x0b,
  TERMINATED: 0x7f,
};

const STATE_NAMES = Object.keys(STATE_BYTES) as readonly StateName[];

/** These go to the security domain, which a software card does not have. */
const OF_THE_SECURITY_DOMAIN: readonly string[] = ["INITIALIZE UPDATE", "EXTERNAL AUTHENTICATE"];

/** The commands of the specification that a software card and the applet both have. */
export const TABLE: readonly TableCommand[] = (
  JSON.parse(read("command-table.json")) as { commands: TableCommand[] }
).commands.filter(({ name }) => !OF_THE_SECURITY_DOMAIN.includes(name));

/** The channels a command can come by: a command of class 80 alone has no inside. */
export function channelsOf({ classes }: TableCommand): readonly ChannelName[] {
  return classes.includes("84") ? ["outside", "inside"] : ["outside"];
}

/** The status words of spec §4.6; 63Cx stands for any number of tries. */
export function documentedStatusWords(): readonly string[] {
  const [, section = ""] = /## §4\.6 [^\n]*\n([\s\S]*?)\n6F00/.exec(read("4-card.md")) ?? [];
  const cells = [...section.matchAll(/^\| ([0-9A-Fx ]+) \|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) => cell.trim().split(" ")).filter((sw) => /^[0-9A-F]{3}[0-9A-Fx]$/.test(sw));
}

/** Counts which answers were seen to which command, in which state and by which way. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  add(seen: {
    readonly command: Uint8Array;
    readonly state: number;
    readonly channel: ChannelName;
    readonly sw: number;
  }): void {
    const state = STATE_NAMES.find((name) => STATE_BYTES[name] === seen.state) ?? "unknown";
    const key = [nameOf(seen.command), state, seen.channel, formatStatusWord(seen.sw)].join("|");
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Answers by command and status word, whatever the state. */
  byStatusWord(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const table: Record<string, Record<string, number>> = {};
    for (const [key, count] of [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [command = "", , , sw = ""] = key.split("|");
      const row = (table[command] ??= {});
      row[sw] = (row[sw] ?? 0) + count;
    }
    return table;
  }

  /** Cells of the table in spec §4.2 that no answer has shown yet, as it promises them. */
  missingCells(): readonly string[] {
    const missing: string[] = [];
    for (const command of TABLE)
      for (const state of STATE_NAMES)
        for (const channel of channelsOf(command))
          for (const sw of statusWordsOf(command.states[state][channel])) {
            const key = [command.name, state, channel, sw].join("|");
            if (!this.#counts.has(key)) missing.push(key);
          }
    return missing;
  }

  /** Status words of spec §4.6 that no command has answered yet. */
  missingStatusWords(): readonly string[] {
    const seen = [...this.#counts.keys()].map((key) => key.split("|")[3] ?? "");
    return documentedStatusWords().filter((sw) => !seen.some((word) => word.startsWith(sw.replace("x", ""))));
  }
}

/**
 * What a cell promises: an allowed command can succeed, a replay can and anything else is refused.
 */
export function statusWordsOf(cell: string): readonly string[] {
  if (cell === "allowed") return ["9000"];
  return cell === "replay" ? ["9000", "9E01"] : [cell];
}

function nameOf(command: Uint8Array): string {
  const hex = (byte: number | undefined) => (byte ?? 0).toString(16).toUpperCase().padStart(2, "0");
  const [, ins, p1, p2] = command;
  const rows = TABLE.filter(({ instruction }) => instruction === hex(ins));
  const near = rows.filter((row) => row.p1 === hex(p1));
  return (near.find((row) => row.p2 === hex(p2)) ?? near[0] ?? rows[0])?.name ?? "another";
}
