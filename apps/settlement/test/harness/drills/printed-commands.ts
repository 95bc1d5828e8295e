import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import { rules } from "../promql/rules.ts";

/** What a page prints to be run: one block under "Look", then what stands as code under "Do". */
export interface PrintedCommands {
  readonly look: string;
  /** In the page's order: blocks, and calls of the program within a sentence. */
  readonly act: readonly string[];
}

/** A page's printed commands, as a person copies them. */
export function printedCommands(alert: string): PrintedCommands {
  const page = pageOf(alert);
  const [, look = ""] = /## Look\n[\s\S]*?```\n([\s\S]*?)\n```/.exec(page) ?? [];
  const [, act = ""] = /## Do\n([\s\S]*)/.exec(page) ?? [];
  return { look, act: commandsIn(act) };
}

/** The commands that a document of the operator prints under a heading. */
export function commandsUnder(document: string, heading: string): readonly string[] {
  const text = readFileSync(join(projectRoot(), document), "utf8");
  return commandsIn(text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "");
}

function pageOf(alert: string): string {
  const { runbook } = rules.find((rule) => rule.alert === alert)?.annotations ?? { runbook: "" };
  return readFileSync(join(projectRoot(), runbook), "utf8");
}

/** A call within a sentence may stand on two lines of it. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/```\n([\s\S]*?)\n```|`(tallystick-settlement [^`]+)`/g)].map(
    ([, block, call = ""]) => block ?? call.replaceAll(/\s+/g, " "),
  );
}
