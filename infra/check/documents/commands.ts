import { lineAt, type Fault, type Rule } from "../rule.ts";
import type { SourceFile } from "../source-files.ts";

/** pnpm's own commands that documents may show. */
const OF_PNPM = new Set(["install", "exec", "add", "why"]);
/** The app behind each launcher and each root script that starts one. */
const APPS: Readonly<Record<string, string>> = {
  issuer: "apps/card-personalizer",
  gateway: "apps/merchant-gateway",
  settlement: "apps/settlement",
};
const PNPM = /(?:`|^ *|\$ |-y )pnpm(?:@\d+)? ([a-z][a-z:-]*)/gm;
const LAUNCHER = /\b(?:tallystick-|pnpm )(issuer|gateway|settlement)\b([^\n`|]*)/g;
const NODE = /\bnode (?:--\S+ )*([\w./-]+\.(?:mjs|js|ts))/g;

/** Options that every launcher has. */
const OF_ALL = new Set(["--help", "--version", "--json"]);

type Checkout = { readonly scripts: ReadonlySet<string>; readonly files: readonly SourceFile[] };

/** Options and subcommands of one documented call that the app's sources never name. */
function judgeCall({ files }: Checkout, app: string, call: string): string[] {
  const folder = APPS[app] ?? "";
  const sources = files.filter(({ path }) => path.startsWith(`${folder}/src/`) && path.endsWith(".ts"));
  const named = (word: string): boolean => sources.some(({ text }) => text.includes(word));
  const [, subcommand] = /^ ([a-z][a-z-]+)/.exec(call) ?? [];
  const options = [...call.matchAll(/(?<=\s)--([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
  return [
    // By its name in a call, or as a member of a table of commands, which needs no quotes.
    ...(subcommand === undefined || named(`"${subcommand}"`) || named(`\n  ${subcommand}: async () =>`)
      ? []
      : [`shows the command ${app} ${subcommand}, which ${folder} does not have`]),
    ...options
      .filter((name) => !OF_ALL.has(`--${name}`) && !named(`--${name}`) && !named(`"${name}"`))
      .map((name) => `shows ${app} --${name}, which ${folder} does not have`),
  ];
}

/** Commands that a document shows although they do not exist. */
export function judgeCommandsIn({ path, text }: SourceFile, checkout: Checkout): Fault[] {
  const found = (pattern: RegExp, judge: (match: RegExpExecArray) => readonly string[]): Fault[] =>
    [...text.matchAll(pattern)].flatMap((match) =>
      judge(match).map((what) => ({ path, line: lineAt(text, match.index), what })),
    );
  return [
    ...found(PNPM, ([, name = ""]) =>
      checkout.scripts.has(name) || OF_PNPM.has(name) ? [] : [`shows pnpm ${name}, which is no script of package.json`],
    ),
    ...found(LAUNCHER, ([, app = "", call = ""]) => judgeCall(checkout, app, call)),
    ...found(NODE, ([, file = ""]) => {
      if (/^apps\/[^/]+\/dist\/main\.js$/.test(file))
        return [`shows node ${file}; say tallystick-… or pnpm issuer|gateway|settlement`];
      return checkout.files.some((each) => each.path === file) ? [] : [`shows node ${file}, which is not there`];
    }),
  ];
}

/** Commands that documents show exist. */
export const commandsRule: Rule = {
  name: "commands",
  judge: (files) => {
    const manifest = files.find(({ path }) => path === "package.json")?.text ?? "{}";
    const { scripts = {} } = JSON.parse(manifest) as { scripts?: Record<string, string> };
    const checkout = { scripts: new Set(Object.keys(scripts)), files };
    return {
      faults: files.filter(({ path }) => path.endsWith(".md")).flatMap((file) => judgeCommandsIn(file, checkout)),
    };
  },
};
