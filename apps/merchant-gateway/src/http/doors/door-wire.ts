import { z } from "zod";
import { MAX_DEVICE_NAME_LENGTH, MAX_PERSON_NAME_LENGTH, MAX_PIN_DIGITS, MIN_PIN_DIGITS } from "../../doors/limits.ts";
import { roles } from "../../journal/doors/person-store.ts";

const role = z.enum(roles);
const personSchema = z.object({ name: z.string(), role });

/** GET /v1/session. */
export const sessionSchema = z.object({
  device: z.object({ id: z.string(), name: z.string() }).nullable().meta({ description: "Null until it is paired" }),
  person: personSchema.nullable().meta({ description: "Who is signed in on this device" }),
  people: z.array(personSchema).meta({ description: "Who may sign in; none where the device is not paired" }),
  needed: z
    .enum(["none", "pairing", "person"])
    .meta({ description: "What is needed before this device sells: it is paired, or somebody signs in" }),
});

/** POST /v1/session. */
export const signInSchema = z.strictObject({
  name: z.string().min(1).max(MAX_PERSON_NAME_LENGTH),
  pin: z
    .string()
    .regex(
      new RegExp(`^[0-9]{${MIN_PIN_DIGITS},${MAX_PIN_DIGITS}}$`),
      `must be ${MIN_PIN_DIGITS} to ${MAX_PIN_DIGITS} digits`,
    )
    .meta({ description: "The person's own PIN; never kept or logged" }),
});

const NAME = new RegExp(`^(?=.{1,${MAX_DEVICE_NAME_LENGTH}}$)[^\\p{C}]*[^\\p{C}\\p{Z}][^\\p{C}]*$`, "u");

/** POST /v1/pairing. */
export const pairingRequestSchema = z.strictObject({
  code: z.string().min(1).max(32).meta({ description: "The code that the box shows", example: "K7Q2-9FMX" }),
  name: z
    .string()
    .regex(NAME, `must be 1 to ${MAX_DEVICE_NAME_LENGTH} characters that can be seen`)
    .meta({ description: "How people call the device" }),
});

const deviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  pairedAt: z.int().meta({ description: "Seconds since 1970" }),
});

export const pairedSchema = z.object({
  device: deviceSchema,
  key: z
    .string()
    .meta({ description: "The device's key, for programs: `Authorization: Bearer`. It is shown this once" }),
});

/** GET /v1/devices. */
export const deviceListSchema = z.object({
  devices: z.array(
    deviceSchema.extend({ person: personSchema.nullable().meta({ description: "Who is signed in there" }) }),
  ),
});
