import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { toHex } from "@tallystick/protocol";
import { asFailure } from "../../failures.ts";
import { checkOrder } from "../../order/check-order.ts";
import { readGrounds } from "../../order/read-grounds.ts";
import type { OrderRow } from "../../order/order-row.ts";
import { buildReport } from "../../report/build-report.ts";
import { signedReport } from "../../report/signed-report.ts";
import { ensureCertificate } from "../../terminal/certificate.ts";
import type { Station } from "./with-station.ts";

/** The signed report of what became of an order's rows, as journal and settlement have it now. Throws Failure. */
export async function makeReport(file: string, rows: readonly OrderRow[], station: Station): Promise<string> {
  const { config, journal, settlement, terminal, environment } = station;
  const grounds = { ...(await readGrounds(settlement, station)), treasury: null };
  const cards = checkOrder(rows, { config, visits: "two", grounds, shared: true, source: file });
  const nowSeconds = Math.floor(environment.now() / 1_000);
  const order = { name: basename(file), hash: sha256(readFileSync(file)) };
  const lines = await buildReport(cards, { journal, settlement, config, order, nowSeconds });
  const certificate = await ensureCertificate({ terminal, journal, settlement, config, nowSeconds });
  return await signedReport(lines, { domain: config.domain, signer: terminal.signer, certificate });
}

/** Whether settlement has a report, as a line says it: its fields, and its sentence. */
export type SayReport = (fields: object, sentence: string) => void;

/** Gives settlement a report, and says whether it has it. Whatever hinders that is said and hinders nothing else. */
export async function sendReport(
  make: () => Promise<string>,
  given: Pick<Station, "settlement"> & {
    readonly say: SayReport;
    /** What sends it later. */
    readonly next: string;
  },
): Promise<void> {
  const { settlement, say, next } = given;
  try {
    const text = await make();
    await settlement.sendReport(text);
    say({ sent: true, digest: toHex(sha256(new TextEncoder().encode(text))) }, "Settlement has the report.");
  } catch (error) {
    const { code, message } = asFailure(error);
    say({ sent: false, code, message, next }, `! Settlement does not have the report: ${code}. ${message} ${next}`);
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
