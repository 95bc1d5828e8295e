import { z } from "zod";

/**
 * Bytes in an answer. Schemas of answers describe, for the OpenAPI document, what the controllers
 * beside them write.
 */
export const hash = z.string().describe("0x and hexadecimal digits");
