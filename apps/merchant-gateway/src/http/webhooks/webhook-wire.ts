import { z } from "zod";
import { WEBHOOK_TYPES } from "../../config/gateway-config.ts";

const time = z.int().nullable();

export const endpointSchema = z.object({
  name: z.string(),
  url: z.string().meta({ description: "Without path and user, where secrets may stand" }),
  events: z.array(z.enum(WEBHOOK_TYPES)),
  state: z.enum(["active", "disabled"]).meta({ description: "`disabled`: it answered 410 and is told nothing" }),
  disabledAt: time,
  waiting: z.int(),
  failed: z.int(),
  lastDeliveredAt: time,
});

/** GET /v1/webhooks. */
export const endpointListSchema = z.object({ endpoints: z.array(endpointSchema) });

export const deliverySchema = z.object({
  id: z.int(),
  endpoint: z.string(),
  messageId: z.string().meta({ description: "The header `webhook-id`; the same at each try" }),
  type: z.enum(WEBHOOK_TYPES),
  sale: z.string(),
  at: z.int().meta({ description: "Seconds since 1970: when it happened" }),
  state: z.enum(["waiting", "delivered", "failed"]),
  attempts: z.int(),
  nextAt: time.meta({ description: "When it is tried next; null at its end" }),
  lastAt: time,
  lastCode: z.string().nullable().meta({ description: "Why the last try failed" }),
  lastStatus: z.int().nullable().meta({ description: "HTTP status of the last answer; null where none came" }),
});

/** GET /v1/webhooks/deliveries/:id. */
export const deliveryDetailSchema = deliverySchema.extend({
  body: z.string().meta({ description: "The bytes that are sent and signed" }),
});

/** GET /v1/webhooks/deliveries. */
export const deliveryListQuerySchema = z.strictObject({
  endpoint: z.string().min(1).max(64).optional(),
  state: z.enum(["waiting", "delivered", "failed"]).optional(),
  cursor: z.coerce.number().int().min(1).optional().meta({ description: "What the page before named as `next`" }),
});

export const deliveryListSchema = z.object({
  deliveries: z.array(deliverySchema),
  next: z.int().nullable().meta({ description: "What to ask for as `cursor` to go on; null at the end" }),
});

/** The number of a message in a path. */
export const deliveryIdSchema = z.coerce.number().int().min(1);
