import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";

/** What a form sends that does one thing for a reason. */
export const reasonSchema = z.strictObject({ reason: reasonText });

export type Reason = z.infer<typeof reasonSchema>;

/** The part of Fastify's reply that sends a browser back to its page. */
export interface FormReply {
  redirect(path: string, status: number): unknown;
}
