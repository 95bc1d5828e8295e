import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { ORDER_REPORT_BODY_BYTES } from "../../foundation/http/bodies/limits.ts";

/** The report's text as the station wrote it. */
export const orderReportRequestSchema = z.strictObject({
  report: z.string().min(1).max(ORDER_REPORT_BODY_BYTES),
});

const count = z.int().min(0);

/** A stored report: what it says of its order, and what settlement knows of its cards now. */
export const orderReportSchema = z.object({
  digest: hash,
  order: z.string(),
  station: z.string().nullable(),
  operator: z.string().nullable(),
  payee: hash,
  terminalId: hash,
  madeAt: z.string(),
  receivedAt: z.string(),
  cards: count,
  ready: count,
  deposited: z.string(),
  known: z.object({ cards: count, deposited: z.string() }),
});

export const orderReportListSchema = z.object({ reports: z.array(orderReportSchema) });

export type OrderReportRequest = z.infer<typeof orderReportRequestSchema>;
export type OrderReportAnswer = z.infer<typeof orderReportSchema>;
export type OrderReportList = z.infer<typeof orderReportListSchema>;
