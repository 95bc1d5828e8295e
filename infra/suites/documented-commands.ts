/** A command that a document shows. */
export interface DocumentedCommand {
  readonly path: string;
  readonly line: number;
  /** As it is printed, without prompt and comment. */
  readonly text: string;
}

/** How a command can be tried on any machine without doing what it is for. */
export type Trial =
  /** Started as printed, in an empty folder: what it names is not there. */
  | { readonly kind: "program"; readonly script: string; readonly args: readonly string[] }
  /** The house's own command, with an option that it does not have. */
  | { readonly kind: "command"; readonly name: string }
  /** A script of the checkout, which writes nothing as it is called here. */
  | { readonly kind: "script"; readonly script: string; readonly args: readonly string[] }
  /** A package's script, which pnpm runs on the lockfile's Node. */
  | { readonly kind: "package script" }
  /** A tool that the machine has or has not. */
  | { readonly kind: "tool" };

const LAUNCHERS: Readonly<Record<string, string>> = {
  issuer: "apps/card-personalizer/bin/tallystick-issuer.mjs",
  gateway: "apps/merchant-gateway/bin/tallystick-gateway.mjs",
  settlement: "apps/settlement/bin/tallystick-settlement.mjs",
};

const HOUSE = new Set([
  "demo",
  "programme",
  "test",
  "check",
  "bench",
  "soak",
  "cardhost",
  "interop",
  "mutation",
  "bootstrap",
]);

const STARTS = /^(?:npx -y pnpm@12 |pnpm |node |tallystick-|curl |mvn |java )/;

/** Every command in fenced blocks and code spans of a document. */
export function documentedCommands(path: string, text: string): readonly DocumentedCommand[] {
  let isFenced = false;
  return text.split("\n").flatMap((line, index) => {
    if (line.trim().startsWith("```")) {
      isFenced = !isFenced;
      return [];
    }
    const shown = isFenced
      ? [
          line
            .trim()
            .replace(/^\$ /, "")
            .replace(/\s+(?:# .*|\(.*\))$/, ""),
        ]
      : [...line.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
    return shown.filter((each) => STARTS.test(each)).map((each) => ({ path, line: index + 1, text: each }));
  });
}

/** How a command is tried; null where nobody has said it for this kind. */
export function trialOf({ text }: DocumentedCommand): Trial | null {
  const words = text
    .replace(/\[[^\]]*\]/g, "")
    .replace(/…/g, "0")
    .split(/\s+/)
    .filter((word) => word !== "");
  const [first = "", ...rest] = words;
  const launcher = LAUNCHERS[first.replace("tallystick-", "")];
  if (launcher !== undefined) return { kind: "program", script: launcher, args: rest };
  if (first === "npx" || first === "pnpm") return trialOfPnpm(first === "npx" ? rest.slice(2) : rest);
  if (first === "node") return trialOfNode(rest);
  return ["curl", "mvn", "java"].includes(first) ? { kind: "tool" } : null;
}

function trialOfPnpm([name = "", ...args]: readonly string[]): Trial | null {
  if (name === "--filter") return { kind: "package script" };
  const launcher = LAUNCHERS[name];
  if (launcher !== undefined) return { kind: "program", script: launcher, args };
  return HOUSE.has(name) ? { kind: "command", name } : null;
}

function trialOfNode([script = "", ...args]: readonly string[]): Trial | null {
  // What would be written is compared instead.
  if (script === "vectors/generate.mjs") return { kind: "script", script, args: ["--check"] };
  // A program of the sources that is not there: the way to it is what is tried.
  if (script === "infra/bootstrap/source.mjs") return { kind: "script", script, args: [`${args[0] ?? ""}.not-there`] };
  return null;
}
