import { createKeySigner, readTransaction } from "@tallystick/evm/ethers";
import { RpcError, type ChainCall, type ChainReceipt } from "@tallystick/evm";
import { digestOf, toHex } from "@tallystick/protocol";
import type { ProgrammeChain } from "../../src/programme/chain/programme-chain.ts";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProgrammeState } from "../../src/programme/files/programme-state.ts";

const word = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(64, "0"), "hex");

/** A chain in memory that mines what it is sent when a test says so, and can fail at any question. */
export class FakeChain implements ProgrammeChain {
  readonly signer = createKeySigner(new Uint8Array(32).fill(9));
  readonly sent: string[] = [];
  readonly mined = new Map<string, ChainReceipt>();
  readonly codes = new Map<string, Uint8Array>();
  /** Answers by selector, 0x and 8 digits; what is not here reverts. */
  readonly answers = new Map<string, Uint8Array>();
  nonce = 0n;
  height = 10n;
  isMining = true;
  succeeds = true;
  finalized = true;
  chain = 31_337n;
  /** Questions until one is never answered; -1 for none. */
  failAfter = -1;

  answer(selector: string, value: bigint): void {
    this.answers.set(selector, word(value));
  }

  #asked(): void {
    if (this.failAfter-- === 0) throw new RpcError("UNREACHABLE", "The plug was pulled.");
  }

  async chainId(): Promise<bigint> {
    this.#asked();
    return this.chain;
  }

  async block(tag: "latest" | "finalized" | bigint) {
    this.#asked();
    if (tag === "finalized" && !this.finalized) return null;
    return { number: this.height, hash: new Uint8Array(32), timestamp: 1n, baseFee: 7n };
  }

  async call({ data }: ChainCall): Promise<Uint8Array> {
    this.#asked();
    const answer = this.answers.get(toHex(data.slice(0, 4)));
    if (answer === undefined) throw new RpcError("REVERTED", "It has no such function.");
    return answer;
  }

  async code(address: Uint8Array): Promise<Uint8Array> {
    this.#asked();
    return this.codes.get(toHex(address)) ?? new Uint8Array(0);
  }

  async estimateGas(): Promise<bigint> {
    this.#asked();
    return 50_000n;
  }

  async priorityFee(): Promise<bigint> {
    this.#asked();
    return 1n;
  }

  async balance(): Promise<bigint> {
    this.#asked();
    return 0n;
  }

  async transactionCount(): Promise<bigint> {
    this.#asked();
    return this.nonce;
  }

  async sendRaw(raw: Uint8Array): Promise<void> {
    this.#asked();
    const text = toHex(raw);
    if (!this.sent.includes(text)) this.sent.push(text);
    if (this.isMining) this.mine(raw);
    // The answer may be lost after the effect.
    this.#asked();
  }

  mine(raw: Uint8Array): void {
    const { nonce } = readTransaction(raw);
    if (nonce !== this.nonce) return;
    this.nonce += 1n;
    this.height += 1n;
    const found = { blockNumber: this.height, blockHash: digestOf(raw), succeeded: this.succeeds };
    this.mined.set(toHex(raw), { transactionHash: raw, ...found });
  }

  async receipt(hash: Uint8Array): Promise<ChainReceipt | null> {
    this.#asked();
    for (const [raw, receipt] of this.mined) {
      const { hash: its } = await this.signedAgain(raw);
      if (toHex(its) === toHex(hash)) return { ...receipt, transactionHash: its };
    }
    return null;
  }

  private async signedAgain(raw: string): Promise<{ readonly hash: Uint8Array }> {
    return await this.signer.sign(readTransaction(Buffer.from(raw.slice(2), "hex")));
  }

  close(): void {
    this.sent.length = 0;
  }
}

/** A state file in a folder of its own, opened anew each time as another life of the program does. */
export function stateFile(): { readonly folder: string; readonly open: () => ProgrammeState } {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-programme-state-"));
  return { folder, open: () => new ProgrammeState(join(folder, "state.json")) };
}

/** A clock that a pause moves on. */
export function pausedClock(startMs = 1_000_000) {
  const clock = { nowMs: startMs };
  const environment = {
    now: () => clock.nowMs,
    randomBytes: (length: number) => new Uint8Array(length).fill(0xab),
    pause: (ms: number) => {
      clock.nowMs += ms;
      return Promise.resolve();
    },
  };
  return { clock, environment };
}
