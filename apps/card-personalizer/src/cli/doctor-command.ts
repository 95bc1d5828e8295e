import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { formatAmount, parseAmount } from "@tallystick/money";
import { type Check, checkLine, type ExitCode, runChecks } from "@tallystick/program";
import { cardStateName, toHex } from "@tallystick/protocol";
import { type Config, keyUseOf, loadConfig } from "../config/load-config.ts";
import { asFailure, Failure } from "../failures.ts";
import { openMasterKeys, readTerminalSigner } from "../keys/key-files.ts";
import { openStock } from "../keys/stock.ts";
import { CHECK_LIMIT_MS } from "../limits.ts";
import { chooseReader, openReaders } from "../reader/reader-config.ts";
import { openPackage } from "../card/load-file.ts";
import { visitInside } from "../card/visit-inside.ts";
import { visitOpenly } from "../card/visit-openly.ts";
import { checkSettlement } from "../settlement/check-settlement.ts";
import { createSettlementClient } from "../settlement/settlement-client.ts";
import { Journal } from "../journal/journal.ts";
import { registryLook } from "./doctor/registry-look.ts";
import { chipLook } from "./doctor/chip-look.ts";
import { clockLook, diskLook, holderText, nodeLook, permissionsLook, serviceLook } from "./doctor/station-looks.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "./program-io.ts";

export interface DoctorFlags {
  readonly config: string;
  readonly reader?: string;
  /** Open the card on the reader, to see what is installed on it. */
  readonly registry: boolean;
  readonly json: boolean;
}

/**
 * `doctor`: everything that stands between this station and a card, each with its remedy; changes
 * nothing, neither here nor on a card. With `registry` the card is opened by its keys as well, each of
 * which is tried once and remembered where it is refused. Answers the exit code: that of the first fault.
 */
export async function runDoctor(
  { config: file, reader, registry, json }: DoctorFlags,
  io: ProgramIo,
): Promise<ExitCode> {
  try {
    const config = loadConfig(file, reader === undefined ? {} : { reader });
    const report = (result: Parameters<typeof checkLine>[1]): void => io.writeLine(checkLine("issuer", result, json));
    return await runChecks(stationChecks(config, registry, io).map(named), { limitMs: CHECK_LIMIT_MS, report });
  } catch (error) {
    return reportFailure(error, json, io);
  }
}

/** A check whose faults have the codes of this program. */
function named({ run, ...check }: Check): Check {
  const runNamed = async (): Promise<string> => {
    try {
      return await run();
    } catch (error) {
      throw asFailure(error);
    }
  };
  return { ...check, run: runNamed };
}

/** What the configuration names, in the order in which a card needs it. */
function stationChecks(config: Config, registry: boolean, io: ProgramIo): readonly Check[] {
  return [
    { name: "card keys", run: () => keysOf(config) },
    ...(config.stock.package === undefined ? [] : [{ name: "package", run: () => packageOf(config) }]),
    { name: "terminal key", run: () => terminalKeyOf(config) },
    { name: "journal", run: () => writable(config.journal) },
    ...(config.pinFolder === undefined ? [] : [folderCheck("PIN folder", config.pinFolder)]),
    { name: "permissions", run: () => permissionsLook(config) },
    { name: "disk", run: () => diskLook(config) },
    ...serviceChecks(config),
    {
      name: "reader",
      needs: usesService(config) ? ["service"] : [],
      run: () => withReader(config, async (reader) => readerText(await reader.status())),
    },
    { name: "card", needs: ["reader"], run: () => cardOf(config, io) },
    { name: "chip", needs: ["card"], run: () => chipOf(config, io) },
    ...(registry ? [{ name: "registry", needs: ["card keys", "chip"], run: () => registryOf(config, io) }] : []),
    ...settlementChecks(config, io),
  ];
}

/** Whether cards are reached through the reader service, and not by a card host's own socket. */
function usesService({ vpcd }: Config): boolean {
  return vpcd === undefined || vpcd === null;
}

function serviceChecks(config: Config): readonly Check[] {
  if (!usesService(config)) return [];
  const run = async (): Promise<string> => {
    const readers = openReaders(config);
    try {
      return await serviceLook(readers);
    } finally {
      await readers.close();
    }
  };
  return [{ name: "service", run }];
}

function folderCheck(name: string, path: string): Check {
  return { name, run: () => writable(path) };
}

