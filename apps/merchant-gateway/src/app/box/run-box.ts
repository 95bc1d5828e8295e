import { randomBytes } from "node:crypto";
import { encodeQR } from "qr";
import { listenUrl } from "@tallystick/program";
import type { GatewayConfig } from "../../config/gateway-config.ts";
import type { BoxAnswer, BoxCommand } from "../../doors/box/box-command.ts";
import { BoxCommands } from "../../doors/box/box-commands.ts";
import { Pairing } from "../../doors/pairing.ts";
import { openBoxTls } from "../../doors/tls/box-tls.ts";
import { JournalError } from "../../journal/events/journal-error.ts";
import type { Journal } from "../../journal/journal.ts";
import { openJournal } from "../../journal/open-journal.ts";
import { readTerminalKey } from "../../keys/terminal-key.ts";
import { askBox } from "./box-socket.ts";

/** A code for a device, and what the device needs to know. */
export interface PairingLine {
  readonly schema: "tallystick.pairing/1";
  readonly code: string;
  /** Seconds. */
  readonly expiresAt: number;
  /** Opens the page of the box with the code in it. */
  readonly url: string;
  /** Where the box's authority is explained and taken from; null without TLS. */
  readonly help: string | null;
  readonly authorityFingerprint: string | null;
  readonly keyFingerprint: string | null;
  /** The URL as a QR code in characters. */
  readonly qr: string;
}

/** What a command about people or devices has to say. */
export interface BoxLine {
  readonly schema: "tallystick.box/1";
  readonly answer: Exclude<BoxAnswer, { readonly did: "code" }>;
}

/** The box's certificate. */
export interface TlsLine {
  readonly schema: "tallystick.tls/1";
  readonly folder: string;
  readonly names: readonly string[];
  readonly authorityFingerprint: string;
  readonly keyFingerprint: string;
  /** Seconds. */
  readonly notAfter: number;
}

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

/** Runs a command on the journal, or has the gateway that runs on it do so. */
export async function runBox(config: GatewayConfig, command: BoxCommand): Promise<BoxAnswer> {
  const { publicKey: terminalKey } = readTerminalKey(config.terminalKeyFile);
  let journal: Journal;
  try {
    journal = openJournal(config, { terminalKey, now: nowSeconds(), acceptRestored: false });
  } catch (error) {
    if (error instanceof JournalError && error.code === "JOURNAL_IN_USE")
      return await askBox(config.journalPath, command);
    throw error;
  }
  try {
    return await commandsOf(journal).run(command);
  } finally {
    journal.close();
  }
}

/** Makes the box's keys and certificates where they are missing, and tells what they are known by. */
export async function runTlsInit(config: GatewayConfig): Promise<TlsLine | null> {
  if (config.tls === null) return null;
  const { names, authorityFingerprint, keyFingerprint, notAfter } = await openBoxTls(config.tls, nowSeconds());
  return {
    schema: "tallystick.tls/1",
    folder: config.tls.folder,
    names,
    authorityFingerprint,
    keyFingerprint,
    notAfter,
  };
}

/** A code as a person needs it at the box. */
export async function pairingLine(
  config: GatewayConfig,
  offered: { readonly code: string; readonly expiresAt: number },
): Promise<PairingLine> {
  const tls = config.tls === null ? null : await openBoxTls(config.tls, nowSeconds());
  const host = config.tls?.names[0] ?? config.listen.hosts[0] ?? config.listen.host;
  const plain = listenUrl({ host, port: config.listen.port });
  const root = tls === null ? plain : plain.replace(/^http:/, "https:");
  const url = `${root.replace(/\/$/, "")}/#pair=${offered.code}`;
  const helpPort = config.tls?.helpPort ?? null;
  return {
    schema: "tallystick.pairing/1",
    ...{ code: offered.code, expiresAt: offered.expiresAt, url },
    help: helpPort === null ? null : listenUrl({ host, port: helpPort }),
    authorityFingerprint: tls?.authorityFingerprint ?? null,
    keyFingerprint: tls?.keyFingerprint ?? null,
    qr: encodeQR(url, "ascii"),
  };
}

function commandsOf(journal: Journal): BoxCommands {
  const clock = { now: nowSeconds };
  const pairing = new Pairing({
    ...{ journal, clock, elapsed: () => performance.now(), warn: () => undefined },
    randomBytes: (length) => Uint8Array.from(randomBytes(length)),
  });
  return new BoxCommands({ journal, clock, pairing });
}
