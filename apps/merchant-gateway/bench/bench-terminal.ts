import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { CardConnection, Reader, ReaderStatus } from "@tallystick/apdu";
import type { CardStatus } from "@tallystick/protocol";
import { createGateway, type Gateway } from "../src/app/gateway.ts";
import type { ServedDomain } from "../src/config/gateway-config.ts";
import { TestCard } from "../test/harness/test-card.ts";
import {
  allowanceBody,
  domain,
  issuer,
  servedDomain,
  signCertificate,
  signList,
  START,
  terminalSigner,
  TestTerminal,
} from "../test/harness/test-terminal.ts";
import { HUNDRED, LEAST_CARDS, MAX_FILLED, SAMPLES, STRIDE, WARMUP } from "./limits.ts";

/** Processor time of this process so far. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Time of the card alone, which no figure of a terminal holds. */
export interface CardTime {
  ms: number;
  cpuMs: number;
}

/** A terminal with its journal on the disk, and a reader whose card costs nothing. */
export interface BenchTerminal {
  readonly gateway: Gateway;
  readonly served: ServedDomain;
  /** What the card took since it was put to zero. */
  readonly cardTime: CardTime;
  /** Puts a card on the reader that the terminal has not met: the slow case, and the usual one. */
  readonly putCard: (index: number) => Promise<void>;
  readonly close: () => void;
}

/** A reader on which a card lies at all times, timed. */
function timedReader(held: () => TestCard | null, cardTime: CardTime): Reader {
  const present: ReaderStatus = { name: "bench", card: "present", atr: new Uint8Array(0), inUse: false };
  return {
    name: "bench",
    status: () => Promise.resolve(present),
    waitForCard: () => Promise.resolve(present),
    waitForRemoval: () => Promise.resolve(),
    connect: () => {
      const card = held();
      if (card === null) return Promise.reject(new Error("no card"));
      const connection: CardConnection = {
        reader: "bench",
        atr: new Uint8Array(0),
        transmit: async (command) => {
          const begun = performance.now();
          const cpuBegun = cpuMs();
          const response = await card.transmit(command);
          cardTime.ms += performance.now() - begun;
          cardTime.cpuMs += cpuMs() - cpuBegun;
          return response;
        },
        reset: () => Promise.reject(new Error("not asked")),
        exclusively: () => Promise.reject(new Error("not asked")),
        disconnect: () => Promise.resolve(),
      };
      return Promise.resolve(connection);
    },
  };
}

/** How much is measured, and under which conditions. */
export interface Counts {
  readonly samples: number;
  readonly warmup: number;
  /** Vouchers in the journal that are not final. */
  readonly vouchers: number;
  /** Cards in the status list. */
  readonly cards: number;
}

/** Reads the counts of the command line; what is left out is as it is given here. */
export function readCounts(defaults: Pick<Counts, "vouchers" | "cards">): Counts {
  const text = (count: number) => ({ type: "string", default: String(count) }) as const;
  const { values } = parseArgs({
    options: {
      ...{ samples: text(SAMPLES), warmup: text(WARMUP) },
      ...{ vouchers: text(defaults.vouchers), cards: text(defaults.cards) },
      json: { type: "boolean" },
    },
  });
  const { samples, warmup, vouchers, cards } = values;
  const counts = [samples, warmup, vouchers, cards].map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count >= 0 && count <= MAX_FILLED))
    throw new RangeError(`counts are whole numbers up to ${MAX_FILLED}`);
  if (Number(cards) < LEAST_CARDS) throw new RangeError(`a status list has at least ${LEAST_CARDS} cards here`);
  return { samples: Number(samples), warmup: Number(warmup), vouchers: Number(vouchers), cards: Number(cards) };
}

/**
 * Makes a terminal whose journal holds `vouchers` that are not final, and whose list has `cards`, one
 * in a hundred of them blocked. The journal is filled by another process, so that what that needs is
 * not counted with the tap's.
 */
export async function makeBenchTerminal({
  cards,
  vouchers,
}: Pick<Counts, "vouchers" | "cards">): Promise<BenchTerminal> {
  const certificate = await signCertificate({ unsentCount: 0xffff_ffff, unsentSum: 2n ** 48n - 1n });
  const terminal = await TestTerminal.make({ domains: [await servedDomain({ certificate })] }, { list: false });
  terminal.gateway.journal.close();
  const folder = mkdtempSync(join(tmpdir(), "tallystick-bench-"));
  if (vouchers > 0) {
    const fill = fileURLToPath(new URL("fill-journal.ts", import.meta.url));
    const { status } = spawnSync(process.execPath, [...process.execArgv, fill, folder, String(vouchers)], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error("the journal was not filled");
  }
  const config = { ...terminal.config, journalPath: join(folder, "journal.db"), witnessPath: join(folder, "witness") };
  const [served] = config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  let card: TestCard | null = null;
  const cardTime = { ms: 0, cpuMs: 0 };
  const reader = timedReader(() => card, cardTime);
  const readers = { of: () => reader, names: () => Promise.resolve([reader.name]) };
  const gateway = createGateway({ config, signer: terminalSigner, readers, readSeconds: () => START });
  // The first of each hundred is valid, the last one is blocked.
  const statuses = Array.from({ length: cards }, (_, index) => (index % HUNDRED === HUNDRED - 1 ? 2 : 0) as CardStatus);
  const offered = gateway.lists.offer(served, await signList({ statuses }), START);
  if (!offered.ok) throw new Error(offered.message);
  const body = { ...allowanceBody, maxCounter: 1_000_000, noPinCount: 255, noPinSum: 2n ** 47n };
  return {
    ...{ gateway, served, cardTime },
    putCard: async (index) => {
      const cardIndex = ((index * STRIDE) % Math.ceil(cards / HUNDRED)) * HUNDRED;
      card = await TestCard.make({ name: `bench ${index}`, issuer, domain, body: { ...body, cardIndex } });
      cardTime.ms = 0;
      cardTime.cpuMs = 0;
    },
    close: () => {
      gateway.journal.close();
      terminal.remove();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The value below which `part` (0–1) of the values lie. */
export function at(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}
