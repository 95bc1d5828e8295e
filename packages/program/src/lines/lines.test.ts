import { describe, expect, it } from "@jest/globals";
import { ConfigError, faultAt } from "../configuration/config-error.ts";
import { EXIT, type ExitKind, exitCodesHelp } from "./exits.ts";
import { exitOf, failureOf, type FailureRule, failureRule } from "./failure.ts";
import { createProgramLines, faultLine, listenUrl } from "./program-lines.ts";
import { assertKnownCommand, ProgramError } from "./program-error.ts";

type StoreErrorCode = "IN_USE" | "DAMAGED";
class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const rules: readonly FailureRule[] = [
  failureRule(StoreError, {
    IN_USE: { exit: "store", next: "Stop the other one." },
    DAMAGED: { exit: "store", next: "Bring a copy." },
  }),
];

function linesOf(json: boolean) {
  const out: string[] = [];
  const err: string[] = [];
  const lines = createProgramLines({
    ...{ app: "settlement", json, rules },
    writeLine: (line) => out.push(line),
    writeError: (line) => err.push(line),
  });
  return { lines, out, err };
}

describe("the ready line", () => {
  it("is a sentence for people", () => {
    const { lines, out, err } = linesOf(false);
    lines.ready({ url: "http://localhost:8400", pid: 123 });
    lines.ready({ pid: 124 });
    expect(out).toEqual([
      "settlement listens on http://localhost:8400 (process 123).",
      "settlement is ready (process 124).",
    ]);
    expect(err).toEqual([]);
  });

  it("is JSON for programs", () => {
    const { lines, out } = linesOf(true);
    lines.ready({ url: "http://localhost:8400", pid: 123 });
    lines.ready({ pid: 124 });
    expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
      { schema: "tallystick.ready/1", app: "settlement", url: "http://localhost:8400", pid: 123 },
      { schema: "tallystick.ready/1", app: "settlement", pid: 124 },
    ]);
    expect(out[0]).toBe('{"schema":"tallystick.ready/1","app":"settlement","url":"http://localhost:8400","pid":123}');
  });

  it("names where it listens", () => {
    expect(listenUrl({ host: "127.0.0.1", port: 8_400 })).toBe("http://127.0.0.1:8400");
    expect(listenUrl({ host: "::1", port: 8_400 })).toBe("http://[::1]:8400");
  });
});

describe("the failed line", () => {
  const faults = [
    { path: "domains.0.vault", line: 4, column: 16, message: "is missing" },
    faultAt("--fund", "must be above zero"),
  ];

  it("is what happened and what to do, for people, on standard error", () => {
    const { lines, out, err } = linesOf(false);
    expect(lines.failed(new StoreError("IN_USE", "Another program works with it."))).toBe(4);
    expect(err).toEqual(["IN_USE: Another program works with it.\nWhat to do: Stop the other one."]);
    expect(lines.failed(new ConfigError(faults, "settlement.json"))).toBe(2);
    expect(err[1]?.split("\n").slice(0, 3)).toEqual([
      "CONFIG: settlement.json has 2 faults.",
      "- domains.0.vault (line 4, column 16): is missing",
      "- --fund: must be above zero",
    ]);
    expect(out).toEqual([]);
  });

  it("is one JSON line for programs, with every fault", () => {
    const { lines, err } = linesOf(true);
    expect(lines.failed(new ConfigError(faults))).toBe(EXIT.usage);
    expect(lines.failed(new StoreError("DAMAGED", "It ends in the middle."))).toBe(EXIT.store);
    const [config, store] = err.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(config).toEqual({
      ...{ schema: "tallystick.failed/1", app: "settlement", code: "CONFIG", faults },
      ...{ message: expect.any(String), next: expect.any(String) },
    });
    expect(store).toEqual({
      ...{ schema: "tallystick.failed/1", app: "settlement", code: "DAMAGED" },
      ...{ message: "It ends in the middle.", next: "Bring a copy." },
    });
    expect(err.every((line) => !line.includes("\n"))).toBe(true);
  });

  it("writes a fault with as much of its place as there is", () => {
    const fault = { path: "", line: 3, column: null, message: "is odd" };
    expect([faultLine(fault), faultLine(faultAt("", "is odd")), faultLine({ ...fault, path: "a" })]).toEqual([
      ...["line 3: is odd", "is odd", "a (line 3): is odd"],
    ]);
  });
});

describe("the failure of any error", () => {
  it.each<[string, unknown, string, ExitKind]>([
    ["its own", new ProgramError("CARD_MUTE", "m", { exit: "card", next: "n" }), "CARD_MUTE", "card"],
    ["a configuration", new ConfigError([faultAt("a", "b")]), "CONFIG", "usage"],
    ["one of a rule", new StoreError("DAMAGED", "m"), "DAMAGED", "store"],
    ["a code that is newer than its rule", new StoreError("NEWER" as "DAMAGED", "m"), "NEWER", "failed"],
    ["commander's", Object.assign(new Error("error: unknown option"), { code: "commander.unknownOption" }), ...usage()],
    ["node's parser's", Object.assign(new Error("m"), { code: "ERR_PARSE_ARGS_UNKNOWN_OPTION" }), ...usage()],
    ["a port in use", Object.assign(new Error("m"), { code: "EADDRINUSE" }), "EADDRINUSE", "failed"],
    ["an address of elsewhere", Object.assign(new Error("m"), { code: "EADDRNOTAVAIL" }), "EADDRNOTAVAIL", "usage"],
    ["a full disk", Object.assign(new Error("m"), { code: "ENOSPC" }), "ENOSPC", "store"],
    ["a code nobody knows", Object.assign(new Error("m"), { code: "ODD" }), "ODD", "failed"],
    ["a number as a code", Object.assign(new Error("m"), { code: 7 }), "FAULT", "failed"],
    ["anything else", new TypeError("x is not a function"), "FAULT", "failed"],
    ["no error at all", "text", "FAULT", "failed"],
    ["nothing", undefined, "FAULT", "failed"],
  ])("is there for %s", (_, error, code, exit) => {
    const failure = failureOf(error, rules);
    expect([failure.code, failure.exit, exitOf(error, rules)]).toEqual([code, exit, exit]);
    expect(failure.next.length).toBeGreaterThan(0);
    expect("faults" in failure).toBe(error instanceof ConfigError);
  });

  it("has an exit code of its own for each kind, and --help names all of them", () => {
    expect(EXIT).toEqual({
      ...{ done: 0, failed: 1, usage: 2, keys: 3, store: 4, reader: 5, card: 6, network: 7, interrupted: 8 },
    });
    for (const code of Object.values(EXIT)) expect(exitCodesHelp).toContain(`${code} `);
  });
});

function usage(): [string, ExitKind] {
  return ["USAGE", "usage"];
}

describe("the command that a line names", () => {
  const known = ["serve", "verify"];

  it.each([[[]], [["--config", "f"]], [["verify", "anything"]], [["serve"]]])("is known, or none: %j", (line) => {
    expect(() => assertKnownCommand(line, known)).not.toThrow();
  });

  it("is refused with those that there are", () => {
    for (const word of ["doctor", "", "Serve"]) {
      let thrown: unknown;
      try {
        assertKnownCommand([word, "--config", "f"], known);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "USAGE", exit: "usage" });
      for (const name of known) expect((thrown as ProgramError).next).toContain(name);
    }
  });
});
