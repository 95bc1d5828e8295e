import { isLoopbackUrl } from "@tallystick/program";
import { z } from "zod";
import { DEFAULT_SESSION_HOURS, DEFAULT_SESSION_MINUTES, SESSION_HOURS, SESSION_MINUTES } from "../people/limits.ts";

/** Where browsers find administration: a scheme, a name and maybe a port, and nothing else. */
const origin = z
  .url({ protocol: /^https?$/ })
  .refine((text) => new URL(text).origin === text, "must be an origin such as https://settlement.example")
  .refine(
    (text) => text.startsWith("https:") || isLoopbackUrl(text),
    "must be https, unless it is this machine: else whoever listens on the way has the session",
  );

/** `"signIn": {"origin": "https://settlement.example"}`: how people sign in. */
export const signIn = z.strictObject({
  /** The address that people type; `http://localhost` with administration's port where it is left out. */
  origin: origin.optional(),
  /** The name that passkeys are bound to: that of `origin`, or one above it; for good, once there are passkeys. */
  relyingParty: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "must be a host name in lower case")
    .optional(),
  /** Minutes after which a session ends in which nothing was asked. */
  idleMinutes: z.int().min(1).max(SESSION_MINUTES).default(DEFAULT_SESSION_MINUTES),
  /** Hours after which a session ends in any case. */
  sessionHours: z.int().min(1).max(SESSION_HOURS).default(DEFAULT_SESSION_HOURS),
});
