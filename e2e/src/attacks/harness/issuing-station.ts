import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@tallystick/protocol";
import { projectRoot, startOwnedProcess, type WorkFolder } from "@tallystick/stack";
import { domain, draw, issuer } from "./issuer.ts";
import type { TillReader } from "./terminal.ts";

/** How one run of the personalizer's program ended. */
export interface LineRun {
  readonly exitCode: number;
  /** Stable codes of the failures it named. */
  readonly failures: readonly string[];
  /** Steps that were done in this run, in their order. */
  readonly done: readonly string[];
}

/** The issuer's personalization line: the program with its journal, run again and again for one reference. */
export type PersonalizationLine = (name: string) => Promise<LineRun>;

/** Sets a line up at a reader. */
export function setUpLine(options: {
  readonly folder: WorkFolder;
  readonly reader: TillReader;
  readonly settlementUrl: string;
}): PersonalizationLine {
  const { folder, reader, settlementUrl } = options;
  const path = (name: string): string => join(folder.path, name);
  const masterKey = { schema: "tallystick.dev-master-key/1", development: true, masterKey: toHex(draw(16)) };
  writeFileSync(path("master-key.json"), JSON.stringify(masterKey), { mode: 0o600 });
  const config = {
    mode: "development",
    journal: "personalizer.sqlite",
    reader: reader.name,
    ...("vpcd" in reader ? { vpcd: reader.vpcd } : { pcscSocket: reader.pcscSocket }),
    masterKeyFile: "master-key.json",
    settlement: { url: settlementUrl, token: "a-token-of-no-use-here" },
    domain: {
      chainId: Number(domain.chainId),
      vault: toHex(domain.vault),
      asset: { code: "USDC", decimals: 6, scale: 1 },
    },
    issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
    owner: toHex(draw(20)),
    fund: "20.00",
    testPayee: { payee: toHex(draw(20)), terminalId: toHex(draw(8)), terminalKeyFile: "test-terminal-key.json" },
  };
  writeFileSync(path("personalizer.json"), JSON.stringify(config), { mode: 0o600 });
  return async (name) => {
    const program = join(projectRoot(), "apps", "card-personalizer", "dist", "main.js");
    const run = await startOwnedProcess({
      command: process.execPath,
      args: [program, "personalize", "--config", path("personalizer.json"), "--reference", "card-1", "--json"],
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8" },
      stdoutFile: path(`${name}.out`),
      stderrFile: path(`${name}.log`),
    });
    const { code } = await run.finished();
    const lines = run
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    const events = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    return {
      exitCode: code ?? -1,
      failures: events.filter(({ event }) => event === "failed").map((event) => String(event["code"])),
      done: events.filter((event) => event["code"] === "DONE").map(({ step }) => String(step)),
    };
  };
}
