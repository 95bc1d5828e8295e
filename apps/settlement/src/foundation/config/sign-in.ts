import { isLoopbackUrl } from "@tallystick/program";
import { z } from "zod";
import {
  DEFAULT_SESSION_HOURS,
  DEFAULT_SESSION_MINUTES,
  PROVIDED_ROLES,
  PROVIDER_CHARACTERS,
  SESSION_HOURS,
  SESSION_MINUTES,
} from "../people/limits.ts";
import { STAFF } from "../rights.ts";

/** Where browsers find administration: a scheme, a name and maybe a port, and nothing else. */
const origin = z
  .url({ protocol: /^https?$/ })
  .refine((text) => new URL(text).origin === text, "must be an origin such as https://settlement.example")
  .refine(
    (text) => text.startsWith("https:") || isLoopbackUrl(text),
    "must be https, unless it is this machine: else whoever listens on the way has the session",
  );

const text = z.string().min(1).max(PROVIDER_CHARACTERS);

/** An OpenID Connect provider by which the operator's own people sign in. */
const provider = z.strictObject({
  /** Its issuer, as its tokens name it. */
  issuer: z
    .url({ protocol: /^https?$/ })
    .refine((given) => given.startsWith("https:") || isLoopbackUrl(given), "must be https, unless it is this machine"),
  clientId: text,
  clientSecret: text,
  scope: text.default("openid profile"),
  /** The claim that is the person's name here; it must be one that people cannot choose for themselves. */
  nameClaim: text.default("preferred_username"),
  /** The claim whose value, or one of whose values, gives a role. */
  roleClaim: text.default("groups"),
  /** Which value gives which role; the first that fits counts, and without one nobody comes in. */
  roles: z
    .record(text, z.enum(STAFF))
    .refine((roles) => Object.keys(roles).length <= PROVIDED_ROLES, `at most ${PROVIDED_ROLES} values`),
});

/** `"signIn": {"origin": "https://settlement.example"}`: how people sign in. */
export const signIn = z.strictObject({
  /** The address that people type; `http://localhost` with administration's port where it is left out. */
  origin: origin.optional(),
  /** The name that passkeys are bound to: that of `origin`, or one above it; for good, once there are passkeys. */
  relyingParty: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "must be a host name in lower case")
    .optional(),
  provider: provider.optional(),
  /** Minutes after which a session ends in which nothing was asked. */
  idleMinutes: z.int().min(1).max(SESSION_MINUTES).default(DEFAULT_SESSION_MINUTES),
  /** Hours after which a session ends in any case. */
  sessionHours: z.int().min(1).max(SESSION_HOURS).default(DEFAULT_SESSION_HOURS),
});
