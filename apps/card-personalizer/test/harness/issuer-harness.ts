import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAsset } from "@tallystick/money";
import { parseAddress, toHex } from "@tallystick/protocol";
import { startSettlementDouble, type SettlementDouble } from "./settlement-double.ts";

export const OWNER = `0x${"0a".repeat(20)}`;
export const usdc = createAsset({ code: "USDC", decimals: 6, scale: 1n });

/** One line of the program's standard output. */
export type Line = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly exitCode: number | null;
  /** Standard output. */
  readonly lines: readonly Line[];
  /** How it failed, from standard error. */
  readonly failure: Line | null;
  readonly text: string;
}

export interface RunOptions {
  /** Called with every line as it comes, and the process that wrote it. */
  readonly onLine?: (line: Line, child: ChildProcess) => void;
  /** Step and code of the line after which a signal is sent, such as `domain BEGUN`: SIGKILL to the program, unless said. */
  readonly signalAt?: {
    readonly line: string;
    readonly signal?: "SIGKILL" | "SIGSTOP" | "SIGTERM";
    readonly pid?: number;
  };
  readonly reference?: string;
  readonly flags?: readonly string[];
}

/** What one issuer has: a settlement, a configuration, a folder, and the program as a process of its own. */
export interface IssuerHarness {
  readonly settlement: SettlementDouble;
  readonly folder: string;
  readonly configFile: string;
  configure(changes: Readonly<Record<string, unknown>>): void;
  run(args: readonly string[], options?: Pick<RunOptions, "onLine" | "signalAt">): Promise<Ended>;
  personalize(options?: RunOptions): Promise<Ended>;
  close(): Promise<void>;
}

const signalAtFile = new URL("signal-at.mjs", import.meta.url).href;
const mainFile = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Sets an issuer up whose configuration names the given reader. */
export async function openIssuerHarness(reader: Readonly<Record<string, unknown>>): Promise<IssuerHarness> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-issuer-"));
  const domain = { chainId: 31_337n, vault: parseAddress(`0x${"7a".repeat(20)}`) };
  const settlement = await startSettlementDouble({ domain, asset: usdc, issuerSecret: new Uint8Array(32).fill(5) });
  const configFile = join(folder, "personalizer.json");
  const masterKey = { schema: "tallystick.dev-master-key/1", development: true, masterKey: `0x${"c0".repeat(16)}` };
  writeFileSync(join(folder, "master-key.json"), JSON.stringify(masterKey), { mode: 0o600 });
  const config = {
    ...{
      mode: "development",
      journal: "journal.sqlite",
      masterKeyFile: "master-key.json",
      owner: OWNER,
      fund: "20.00",
    },
    ...reader,
    settlement: { url: settlement.url, token: settlement.token },
    domain: { chainId: 31_337, vault: toHex(domain.vault), asset: { code: "USDC", decimals: 6, scale: 1 } },
    issuerKeys: [{ id: 1, publicKey: toHex(settlement.issuerKey.publicKey) }],
    testPayee: {
      payee: `0x${"0b".repeat(20)}`,
      terminalId: `0x${"0c".repeat(8)}`,
      terminalKeyFile: "terminal-key.json",
    },
  };
  const configure = (changes: Readonly<Record<string, unknown>>): void => {
    writeFileSync(configFile, JSON.stringify({ ...config, ...changes }));
  };
  configure({});
  const run: IssuerHarness["run"] = (args, options = {}) => runProgram(args, options);
  return {
    ...{ settlement, folder, configFile, configure, run },
    personalize: ({ onLine, signalAt, reference = "card-1", flags = [] } = {}) =>
      run(["personalize", "--config", configFile, "--reference", reference, "--json", ...flags], {
        ...(onLine === undefined ? {} : { onLine }),
        ...(signalAt === undefined ? {} : { signalAt }),
      }),
    close: async () => {
      await settlement.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function words({ line, signal = "SIGKILL", pid }: NonNullable<RunOptions["signalAt"]>): string {
  return `${line} ${signal}${pid === undefined ? "" : ` ${pid}`}`;
}

async function runProgram(
  args: readonly string[],
  { onLine, signalAt }: Pick<RunOptions, "onLine" | "signalAt">,
): Promise<Ended> {
  const signalling = signalAt === undefined ? [] : ["--import", signalAtFile];
  const child = spawn(process.execPath, ["--conditions=source", ...signalling, mainFile, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // Without a signal, of the real process, which knows what a token of the tests is: `process` here is a copy of Jest's.
    ...(signalAt === undefined ? {} : { env: { ...process.env, TALLYSTICK_SIGNAL_AT: words(signalAt) } }),
  });
  const lines: Line[] = [];
  let text = "";
  let rest = "";
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    errors += chunk.toString();
  });
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts.filter((each) => each.startsWith("{"))) {
      const line = JSON.parse(part) as Line;
      lines.push(line);
      onLine?.(line, child);
    }
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const failed = errors.split("\n").find((line) => line.startsWith("{"));
  return { exitCode, lines, failure: failed === undefined ? null : (JSON.parse(failed) as Line), text };
}
