import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAsset } from "@tallystick/money";
import { httpBounds } from "@tallystick/program";
import {
  type AllowanceBody,
  type CardStatus,
  createSigner,
  type Domain,
  digestOf,
  encodeDomain,
  encodeMerchantCertificate,
  encodeStatusList,
  encodeStatusListHead,
  type MerchantCertificate,
  packStatusList,
  type Signer,
  statusListHash,
  toAddress,
  uncompressKey,
} from "@tallystick/protocol";
import type { GatewayConfig, ServedDomain } from "../../src/config/gateway-config.ts";
import { createGateway, type Gateway } from "../../src/app/gateway.ts";
import type { DomainClock } from "../../src/clock/terminal-clock.ts";
import type { OpenVaultChain } from "../../src/chain/calls/vault-chain.ts";
import type { OfferedList } from "../../src/status/status-lists.ts";
import type { RequestPort } from "../../src/sync/requests/terminal-requests.ts";
import type { TapResult } from "../../src/taps/tap-result.ts";
import { TestCard } from "./test-card.ts";
import { TestReader } from "./test-reader.ts";

/** A deterministic test key; its secret is public by construction. */
export function testSigner(name: string): Signer {
  return createSigner(testSecret(name));
}

/** The secret of a test key. */
export function testSecret(name: string): Uint8Array {
  return digestOf(new TextEncoder().encode(`tallystick gateway test: ${name}`));
}

/** The time at which a test's day begins, in seconds. */
export const START = 1_790_000_000;
export const DAY = 86_400;

export const issuer = testSigner("issuer");
export const terminalSigner = testSigner("terminal");
export const domain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x51)) };
export const payee = toAddress(new Uint8Array(20).fill(0x91));
export const terminalId = new Uint8Array(8).fill(0x07);
export const asset = createAsset({ code: "USDC", decimals: 6, scale: 1n });

/** A typical allowance. */
export const allowanceBody: AllowanceBody = {
  issuerKeyId: 1,
  seq: 3,
  maxSpent: 500_000_000n,
  softSpent: 400_000_000n,
  maxCounter: 1_024,
  perTap: 50_000_000n,
  pinAbove: 50_000_000n,
  noPinSum: 500_000_000n,
  noPinCount: 254,
  notBefore: START - DAY,
  notAfter: START + 365 * DAY,
  cardIndex: 2,
  categories: 1n << 12n,
  flags: 0,
};

export async function signCertificate(changes: Partial<MerchantCertificate> = {}, signer: Signer = issuer) {
  const certificate = encodeMerchantCertificate({
    domain,
    issuerKeyId: 1,
    payee,
    category: 12,
    terminalId,
    terminalKey: uncompressKey(terminalSigner.publicKey),
    notBefore: START - DAY,
    notAfter: START + 300 * DAY,
    perTap: 100_000_000n,
    unsentSum: 1_000_000_000n,
    unsentCount: 500,
    perCardSum: 500_000_000n,
    softwareSum: 0n,
    ...changes,
  });
  return { certificate, signature: await signer.sign(digestOf(certificate)) };
}

/** A status list as settlement would serve it. */
export async function signList(
  options: {
    readonly seq?: number;
    readonly issuedAt?: number;
    readonly asOf?: number;
    readonly statuses?: readonly CardStatus[];
    readonly domain?: Domain;
    readonly issuerKeyId?: number;
  } = {},
  signer: Signer = issuer,
): Promise<OfferedList> {
  const list = encodeStatusList(options.statuses ?? [0, 0, 0, 0]);
  const head = encodeStatusListHead({
    domain: options.domain ?? domain,
    issuerKeyId: options.issuerKeyId ?? 1,
    seq: options.seq ?? 1,
    issuedAt: options.issuedAt ?? START,
    asOf: options.asOf ?? START - 60,
    cards: options.statuses?.length ?? 4,
    listHash: statusListHash(list),
  });
  return { head, signature: await signer.sign(digestOf(head)), packedList: packStatusList(list) };
}

export async function servedDomain(changes: Partial<ServedDomain> = {}): Promise<ServedDomain> {
  return {
    domain,
    domainBytes: encodeDomain(domain),
    asset,
    issuerKeys: [{ id: 1, publicKey: issuer.publicKey }],
    guaranteeAccount: null,
    settlementUrl: null,
    chain: null,
    certificate: await signCertificate(),
    certificateFile: null,
    perTap: null,
    unsentSum: null,
    unsentCount: null,
    softwareCardSum: null,
    ...changes,
  };
}

/** A terminal in a folder of its own, with a clock and a reader that the test moves. */
export class TestTerminal {
  readonly folder: string;
  readonly reader = new TestReader();
  /** The readers of further lanes, by name. */
  readonly readers = new Map<string, TestReader>();
  readonly config: GatewayConfig;
  now = START;
  /** Seconds by which a test has set the clock ahead of the right time. */
  ahead = 0;
  /** The way to the chain for refunds of the terminals started from now on; JSON-RPC when null. */
  openVaultChain: OpenVaultChain | null = null;
  /** What answers the terminal's signed requests from the next start on; nobody when null. */
  requestPort: RequestPort | null = null;
  /** How long a customer waits; as on a machine where null. */
  customerWaits: ((ms: number) => Promise<void>) | null = null;
  gateway: Gateway;
  private elapsedMs = 0;

  private constructor(folder: string, config: GatewayConfig) {
    this.folder = folder;
    this.config = config;
    this.gateway = this.start();
  }

