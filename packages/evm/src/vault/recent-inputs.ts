import { RECENT_INPUT_BYTES } from "../limits.ts";

/**
 * Calldata of the transactions that were asked for last; the oldest are forgotten when it grows too
 * large.
 */
export class RecentInputs {
  private readonly read: (transactionHash: string) => Promise<Uint8Array | null>;
  private readonly known = new Map<string, Uint8Array>();
  private bytes = 0;

  constructor(read: (transactionHash: string) => Promise<Uint8Array | null>) {
    this.read = read;
  }

  /** null where the node does not know the transaction; then it is asked again the next time. */
  async of(transactionHash: string): Promise<Uint8Array | null> {
    const known = this.known.get(transactionHash);
    if (known !== undefined) return known;
    const input = await this.read(transactionHash);
    if (input === null) return null;
    if (!this.known.has(transactionHash)) this.bytes += input.length;
    this.known.set(transactionHash, input);
    this.forget();
    return input;
  }

  private forget(): void {
    for (const [hash, input] of this.known) {
      if (this.bytes <= RECENT_INPUT_BYTES) return;
      this.known.delete(hash);
      this.bytes -= input.length;
    }
  }
}