/** The master key by its check value, which two stations can compare, and what opens cards of the stock. */
function keysOf(config: Config): string {
  const use = keyUseOf(config);
  const { name, former } = openMasterKeys(config, use);
  const value = former.length === 0 ? name : `${name} (and before ${former.map((keys) => keys.name).join(", ")})`;
  const { profile } = openStock(config.stock, use);
  const came = profile.keys === "default" ? "default keys" : `transport keys by ${profile.keys.kdf}`;
  return `check value ${value}; cards come with ${came} of version ${profile.keyVersion} and get version ${profile.ownKeyVersion}`;
}

/** The CAP file that cards are given, compared with the hash that the configuration names. */
function packageOf({ stock }: Config): string {
  const loadFile = openPackage(stock);
  return `load file data block of ${loadFile?.dataBlock.length ?? 0} bytes, SHA-256 0x${loadFile?.sha256 ?? ""}`;
}

function terminalKeyOf(config: Config): string {
  const { terminalKeyFile } = config.testPayee;
  if (config.mode === "development" && !existsSync(terminalKeyFile)) return "is drawn at the first run";
  return toHex(readTerminalSigner(terminalKeyFile, keyUseOf(config)).publicKey);
}

/** A file or folder that is there or will be made; throws where it could not be written. */
function writable(path: string): string {
  if (!existsSync(path)) {
    let folder = dirname(path);
    while (!existsSync(folder)) folder = dirname(folder);
    accessSync(folder, constants.W_OK);
    return `${path} is made at the first run`;
  }
  accessSync(path, constants.R_OK | constants.W_OK);
  return path;
}

async function withReader<T>(
  config: Config,
  work: (reader: Awaited<ReturnType<typeof chooseReader>>) => Promise<T>,
): Promise<T> {
  const readers = openReaders(config);
  try {
    return await work(await chooseReader(readers, config.reader));
  } finally {
    await readers.close();
  }
}

function readerText({ name, card, inUse }: { name: string; card: string; inUse: boolean }): string {
  return `"${name}", card ${card}${inUse ? `, ${holderText()}` : ""}`;
}

/** What lies on the reader, as far as it says without a key. */
async function cardOf(config: Config, io: ProgramIo): Promise<string> {
  const { card } = await withReader(config, async (reader) => await reader.status());
  if (card === "absent") return "none is on the reader";
  return await visitOpenly(config, io.signal, async (visit) => {
    const selected = await visit.selectApplet();
    return selected === null ? "has no applet yet" : `has the applet, ${cardStateName(selected.answer.state)}`;
  });
}

/** The chip against the stock's profile, without a key. */
async function chipOf(config: Config, io: ProgramIo): Promise<string> {
  const { card } = await withReader(config, async (reader) => await reader.status());
  if (card === "absent") return "none is on the reader";
  return await visitOpenly(config, io.signal, (visit) => chipLook(visit.channel, config.stock));
}

/** What is installed on the card, by the keys that it has. */
async function registryOf(config: Config, io: ProgramIo): Promise<string> {
  const { card } = await withReader(config, async (reader) => await reader.status());
  if (card === "absent") return "none is on the reader";
  const packageBytes = openPackage(config.stock)?.dataBlock.length ?? null;
  const { instance, mode } = config;
  const journal = new Journal(config.journal);
  try {
    const inside = { config, journal, environment: createEnvironment(io.signal), signal: io.signal };
    const allowDefaultKeys = mode === "development";
    return await visitInside({ ...inside, allowDefaultKeys, checkCard: () => undefined }, (visit) =>
      visit.insideSecurityDomain(({ session }) => registryLook(session, { instance, packageBytes })),
    );
  } finally {
    journal.close();
  }
}

function settlementChecks(config: Config, io: ProgramIo): readonly Check[] {
  const { settlement, token, asset } = config;
  const client = createSettlementClient({ url: settlement.url, token, signal: io.signal });
  return [
    {
      name: "settlement",
      run: async () => {
        await checkSettlement(client, config);
        return "serves this vault, and knows the key that cards are given";
      },
    },
    { name: "clock", needs: ["settlement"], run: () => clockLook(client, createEnvironment(io.signal).now()) },
    { name: "token", needs: ["settlement"], run: async () => `is ${(await client.issuer()).name}'s, an issuer` },
    { name: "node", needs: ["token"], run: () => nodeLook(client) },
    {
      name: "treasury",
      needs: ["token"],
      run: async () => {
        const { wallets } = (await client.money()).chain;
        const wanted = config.fund ?? 0n;
        if (parseAmount(wallets, asset) >= wanted) return `${wallets} ${asset.code}`;
        throw new Failure(
          "SETTLEMENT_REFUSED",
          `The treasury has ${wallets}; one card takes ${formatAmount(wanted, asset)}.`,
        );
      },
    },
  ];
}
