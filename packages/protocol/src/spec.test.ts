import { describe, expect, it } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { commandTableJson, readCommandTable } from "./testing/command-table.ts";
import { protocolErrorsPage, reasonCodesPage } from "./testing/reference-pages.ts";
import { excessCodes, protocolErrorCodes, reasonCodes, refusalByStatusWord } from "./index.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

const chapters = readdirSync(new URL("docs/spec/", root)).filter((name) => /^\d/.test(name));
const spec = new Map(chapters.map((name) => [name, read(`docs/spec/${name}`)]));
const all = [...spec.values()].join("\n");
const clauses = new Set([...all.matchAll(/^## §(\d+\.\d+) /gm)].map((match) => match[1]));
const numbers = new Set([...clauses].map((clause) => clause?.split(".")[0]));

/** Folders with sources of ours that may cite the specification. */
const sources = ["applet", "apps", "bench", "contracts", "docs", "e2e", "infra", "packages", "vectors"];
const skipped = new Set(["node_modules", "dist", "target", "out", "cache", ".turbo"]);

/** A source by its name, wherever it stands: its folder is no part of the specification. */
function readSource(folder: string, name: string): string {
  const [path, ...others] = [...filesUnder(folder)].filter((file) => file.endsWith(`/${name}`));
  if (path === undefined || others.length > 0) throw new Error(`${folder} should hold one ${name}`);
  return read(path);
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(new URL(`${folder}/`, root), { withFileTypes: true })) {
    if (skipped.has(entry.name) || entry.isSymbolicLink()) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (/\.(ts|tsx|mjs|java|sol|md|json)$/.test(entry.name)) yield path;
  }
}

describe("the specification", () => {
  it("numbers its clauses without a gap or a repetition", () => {
    for (const [name, text] of spec) {
      const chapter = Number(name.split("-")[0]);
      const found = [...text.matchAll(/^## §(\d+)\.(\d+) /gm)].map(
        (match) => [Number(match[1]), Number(match[2])] as const,
      );
      found.forEach(([major, minor], index) => {
        expect(`${name} §${major}.${minor}`).toBe(`${name} §${chapter}.${index + (found[0]?.[1] ?? 1)}`);
      });
    }
  });

  it("has every clause that a source, a page or the specification itself cites", () => {
    const missing: string[] = [];
    const pages = readdirSync(root).filter((name) => name.endsWith(".md"));
    for (const path of [...pages, ...sources.flatMap((folder) => [...filesUnder(folder)])]) {
      const text = read(path);
      const cited = path.startsWith("docs/spec/") ? /§(\d+(?:\.\d+)?)/g : /spec,? §(\d+(?:\.\d+)?)/g;
      for (const [, clause = ""] of text.matchAll(cited)) {
        const known = clause.includes(".") ? clauses.has(clause) : numbers.has(clause);
        const foreign = path.startsWith("docs/spec/") && isForeign(text, clause);
        if (!known && !foreign) missing.push(`${path}: §${clause}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it("lists exactly the codes of decoders", () => {
    const table = /## §3\.9 [\s\S]*$/.exec(spec.get("3-objects.md") ?? "")?.[0] ?? "";
    const listed = [...table.matchAll(/^\| ([A-Z_]+) \|/gm)].map((match) => match[1]);
    expect(listed.sort()).toEqual([...protocolErrorCodes].sort());
  });

  it("names every reason code, and the card's refusals by their status words", () => {
    const terminal = spec.get("5-terminal.md") ?? "";
    const rest = new Set(["CARD_WRONG_PIN", ...refusalByStatusWord.values()]);
    for (const code of reasonCodes) expect(terminal.includes(code) || rest.has(code)).toBe(true);
    for (const [sw, code] of refusalByStatusWord)
      expect(terminal).toContain(`${sw.toString(16).toUpperCase()} | ${code} |`);
    for (const sw of refusalByStatusWord.keys())
      expect(spec.get("4-card.md")).toContain(`| ${sw.toString(16).toUpperCase()} |`);
  });

  it("asks in the order of the code: the reasons of §5.4 stand in it as they do in the list", () => {
    const section = /## §5\.4 [\s\S]*?(?=## §5\.5)/.exec(spec.get("5-terminal.md") ?? "")?.[0] ?? "";
    const before = section.slice(0, section.indexOf("After PAY"));
    const named = [...before.matchAll(/[A-Z]+(?:_[A-Z]+)+/g)]
      .map(([code]) => code)
      .filter((code) => reasonCodes.some((known) => known === code));
    const positions = named.map((code) => reasonCodes.findIndex((known) => known === code));
    expect(named.length).toBeGreaterThan(20);
    expect(positions).toEqual([...positions].sort((left, right) => left - right));
  });
});

describe("the command table (spec §4.2)", () => {
  const card = spec.get("4-card.md") ?? "";
  const table = /## §4\.2 [\s\S]*?\*\*Which is allowed when/.exec(card)?.[0] ?? "";
  /** Instruction bytes by name; GET and put of the beacon share one, and both forms of SELECT and PAY. */
  const specified = new Map(
    [...table.matchAll(/^\| ([A-Z][A-Za-z ]+?)(?: get| put| short)? \| (?:00|80|84|80\/84) ([0-9A-F]{2}) /gm)].map(
      (row) => [String(row[1]), Number.parseInt(String(row[2]), 16)] as const,
    ),
  );
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, "");

  it("has a row in the table of states for each command", () => {
    const states = /\*\*Which is allowed when[\s\S]*?(?=## §4\.3)/.exec(card)?.[0] ?? "";
    const rows = [...states.matchAll(/^\| ([A-Z][A-Z, ]+) \|/gm)].flatMap((row) => String(row[1]).split(", "));
    const channel = new Set(["INITIALIZE UPDATE", "EXTERNAL AUTHENTICATE"]);
    for (const name of specified.keys()) {
      if (!channel.has(name)) expect(rows.some((row) => plain(name).startsWith(plain(row)))).toBe(true);
    }
    expect(specified.size).toBe(18);
  });

  it("gives the applet and its driver the same instruction bytes", () => {
    const java = readSource("applet", "Instruction.java");
    const applet = new Map(
      [...java.matchAll(/byte ([A-Z_]+) = (?:\(byte\) )?0x([0-9A-F]{2});/g)].map(
        ([, name, byte]) => [plain(String(name)), Number.parseInt(String(byte), 16)] as const,
      ),
    );
    const driver = new Map(
      [...readSource("packages/card", "instruction.ts").matchAll(/(\w+): 0x([0-9a-f]{2}),/g)].map(
        ([, name, byte]) => [plain(String(name)), Number.parseInt(String(byte), 16)] as const,
      ),
    );
    for (const [name, byte] of specified) {
      expect(applet.get(plain(name))).toBe(byte);
      if (driver.has(plain(name))) expect(driver.get(plain(name))).toBe(byte);
    }
    expect(driver.size).toBe(15);
  });

  it("is in command-table.json as it is in the text", () => {
    expect(read("docs/spec/command-table.json")).toBe(commandTableJson(card));
  });

  it("says what every command answers in every state, outside and inside a secure channel", () => {
    const commands = readCommandTable(card);
    expect(commands).toHaveLength(21);
    for (const command of commands) {
      expect(Object.keys(command.states)).toEqual(["INSTALLED", "PERSONALIZED", "SUSPENDED", "TERMINATED"]);
      for (const { outside, inside } of Object.values(command.states)) {
        expect(outside).toMatch(/^(allowed|replay|9E01|6982)$/);
        expect(inside).toMatch(/^(allowed|replay|9E01)$/);
      }
    }
    const answers = (name: string) => commands.find((command) => command.name === name)?.states;
    expect(answers("PAY")?.SUSPENDED).toEqual({ outside: "replay", inside: "replay" });
    expect(answers("OPEN")?.INSTALLED).toEqual({ outside: "6982", inside: "allowed" });
    expect(answers("OPEN")?.PERSONALIZED).toEqual({ outside: "6982", inside: "9E01" });
    expect(answers("UNBLOCK")?.TERMINATED).toEqual({ outside: "9E01", inside: "9E01" });
  });

  it("names every status word that the applet answers", () => {
    const java = readSource("applet", "Status.java");
    const listed = /## §4\.6 [\s\S]*?(?=## §4\.7)/.exec(card)?.[0] ?? "";
    const statusWords = [...java.matchAll(/= (?:\(short\) )?0x([0-9A-F]{4});/g)].map((match) => String(match[1]));
    expect(statusWords.length).toBeGreaterThan(20);
    for (const sw of statusWords) expect(listed).toContain(sw);
  });
});

describe("states and codes of the apps", () => {
  /** The first cell of each row in a clause. */
  const rowsOf = (file: string, clause: string) => {
    const escaped = clause.replace(".", "\\.");
    const section = new RegExp(`## §${escaped} [\\s\\S]*?(?=\\n## §|$)`).exec(spec.get(file) ?? "")?.[0] ?? "";
    return [...section.matchAll(/^\| ([a-z]+) \|/gm)].map((row) => String(row[1])).filter((cell) => cell !== "state");
  };
  /** The quoted texts between two marks of a source. */
  const textsOf = ([folder, name]: readonly [string, string], from: string, to: string) => {
    const source = readSource(folder, name);
    const start = source.indexOf(from);
    const part = source.slice(start, source.indexOf(to, start));
    return [...part.matchAll(/["']([a-z]+)["']/g)].map((match) => String(match[1]));
  };

  it.each([
    ["a tap", "5-terminal.md", "5.2", textsOf(["apps/merchant-gateway", "tap-record.ts"], "tapStates = [", "]")],
    [
      "a voucher in settlement",
      "6-settlement.md",
      "6.1",
      textsOf(["apps/settlement", "voucher-states.ts"], "VOUCHER_STATES = [", "]"),
    ],
    [
      "a chain action",
      "6-settlement.md",
      "6.5",
      textsOf(["packages/evm", "action-states.ts"], "ACTION_STATES = [", "]"),
    ],
  ])("every state of %s is specified", (_what, file, clause, states) => {
    expect(states.length).toBeGreaterThan(4);
    expect(states.filter((state) => !rowsOf(file, clause).includes(state))).toEqual([]);
  });

  it("specifies every way in which an upload's entry is refused or disputed", () => {
    const refusals = readSource("apps/settlement", "upload-verdict.ts").matchAll(/^ {2}([A-Z_]+): "The /gm);
    const codes = [...[...refusals].map((match) => String(match[1])), ...Object.keys(excessCodes)];
    expect(codes.length).toBeGreaterThan(15);
    for (const code of [...codes, "COUNTER_TAKEN"]) expect(spec.get("6-settlement.md")).toContain(code);
  });
});

describe("the reference pages", () => {
  it("are what the source says", () => {
    expect(read("docs/reference/reason-codes.md")).toBe(reasonCodesPage());
    expect(read("docs/reference/protocol-errors.md")).toBe(protocolErrorsPage());
  });
});

/** Clauses of other standards, cited by name right before them. */
function isForeign(text: string, clause: string): boolean {
  const escaped = clause.replace(".", "\\.");
  return new RegExp(`(RFC \\d+|SEC \\d|ISO [0-9-]+|Amendment [A-Z][^§]{0,20}) §${escaped}`).test(text);
}
