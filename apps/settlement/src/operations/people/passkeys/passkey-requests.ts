import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { lineText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { PASSKEY_NAME_CHARACTERS } from "../../../foundation/people/limits.ts";

/** A passkey that a browser made, and what its person calls it. */
export interface NewPasskey {
  readonly name: string | null;
  readonly response: RegistrationResponseJSON;
}

/** base64url; the longest are attestations of keys, which are not asked for. */
const bytes = z
  .string()
  .max(16_384)
  .regex(/^[\w-]*$/);
const credential = {
  ...{ id: bytes, rawId: bytes, type: z.literal("public-key") },
  authenticatorAttachment: z.enum(["cross-platform", "platform"]).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
};

/** What a browser answers that made a passkey; what else it says is left out. */
export const registrationSchema = z
  .object({
    ...credential,
    response: z.object({
      ...{ clientDataJSON: bytes, attestationObject: bytes },
      transports: z.array(z.string().max(32)).max(8).optional(),
    }),
    name: lineText(PASSKEY_NAME_CHARACTERS).nullish(),
  })
  .transform(({ name = null, ...given }): NewPasskey => ({
    name,
    response: given as unknown as RegistrationResponseJSON,
  }));

/** A passkey that its person removes. */
export const removalSchema = z.strictObject({ id: bytes.min(1) });

export type Removal = z.infer<typeof removalSchema>;

/** What a browser answers that signs in by one. */
export const authenticationSchema = z
  .object({
    ...credential,
    response: z.object({
      ...{ clientDataJSON: bytes, authenticatorData: bytes, signature: bytes },
      userHandle: bytes.nullish(),
    }),
  })
  .transform(({ response: { userHandle, ...response }, ...given }) => {
    const handle = userHandle === null || userHandle === undefined ? {} : { userHandle };
    return { ...given, response: { ...response, ...handle } } as AuthenticationResponseJSON;
  });
