import { hash, verify } from "@node-rs/argon2";
import {
  MAX_PIN_DIGITS,
  MIN_PIN_DIGITS,
  PIN_ALGORITHM,
  PIN_MEMORY_KIB,
  PIN_PARALLELISM,
  PIN_PASSES,
} from "./limits.ts";

/** Whether a text is a PIN. */
export function isPin(text: string): boolean {
  return new RegExp(`^[0-9]{${MIN_PIN_DIGITS},${MAX_PIN_DIGITS}}$`).test(text);
}

/** What is kept of a PIN: Argon2id with its salt and parameters, as text. */
export async function hashPin(pin: string): Promise<string> {
  return await hash(pin, {
    algorithm: PIN_ALGORITHM,
    memoryCost: PIN_MEMORY_KIB,
    timeCost: PIN_PASSES,
    parallelism: PIN_PARALLELISM,
  });
}

/** Whether a PIN is the one that was kept. */
export async function isRightPin(kept: string, pin: string): Promise<boolean> {
  return await verify(kept, pin);
}
