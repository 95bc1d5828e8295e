import { z } from "zod";
import { LIMITS } from "../limits/limits.ts";

/**
 * Bytes in an answer. Schemas of answers describe, for the OpenAPI document, what the controllers
 * beside them write.
 */
export const hash = z.string().describe("0x and hexadecimal digits");

/** Why a person decides something: one line that begins and ends with a letter or sign, kept for good. */
export const reasonText = z
  .string()
  .max(LIMITS.reasonCharacters)
  .regex(/^[!-~\u00a1-\uffff](?:[ -~\u00a0-\uffff]*[!-~\u00a1-\uffff])?$/, "must say why, in one line");
