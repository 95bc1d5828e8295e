import { parentPort } from "node:worker_threads";
import { isProtocolError } from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import type { VerificationContext } from "./verify-entry.ts";
import { verifyUpload, type UploadBytes } from "./verify-upload.ts";

/** The inside of a verification thread: one message in, one answer out, nothing kept. */
const engine = createNativeEngine();

parentPort?.on("message", (job: { id: number; bytes: UploadBytes; context: VerificationContext }) => {
  try {
    parentPort?.postMessage({ id: job.id, verdict: verifyUpload(job.bytes, job.context, engine) });
  } catch (error) {
    if (isProtocolError(error)) {
      parentPort?.postMessage({ id: job.id, protocolError: { code: error.code, context: error.context } });
      return;
    }
    parentPort?.postMessage({ id: job.id, fault: error instanceof Error ? error.message : String(error) });
  }
});
