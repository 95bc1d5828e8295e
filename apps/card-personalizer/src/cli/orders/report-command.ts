import { readFileSync } from "node:fs";
import {
  ConfigError,
  EXIT,
  type ExitCode,
  faultAt,
  plainNodeFault,
  reportDomain,
  verifyReport,
  type VerifiedReport,
} from "@tallystick/program";
import { fromHex, type IssuerKey } from "@tallystick/protocol";
import { loadConfig } from "../../config/load-config.ts";
import { blamingBytesOn, Failure } from "../../failures.ts";
import { readOrder } from "../../order/read-order.ts";
import { openProgrammeChain } from "../../programme/chain/programme-chain.ts";
import { compareWithChain, type ChainFindings } from "../../report/compare-with-chain.ts";
import { writeNewFile } from "../../keys/new-file.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";
import { makeReport, sendReport } from "./send-report.ts";
import { withStation } from "./with-station.ts";

const SCHEMA = "tallystick.order-report-check/1";
const SENT_SCHEMA = "tallystick.order-report-sent/1";

export interface ReportFlags {
  readonly config?: string;
  readonly out?: string;
  readonly json: boolean;
}

export interface VerifyReportFlags {
  readonly config?: string;
  /** `ID:0x…`, the issuer's public key; with it the report's own domain is taken. */
  readonly issuerKey: readonly string[];
  /** A node of the chain, where each deposit is looked up too. */
  readonly rpcUrl?: string;
  readonly privateNode: boolean;
  readonly json: boolean;
}

/** `report`: what became of an order, signed, in a new file. Answers the exit code. */
export async function runReport(file: string, flags: ReportFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const { config: configFile, out } = flags;
    if (configFile === undefined || out === undefined) throw new Failure("USAGE", "A report takes --config and --out.");
    const config = loadConfig(configFile);
    const rows = readOrder(file);
    return await withStation(config, { visits: "two" }, io, async (station) =>
      blamingBytesOn("SETTLEMENT_ANSWER", async () => {
        const text = await makeReport(file, rows, station);
        writeNewFile(out, text);
        const report = verifyReport(new TextEncoder().encode(text), { issuerKeys: config.issuerKeys, source: out });
        const exit = told(report, { flags, io });
        const next = "Run report again with another --out to send it.";
        const say = (fields: object, sentence: string): void =>
          io.writeLine(flags.json ? JSON.stringify({ schema: SENT_SCHEMA, ...fields }) : sentence);
        await sendReport(async () => text, { settlement: station.settlement, say, next });
        return exit;
      }),
    );
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

/**
 * `report verify`: whether a report is as it was signed, and its sums hold; with a node also whether each deposit stands on
 * the chain as it says. Answers the exit code.
 */
export async function runVerifyReport(file: string, flags: VerifyReportFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const bytes = readReport(file);
    const issuerKeys =
      flags.config === undefined ? keysOf(flags.issuerKey, bytes) : loadConfig(flags.config).issuerKeys;
    const report = verifyReport(bytes, { issuerKeys, source: file });
    const onChain = flags.rpcUrl === undefined ? null : await lookUp(report, { url: flags.rpcUrl, flags, file, io });
    return told(report, { flags, io, onChain });
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

/** The report's deposits on the chain. Throws Failure and ConfigError. */
async function lookUp(
  report: VerifiedReport,
  given: { readonly url: string; readonly flags: VerifyReportFlags; readonly file: string; readonly io: ProgramIo },
): Promise<ChainFindings> {
  const { url, flags, file, io } = given;
  const chainId = BigInt(report.head.domain.chainId);
  const fault = URL.canParse(url)
    ? plainNodeFault(url, { chainIds: [chainId], isPrivate: flags.privateNode, setting: "--private-node" })
    : "must be an address of the web, such as https://node.example";
  if (fault !== null) throw new ConfigError([faultAt("--rpc-url", fault)], "The command line");
  const chain = openProgrammeChain({ url, chainId }, createEnvironment(io.signal));
  try {
    return await compareWithChain(report, { chain, source: file });
  } finally {
    chain.close();
  }
}

function told(
  { head, sum, terminal }: VerifiedReport,
  given: {
    readonly flags: { readonly json: boolean };
    readonly io: ProgramIo;
    readonly onChain?: ChainFindings | null;
  },
): ExitCode {
  const { flags, io, onChain = null } = given;
  const { order, station, madeAt, asset } = head;
  const { cards, ready, deposited } = sum;
  const fields = {
    schema: SCHEMA,
    order,
    station,
    madeAt,
    cards,
    ready,
    deposited,
    ...terminal,
    ...(onChain === null ? {} : { onChain }),
  };
  const by = station === null ? `terminal ${terminal.terminalId}` : `station ${station}`;
  const time = new Date(madeAt * 1_000).toISOString();
  const text = `${order}: ${cards} cards, ${ready} ready, ${deposited} ${asset.code} deposited. Signed by ${by} at ${time}.`;
  const seen =
    onChain === null ? "" : ` Final blocks show ${onChain.deposits} deposits of it, by ${onChain.payers.join(", ")}.`;
  io.writeLine(flags.json ? JSON.stringify(fields) : `${text}${seen}`);
  return EXIT.done;
}

function readReport(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure("USAGE", `${file}: ${(error as Error).message}`);
  }
}

/** Keys of the command line, for the domain that the report names: its signature binds it to that. */
function keysOf(texts: readonly string[], report: Uint8Array): readonly IssuerKey[] {
  if (texts.length === 0)
    throw new Failure("USAGE", "Name --config, or --issuer-key ID:0x… as often as there are keys.");
  const domain = reportDomain(report);
  if (domain === null) throw new Failure("USAGE", "The report's first line names no domain.");
  return texts.map((text) => {
    const parts = /^([0-9]{1,3}):(0x0[23][0-9a-f]{64})$/.exec(text);
    if (parts === null) throw new Failure("USAGE", `--issuer-key is ID:0x… with 33 bytes; ${text} came.`);
    return { domain, id: Number(parts[1]), publicKey: fromHex(parts[2] ?? "") };
  });
}
