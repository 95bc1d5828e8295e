import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { uptime } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Logger } from "@nestjs/common";
import { readWebhookSecret, type Timer } from "@tallystick/program";
import type { Signer } from "@tallystick/protocol";
import type { OpenNode } from "../chain/chain-node.ts";
import { OutcomeFollower } from "../chain/outcomes/outcome-follower.ts";
import { ChainWatch } from "../chain/watch/chain-watch.ts";
import type { OpenVaultChain } from "../chain/calls/vault-chain.ts";
import { type ReadSeconds, TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain, WebhookEndpoint } from "../config/gateway-config.ts";
import { createDoors, type Doors } from "../doors/doors.ts";
import { DiskWatch } from "../journal/disk-watch.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { CARD_ALLOWANCE_WAIT_MS } from "./limits.ts";
import { PayOuts } from "../claim/pay-out.ts";
import { LaneReaders, type LaneReadersParts } from "../reader/lane-readers.ts";
import type { ReaderSource } from "../reader/open-reader.ts";
import { RefundService } from "../refunds/refund-service.ts";
import { Reports } from "../reports/reports.ts";
import { Sales } from "../sales/sales.ts";
import { StatusLists } from "../status/status-lists.ts";
import type { Exchange } from "../sync/exchange.ts";
import type { CertificateRenewal } from "../sync/requests/certificate-renewal.ts";
import type { PayeeCheck } from "../sync/requests/payee-check.ts";
import type { MailboxCarrier } from "../sync/requests/mailbox-carrier.ts";
import type { RequestPort, TerminalRequests } from "../sync/requests/terminal-requests.ts";
import { UploadReceipts } from "../sync/upload-receipts.ts";
import { Policies } from "../config/policies.ts";
import { askingPartsOf, exchangeOf } from "./parts/settlement-parts.ts";
import { createCardEngine } from "../keys/card-engine.ts";
import { TapEngine, type TapEngineSetup } from "../taps/tap-engine.ts";
import { Webhooks, type WebhooksParts } from "../webhooks/webhooks.ts";

/**
 * What runs at one terminal between its HTTP interface and its card reader. GatewayModule hands it
 * out piece by piece.
 */
export interface Gateway {
  readonly config: GatewayConfig;
  readonly journal: Journal;
  readonly clock: TerminalClock;
  readonly lists: StatusLists;
  readonly policies: Policies;
  readonly engine: TapEngine;
  readonly sales: Sales;
  readonly receipts: UploadReceipts;
  readonly exchange: Exchange;
  readonly chainWatch: ChainWatch;
  readonly outcomes: OutcomeFollower;
  readonly refunds: RefundService;
  readonly payOuts: PayOuts;
  readonly reports: Reports;
  readonly webhooks: Webhooks;
  readonly lanes: LaneReaders;
  readonly doors: Doors;
  readonly disk: DiskWatch;
  readonly requests: Pick<TerminalRequests, "notices">;
  readonly mailbox: MailboxCarrier;
  readonly renewals: CertificateRenewal;
  readonly payeeCheck: PayeeCheck;
}

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly signer: Signer;
  /** The way to the readers of the lanes. */
  readonly readers: ReaderSource;
  readonly acceptRestoredJournal?: boolean;
  /** The machine's clock when left out. */
  readonly readSeconds?: ReadSeconds;
  /**
   * The clock that nobody sets and that counts through sleep, in seconds; the machine's uptime when
   * left out.
   */
  readonly readUptimeSeconds?: () => number;
  /** The card service's clock for waits, in milliseconds; the machine's when left out. */
  readonly elapsed?: () => number;
  /** Ends when so many milliseconds have passed for a customer who waits; by the machine's timer when left out. */
  readonly customerWaits?: (ms: number) => Promise<void>;
  /** The way to settlement for signed requests; HTTP when left out. */
  readonly requestPortOf?: (served: ServedDomain) => RequestPort | null;
  /** The way to the chain with the terminal's key; JSON-RPC when left out. */
  readonly openVaultChain?: OpenVaultChain;
  /** The way to the chain for reading; JSON-RPC when left out. */
  readonly openNode?: OpenNode;
  /** For how long an endpoint of a webhook is waited for; the machine's when left out. */
  readonly timer?: Timer;
  /** What looks at the journal's disk; the machine's own when left out. */
  readonly disk?: DiskWatch;
}

/**
 * Puts a terminal together and opens its journal; nothing is asked of reader or network yet. Throws
 * ConfigError or JournalError.
 */
