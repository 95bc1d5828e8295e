import { z } from "zod";
import { MAX_READER_NAME_LENGTH } from "../../config/limits.ts";
import { readerSchema } from "../wire.ts";

const laneSchema = z.object({
  name: z.string(),
  configured: z.string().meta({ description: "The reader that the configuration names" }),
  reader: readerSchema,
});

/** GET /v1/lanes. */
export const laneListSchema = z.object({
  lanes: z.array(laneSchema),
  plugged: z.array(z.string()).meta({ description: "Readers that are plugged in, by their names in PC/SC" }),
});

/** PUT /v1/lanes/:name. */
export const laneChangeSchema = z.strictObject({
  reader: z.string().min(1).max(MAX_READER_NAME_LENGTH).meta({ description: "The reader that the lane gets" }),
});
