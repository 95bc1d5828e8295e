import {
  type CardConnection,
  type Reader,
  ReaderError,
  type ReaderErrorCode,
  type ReaderStatus,
} from "@tallystick/apdu";
import type { TestCard } from "./test-card.ts";

/** A reader with a slot that a test fills; what is not asked for here throws. */
export class TestReader implements Reader {
  readonly name: string;
  card: TestCard | null = null;
  /** Fails every use with this. */
  fault: ReaderErrorCode | null = null;
  /** Called before each command reaches the card; may throw in its place. */
  beforeTransmit: (command: Uint8Array) => Promise<void> = () => Promise.resolve();
  /** What the reader itself answers to a command of its maker; null where there is no way to it. */
  escape: ((command: Uint8Array) => Promise<Uint8Array>) | null = null;
  /** Called when somebody waits for a card, or for it to be taken away; may do that. */
  onWait: (what: "card" | "removal") => void = () => undefined;
  connects = 0;
  /** So many of the next connects find that an earlier call to the card is pending. */
  pendingConnects = 0;
  /** Connections that are held now; never more than one. */
  held = 0;

  constructor(name = "Test reader") {
    this.name = name;
  }

  status(): Promise<ReaderStatus> {
    if (this.fault !== null) return this.fail(this.fault);
    const present = this.card !== null;
    return Promise.resolve({
      name: this.name,
      card: present ? "present" : "absent",
      atr: present ? new Uint8Array([0x3b]) : null,
      inUse: false,
    });
  }

  waitForCard(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<ReaderStatus> {
    if (this.fault !== null) return this.fail(this.fault);
    if (this.card === null) this.onWait("card");
    if (this.card !== null) return this.status();
    return new Promise((_, reject) => {
      const { signal } = options;
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (signal === undefined) reject(new ReaderError("CARD_ABSENT", { reader: this.name }));
      else
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
    });
  }

  waitForRemoval(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<void> {
    this.onWait("removal");
    if (this.card === null) return Promise.resolve();
    const { signal } = options;
    if (signal === undefined || options.timeoutMs === 0) return this.fail("READER_IN_USE");
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
    });
  }

  connect(): Promise<CardConnection> {
    this.connects += 1;
    if (this.fault !== null) return this.fail(this.fault);
    if (this.pendingConnects > 0) {
      this.pendingConnects -= 1;
      return this.fail("CARD_MUTE");
    }
    const { card } = this;
    if (card === null) return this.fail("CARD_ABSENT");
    if (this.held > 0) return this.fail("READER_IN_USE");
    this.held += 1;
    let open = true;
    return Promise.resolve({
      reader: this.name,
      atr: new Uint8Array([0x3b]),
      transmit: async (command) => {
        await this.beforeTransmit(command);
        if (this.card !== card) throw new ReaderError("CARD_REMOVED", { reader: this.name });
        return await card.transmit(command);
      },
      ...(this.escape === null ? {} : { escape: this.escape }),
      reset: () => Promise.reject(new Error("a terminal does not reset a card")),
      exclusively: () => Promise.reject(new Error("a terminal holds its card alone")),
      disconnect: () => {
        if (open) this.held -= 1;
        open = false;
        return Promise.resolve();
      },
    });
  }

  private fail(code: ReaderErrorCode): Promise<never> {
    return Promise.reject(new ReaderError(code, { reader: this.name }));
  }
}
