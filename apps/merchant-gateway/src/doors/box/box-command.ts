import { z } from "zod";
import { MAX_DEVICE_NAME_LENGTH, MAX_PERSON_NAME_LENGTH } from "../limits.ts";
import { roles } from "../../journal/doors/person-store.ts";

const name = z.string().max(MAX_PERSON_NAME_LENGTH * 4);
const pin = z.string().max(64);

/** What is asked at the box itself: by whoever may read and write the journal's files. */
export const boxCommandSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("people.list") }),
  z.strictObject({ do: z.literal("people.add"), name, role: z.enum(roles), pin }),
  z.strictObject({ do: z.literal("people.remove"), name }),
  z.strictObject({ do: z.literal("people.pin"), name, pin }),
  z.strictObject({ do: z.literal("pair") }),
  z.strictObject({ do: z.literal("devices.list") }),
  z.strictObject({ do: z.literal("devices.revoke"), id: z.string().max(MAX_DEVICE_NAME_LENGTH) }),
]);

export type BoxCommand = z.output<typeof boxCommandSchema>;

const person = z.object({ name: z.string(), role: z.enum(roles) });
const device = z.object({ id: z.string(), name: z.string(), pairedAt: z.int() });

/** What came of it. */
export const boxAnswerSchema = z.discriminatedUnion("did", [
  z.object({ did: z.literal("people"), people: z.array(person.extend({ wrong: z.int(), lockedUntil: z.int() })) }),
  z.object({ did: z.literal("person"), event: z.enum(["added", "removed", "pin changed"]), name: z.string() }),
  z.object({ did: z.literal("code"), code: z.string(), expiresAt: z.int() }),
  z.object({ did: z.literal("devices"), devices: z.array(device) }),
  z.object({ did: z.literal("revoked"), device }),
]);

export type BoxAnswer = z.output<typeof boxAnswerSchema>;
