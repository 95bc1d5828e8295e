import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "@tallystick/demo";
import { toHex } from "@tallystick/protocol";
import { projectRoot, type WorkFolder } from "@tallystick/stack";
import { domain, draw, issuer } from "./issuer.ts";
import type { TerminalReader } from "./terminal.ts";

/** How one run of the personalizer's program ended. */
export interface StationRun {
  readonly exitCode: number;
  /** Stable codes of the failures it named. */
  readonly failures: readonly string[];
  /** Steps that were done in this run, in their order. */
  readonly done: readonly string[];
}

/** An issuing station: the personalizer's program with its journal, run again and again for one reference. */
export type IssuingStation = (name: string) => Promise<StationRun>;

/** Sets a station up at a reader. */
export function setUpStation(options: {
  readonly folder: WorkFolder;
  readonly reader: TerminalReader;
  readonly settlementUrl: string;
}): IssuingStation {
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
    testPayee: { payee: toHex(draw(20)), terminalId: toHex(draw(8)), terminalKeyFile: "issuer-terminal-key.json" },
  };
  writeFileSync(path("personalizer.json"), JSON.stringify(config), { mode: 0o600 });
  return async (name) => {
    const program = join(projectRoot(), "apps", "card-personalizer", "dist", "main.js");
    const { code, lines } = await runCommand({
      program,
      args: ["personalize", "--config", path("personalizer.json"), "--reference", "card-1", "--json"],
      folder: folder.path,
      name,
    });
    return {
      exitCode: code,
      failures: lines.filter(({ event }) => event === "failed").map((event) => String(event["code"])),
      done: lines.filter((event) => event["code"] === "DONE").map(({ step }) => String(step)),
    };
  };
}