  /**
   * Made, with a clock that is confirmed by battery and a fresh list, unless a test says otherwise.
   */
  static async make(
    changes: Partial<GatewayConfig> = {},
    options: { readonly list?: boolean } = {},
  ): Promise<TestTerminal> {
    const folder = mkdtempSync(join(tmpdir(), "tallystick-terminal-"));
    const terminal = new TestTerminal(folder, {
      listen: { host: "127.0.0.1", port: 0, hosts: [], proxies: [] },
      tokens: [],
      pairing: false,
      tls: null,
      roles: {
        ...{ sell: "cashier", refund: "manager", reversal: "manager", reports: "manager" },
        ...{ withdraw: "owner", lanes: "manager", devices: "owner" },
      },
      http: httpBounds.parse(undefined),
      journalPath: join(folder, "journal.db"),
      witnessPath: join(folder, "journal.witness"),
      lanes: [{ name: "1", reader: "Test reader", vpcd: null }],
      pcscSocket: null,
      raisesReaderRate: true,
      payee,
      category: 12,
      terminalId,
      terminalKeyFile: join(folder, "key.json"),
      domains: [await servedDomain()],
      windows: {
        listAgeSeconds: 7 * DAY,
        uploadWindowSeconds: 7 * DAY,
        chainMarginSeconds: DAY,
        vaultDelaySeconds: 16 * DAY,
      },
      batteryBacked: true,
      synchronizedFile: null,
      assuranceClasses: [0, 1],
      claim: null,
      refundsBy: "payee",
      cardWaitSeconds: 0,
      sync: { intervalSeconds: 15, background: false },
      webhooks: [],
      logLevel: "silent",
      ...changes,
    });
    if (options.list !== false) await terminal.offerList();
    terminal.knowTime(options.list === false ? [] : terminal.config.domains.slice(1));
    return terminal;
  }

  /** The clock as the terminal's first domain judges it. */
  get clock(): DomainClock {
    const [served] = this.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    return this.gateway.clock.of(served.domainBytes);
  }

  /**
   * Domains see a head of now, without its list; then what confirms the clock is asked for, as at a
   * start.
   */
  knowTime(domains: readonly ServedDomain[] = this.config.domains): void {
    const { journal, clock } = this.gateway;
    journal.write(() => {
      for (const { domainBytes } of domains)
        journal.clockFloor.raiseSigned(domainBytes, { seq: 1, issuedAt: this.now });
    });
    for (const { domainBytes } of this.config.domains) clock.of(domainBytes).confirmation();
  }

  /** The right time. */
  get time(): number {
    return this.now - this.ahead;
  }

  /** Somebody sets the clock so far ahead of the right time; no time passes. */
  setAhead(seconds: number): void {
    this.now += seconds - this.ahead;
    this.ahead = seconds;
  }

  async offerList(options: Parameters<typeof signList>[0] = {}): Promise<void> {
    const [served] = this.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const outcome = this.gateway.lists.offer(
      served,
      await signList({ issuedAt: this.now, asOf: this.now - 60, ...options }),
      this.now,
    );
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  }

  /** The terminal hears the right time from settlement, and may ask it. */
  takeLiveAnswer(): void {
    this.gateway.journal.write(() => this.clock.takeLiveAnswer({ time: this.time, uploadSeq: 1 }));
  }

  async card(name = "anna", body: Partial<AllowanceBody> = {}, cardDomain: Domain = domain): Promise<TestCard> {
    return await TestCard.make({ name, issuer, domain: cardDomain, body: { ...allowanceBody, ...body } });
  }

  /** Stops without a farewell and starts again on the same journal, as after a loss of power. */
  restart(options: { readonly acceptRestoredJournal?: boolean } = {}): void {
    this.gateway.journal.close();
    this.gateway = this.start(options);
  }

  /** The disk is lost with journal and witness; the terminal starts on a new one, and knows list and time. */
  async loseJournal(): Promise<void> {
    await this.gateway.engine.rest();
    this.gateway.journal.close();
    for (const file of [this.config.journalPath, `${this.config.journalPath}-wal`, this.config.witnessPath])
      rmSync(file, { force: true });
    this.gateway = this.start();
    await this.offerList();
    this.knowTime();
  }

  async tap(
    amount: bigint,
    options: {
      readonly saleId?: string;
      readonly lane?: string;
      readonly pin?: readonly number[];
      readonly waitMs?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<TapResult> {
    return await this.gateway.engine.tap({
      saleId: options.saleId ?? null,
      pin: options.pin === undefined ? null : Uint8Array.from(options.pin),
      amount,
      domains: this.gateway.policies.all(),
      waitMs: options.waitMs ?? 0,
      ...(options.lane === undefined ? {} : { lane: options.lane }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  /** The reader of this name; made where it is not the first. */
  readerOf(name: string): TestReader {
    const known = name === this.reader.name ? this.reader : this.readers.get(name);
    if (known !== undefined) return known;
    const made = new TestReader(name);
    this.readers.set(name, made);
    return made;
  }

  remove(): void {
    this.gateway.journal.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Time passes on the clock that only goes forward, as while a card is silent. */
  passMs(ms: number): void {
    this.elapsedMs += ms;
  }

  private start(options: { readonly acceptRestoredJournal?: boolean } = {}): Gateway {
    return createGateway({
      ...options,
      config: this.config,
      signer: terminalSigner,
      readers: {
        of: ({ reader }) => this.readerOf(reader),
        names: () => Promise.resolve([this.reader.name, ...this.readers.keys()]),
      },
      readSeconds: () => this.now,
      readUptimeSeconds: () => this.time,
      ...(this.requestPort === null ? {} : { requestPortOf: () => this.requestPort }),
      ...(this.openVaultChain === null ? {} : { openVaultChain: this.openVaultChain }),
      ...(this.customerWaits === null ? {} : { customerWaits: this.customerWaits }),
      // Waits cost no time in a test: each reading of the clock is a while later.
      elapsed: () => (this.elapsedMs += 500),
    });
  }
}
