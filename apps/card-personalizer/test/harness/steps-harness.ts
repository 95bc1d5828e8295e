import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CardChannel } from "@tallystick/apdu";
import { createAsset } from "@tallystick/money";
import { addressOfKey, createSigner, parseAddress, toHex } from "@tallystick/protocol";
import type { Config } from "../../src/config/load-config.ts";
import { Journal, type StepData } from "../../src/journal/journal.ts";
import type { SettlementClient } from "../../src/settlement/settlement-client.ts";
import type { StepName } from "../../src/steps/step-names.ts";
import { StepRunner } from "../../src/steps/step-runner.ts";

/** The time at which every test of a step begins, in milliseconds. */
export const START_MS = 1_790_000_000_500;

const secretOf = (fill: number) => createSigner(new Uint8Array(32).fill(fill));
export const issuer = secretOf(5);
export const cardSigner = secretOf(6);
export const domain = { chainId: 31_337n, vault: parseAddress(`0x${"7a".repeat(20)}`) };
export const issuerKey = { domain, id: 1, publicKey: issuer.publicKey };
export const card = toHex(addressOfKey(cardSigner.publicKey));
export const cardKey = toHex(cardSigner.publicKey);
const asset = createAsset({ code: "USDC", decimals: 6, scale: 1n });

/** A configuration with what the steps read of it. */
export function configOf(
  changes: { readonly caps?: Partial<Config["caps"]> } & Partial<Omit<Config, "caps">> = {},
): Config {
  const { caps, ...others } = changes;
  return {
    ...{ domain, asset, issuerKeys: [issuerKey], cardIssuerKey: { id: 1, publicKey: issuer.publicKey } },
    finalityTimeoutSeconds: 10,
    testPayee: {
      ...{ payee: parseAddress(`0x${"0b".repeat(20)}`), terminalId: new Uint8Array(8).fill(0x0c), category: 3 },
      terminalKeyFile: "none",
    },
    caps: {
      ...{ perTap: "50.00", noPinSum: "100.00", noPinCount: 100, validDays: 365, categories: "all" },
      ...{ requireCertificate: true, assuranceClass: 1, ...caps },
    },
    ...others,
  } as unknown as Config;
}

/** A journal in a folder of its own, and a clock that a pause moves on. */
export class StepsHarness {
  readonly folder = mkdtempSync(join(tmpdir(), "tallystick-step-"));
  readonly journal = new Journal(join(this.folder, "journal.sqlite"));
  readonly seen: string[] = [];
  readonly pauses: number[] = [];
  nowMs = START_MS;
  readonly environment = {
    now: () => this.nowMs,
    randomBytes: (length: number) => new Uint8Array(length).fill(0xab),
    pause: (ms: number) => {
      this.pauses.push(ms);
      this.nowMs += ms;
      return Promise.resolve();
    },
  };

  constructor(done: Partial<Record<StepName, StepData>> = {}) {
    this.journal.begin("r", { domain: "", instance: 1, owner: "", fund: "" }, this.nowMs);
    this.finish("generate-key", { card, cardKey });
    for (const [name, data] of Object.entries(done)) this.finish(name as StepName, data);
  }

  /** A step that an earlier run did. */
  finish(name: StepName, data: StepData): void {
    this.journal.beginStep("r", name, {}, this.nowMs);
    this.journal.finishStep("r", name, data, this.nowMs);
  }

  /** As a new process would have it. */
  runner(): StepRunner {
    return new StepRunner({
      ...{ journal: this.journal, reference: "r", environment: this.environment },
      signal: new AbortController().signal,
      observe: (step, code) => void this.seen.push(`${step} ${code}`),
    });
  }

  step(name: StepName) {
    return this.journal.step("r", name);
  }

  remove(): void {
    this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A settlement of the answers that a test gives; every other call is a fault of the test. */
export function settlementOf(answers: Partial<SettlementClient>): SettlementClient {
  return new Proxy(answers as SettlementClient, {
    get: (target, name) => {
      const answer: unknown = Reflect.get(target, name);
      return answer ?? (() => Promise.reject(new Error(`nobody expected ${String(name)}`)));
    },
  });
}

/** A channel to a card that answers by instruction, with what it was sent. */
export function channelOf(answers: Readonly<Record<number, readonly Uint8Array[] | Uint8Array>>): {
  readonly channel: CardChannel;
  readonly sent: Uint8Array[];
} {
  const sent: Uint8Array[] = [];
  const left = new Map(Object.entries(answers).map(([ins, one]) => [Number(ins), Array.isArray(one) ? [...one] : one]));
  return {
    sent,
    channel: (command) => {
      sent.push(command);
      const found = left.get(command[1] ?? 0);
      const answer = Array.isArray(found) ? (found as Uint8Array[]).shift() : (found as Uint8Array | undefined);
      if (answer === undefined) return Promise.reject(new Error(`nobody expected ${toHex(command)}`));
      return Promise.resolve(answer);
    },
  };
}

/** An answer of a card: data and its status word. */
export function answerOf(sw: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Uint8Array.of(...data, sw >> 8, sw & 0xff);
}
