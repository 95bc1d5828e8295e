import { Worker } from "node:worker_threads";
import { Inject, Injectable, type OnApplicationShutdown } from "@nestjs/common";
import { ProtocolError, type ProtocolErrorCode } from "@tallystick/protocol";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { VerificationContext } from "./verify-entry.ts";
import { verifyUpload, type UploadBytes, type UploadVerdict } from "./verify-upload.ts";

interface Waiting {
  readonly resolve: (verdict: UploadVerdict) => void;
  readonly reject: (error: Error) => void;
}

type Answer =
  | { readonly id: number; readonly verdict: UploadVerdict }
  | { readonly id: number; readonly protocolError: { code: string; context: unknown } }
  | { readonly id: number; readonly fault: string };

/**
 * Verifies uploads in worker threads, so that thousands of signatures do not hold up the API's own
 * thread. One job is one upload. With 0 threads it verifies in place.
 */
@Injectable()
export class VerificationPool implements OnApplicationShutdown {
  private readonly threads: { worker: Worker; busy: Map<number, Waiting> }[] = [];
  private nextId = 1;
  private stopped = false;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  verify(bytes: UploadBytes, context: VerificationContext): Promise<UploadVerdict> {
    if (this.config.verification.threads === 0) {
      return Promise.resolve().then(() => verifyUpload(bytes, context, createNativeEngine()));
    }
    const inFlight = this.threads.reduce((sum, { busy }) => sum + busy.size, 0);
    if (inFlight >= LIMITS.uploadsInFlight) {
      return Promise.reject(
        new Problem("LIMIT_REACHED", "Too many uploads at once; send the same upload again in a while."),
      );
    }
    const thread = this.pickThread();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      thread.busy.set(id, { resolve, reject });
      thread.worker.postMessage({ id, bytes, context });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  /** The thread with the fewest uploads; threads start when they are first needed. */
  private pickThread(): { worker: Worker; busy: Map<number, Waiting> } {
    const idle = this.threads.find((thread) => thread.busy.size === 0);
    if (idle !== undefined) return idle;
    if (this.threads.length < this.config.verification.threads) return this.startThread();
    const [first, ...rest] = this.threads;
    if (first === undefined) return this.startThread();
    return rest.reduce((best, thread) => (thread.busy.size < best.busy.size ? thread : best), first);
  }

  private startThread(): { worker: Worker; busy: Map<number, Waiting> } {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./verification-thread.${extension}`, import.meta.url), {
      execArgv: extension === "ts" ? ["--conditions=source", "--no-warnings"] : [],
    });
    const thread = { worker, busy: new Map<number, Waiting>() };
    worker.on("message", (answer: Answer) => settle(thread.busy, answer));
    const fail = (error: Error): void => {
      this.threads.splice(this.threads.indexOf(thread), 1);
      for (const waiting of thread.busy.values()) waiting.reject(error);
      thread.busy.clear();
    };
    worker.on("error", fail);
    worker.on("exit", () => {
      if (!this.stopped && this.threads.includes(thread)) fail(new Error("A verification thread ended."));
    });
    this.threads.push(thread);
    return thread;
  }
}

function settle(busy: Map<number, Waiting>, answer: Answer): void {
  const waiting = busy.get(answer.id);
  if (waiting === undefined) return;
  busy.delete(answer.id);
  if ("verdict" in answer) waiting.resolve(answer.verdict);
  else if ("protocolError" in answer) {
    const { code, context } = answer.protocolError;
    waiting.reject(new ProtocolError(code as ProtocolErrorCode, context as never));
  } else waiting.reject(new Error(answer.fault));
}
