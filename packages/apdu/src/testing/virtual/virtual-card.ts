import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * What a virtual card does with a command; all answer SELECT with 9000. `echo` sends the command
 * back, `short` answers one byte, `tear` vanishes instead of answering, `mute` says nothing until
 * it is released.
 */
export type VirtualCardBehaviour = "echo" | "short" | "tear" | "mute";

export interface VirtualCardOptions {
  /**
   * `insert` puts the card on the virtual reader that waits on this port; `listen` waits there for
   * a reader itself.
   */
  readonly mode: "insert" | "listen";
  /** TCP port of this machine; 0 with `listen` lets the system choose. */
  readonly port: number;
  readonly behaviour: VirtualCardBehaviour;
}

/** What the card's thread reports. */
export type VirtualCardReport =
  | { readonly ready: number }
  | { readonly failed: string }
  | { readonly resets: number }
  | { readonly commands: readonly string[] };

/** A card that lies on a virtual reader until it is removed. */
export interface VirtualCard {
  readonly port: number;
  /** How often the reader powered the card on or reset it. */
  resets(): Promise<number>;
  /** The commands that reached the card, in hexadecimal, in their order; SELECT is left out. */
  commands(): Promise<readonly string[]>;
  /** Lets a mute card answer what it was asked. */
  release(): void;
  /** Takes the card away; resolves when its connection is closed. May be called twice. */
  remove(): Promise<void>;
}

/** Starts a virtual card in a thread of its own. */
export async function startVirtualCard(options: VirtualCardOptions): Promise<VirtualCard> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./virtual-card-worker.${extension}`, import.meta.url), { workerData: options });
  const next = async () => ((await once(worker, "message")) as [VirtualCardReport])[0];
  const first = await next();
  if (!("ready" in first)) {
    await worker.terminate();
    throw new Error(`the virtual card did not start: ${"failed" in first ? first.failed : "unknown"}`);
  }
  const ask = async (question: "resets" | "commands") => {
    const answer = next();
    worker.postMessage(question);
    return await answer;
  };
  return {
    port: first.ready,
    resets: async () => {
      const report = await ask("resets");
      return "resets" in report ? report.resets : 0;
    },
    commands: async () => {
      const report = await ask("commands");
      return "commands" in report ? [...report.commands] : [];
    },
    release: () => worker.postMessage("release"),
    remove: async () => void (await worker.terminate()),
  };
}