export function createGateway(parts: GatewayParts): Gateway {
  const { config, signer } = parts;
  const readSeconds = parts.readSeconds ?? (() => Math.floor(Date.now() / 1_000));
  const elapsed = parts.elapsed ?? (() => performance.now());
  const policies = Policies.of(config, signer.publicKey);
  const journal = openJournal(config, {
    terminalKey: signer.publicKey,
    now: readSeconds(),
    acceptRestored: parts.acceptRestoredJournal === true,
  });
  const readUptimeSeconds = parts.readUptimeSeconds ?? uptime;
  const clock = clockOf(config, journal, { readSeconds, readUptimeSeconds });
  const node = parts.openNode === undefined ? {} : { open: parts.openNode };
  const chainWatch = new ChainWatch({ journal, config, ...node });
  const lists = new StatusLists(journal, config, policies, clock, (domainBytes) => chainWatch.asOf(domainBytes));
  const asking = askingPartsOf(parts, { journal, clock, policies });
  const { requests, mailbox } = asking;
  const lanes = lanesOf(parts, {
    journal,
    elapsed,
    isBusyAt: (lane) => engine.isBusyAt(lane) || engine.isHoldingAt(lane),
  });
  const made = { journal, clock, lists, chainWatch, policies, elapsed, mailbox, lanes: lanes.all };
  const engine: TapEngine = engineOf(parts, made);
  engine.recover();
  const sales = new Sales({ journal, engine, policies, clock, onFailure: logFailure });
  const receipts = new UploadReceipts({
    ...{ journal, config, clock, readUptimeSeconds },
    keys: policies,
    randomBytes: (length) => Uint8Array.from(randomBytes(length)),
  });
  const exchange = exchangeOf(parts, { journal, clock, lists, policies, receipts, ...asking });
  const outcomes = new OutcomeFollower({ journal, config, clock, ...node });
  const { openVaultChain: openChain } = parts;
  const chain = openChain === undefined ? {} : { openChain };
  const refunds = new RefundService({
    ...{ journal, clock, config },
    delegate: { signer, requests, ...(parts.openNode === undefined ? {} : { openNode: parts.openNode }) },
    reverse: (tapId) => engine.reverse(tapId),
    refundsOf: (voucher) => exchange.refundsOf(voucher),
    afterReturn: () => chainWatch.passAll(),
    ...chain,
  });
  return {
    ...{ config, journal, clock, lists, policies, engine, sales, lanes, receipts, exchange, ...asking },
    ...{ chainWatch, outcomes, refunds },
    reports: new Reports({ journal, config, policies, clock }),
    webhooks: webhooksOf(parts, { journal, policies, clock, engine }),
    payOuts: new PayOuts({ journal, config, clock, inTurn: (work) => refunds.inTurn(work), ...chain }),
    doors: doorsOf(config, { journal, clock, elapsed }),
    disk: parts.disk ?? new DiskWatch(config.journalPath),
  };
}

function webhooksOf(
  { config, timer }: GatewayParts,
  made: Pick<WebhooksParts, "journal" | "policies" | "clock" | "engine">,
): Webhooks {
  const secretOf = ({ secretFile }: WebhookEndpoint): Uint8Array => readWebhookSecret(secretFile);
  const waits = timer === undefined ? {} : { timer };
  return new Webhooks({ ...made, endpoints: config.webhooks, secretOf, newId: randomUUID, ...waits });
}

/** Who comes in, with this machine's randomness; what is suspicious goes to the log. */
function doorsOf(
  config: GatewayConfig,
  made: { readonly journal: Journal; readonly clock: TerminalClock; readonly elapsed: () => number },
): Doors {
  const log = new Logger("Doors");
  return createDoors({
    ...{ ...made, config },
    randomBytes: (length) => Uint8Array.from(randomBytes(length)),
    warn: (message) => {
      log.warn(message);
    },
  });
}

/** The readers of the lanes, with those that somebody gave them. */
function lanesOf(
  { config, readers: source }: GatewayParts,
  { journal, ...seen }: Pick<LaneReadersParts, "elapsed" | "isBusyAt"> & { readonly journal: Journal },
): LaneReaders {
  const assigned: LaneReadersParts["assigned"] = ({ name, reader }) => journal.lanes.readerOf(name, reader);
  const log = new Logger("Reader");
  return new LaneReaders({
    ...{ ...seen, lanes: config.lanes, source, assigned, raisesRate: config.raisesReaderRate },
    warn: (message) => {
      log.warn(message);
    },
  });
}

/** What an attempt fails with that is no outcome of a tap: the caller reads the sale, this is for the log. */
function logFailure(error: unknown): void {
  new Logger(Sales.name).error(error);
}

function engineOf(
  { config, customerWaits = waitWithoutHolding }: GatewayParts,
  {
    mailbox,
    ...made
  }: Pick<TapEngineSetup, "journal" | "clock" | "lists" | "chainWatch" | "policies" | "elapsed" | "lanes"> & {
    readonly mailbox: MailboxCarrier;
  },
): TapEngine {
  const pinned = config.domains.flatMap(({ issuerKeys }) => issuerKeys.map(({ publicKey }) => publicKey));
  return new TapEngine({
    ...made,
    config,
    signatures: createCardEngine(pinned),
    randomBytes: (length) => Uint8Array.from(randomBytes(length)),
    newId: randomUUID,
    askNewest: async (served, card) =>
      await Promise.race([mailbox.fetchFor(served, card), customerWaits(CARD_ALLOWANCE_WAIT_MS).then(() => false)]),
    sleep: async (ms) => {
      await sleep(ms);
    },
  });
}

/** A wait that keeps no process from ending. */
async function waitWithoutHolding(ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: false });
}

function clockOf(
  config: GatewayConfig,
  journal: Journal,
  machine: { readonly readSeconds: ReadSeconds; readonly readUptimeSeconds: () => number },
): TerminalClock {
  const { batteryBacked, synchronizedFile, windows } = config;
  const isSynchronized = (): boolean => synchronizedFile !== null && existsSync(synchronizedFile);
  return new TerminalClock({
    ...machine,
    floors: journal.clockFloor,
    batteryBacked,
    listAgeSeconds: windows.listAgeSeconds,
    isSynchronized,
  });
}
