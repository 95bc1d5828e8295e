import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";

/**
 * Writes a signing key as a development file, which says of itself that it is one. Keys are drawn anew at each run.
 * @param privateKey 0x and 64 hex digits; drawn when absent
 */
export function writeDevelopmentKey(path: string, options: { keyId?: number; privateKey?: string } = {}): void {
  const { keyId = 1, privateKey = `0x${randomBytes(32).toString("hex")}` } = options;
  const content = { schema: "tallystick.dev-key/1", development: true, keyId, privateKey };
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** Writes a card master key (AES-128), from which every card's own keys are derived, as a development file. */
export function writeMasterKey(path: string): void {
  const masterKey = `0x${randomBytes(16).toString("hex")}`;
  const content = { schema: "tallystick.dev-master-key/1", development: true, masterKey };
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** A bearer token for one run. */
export function drawToken(): string {
  return randomBytes(24).toString("hex");
}

/** A payout address nobody holds a key of in this run: money is only sent there. */
export function drawAddress(): string {
  return `0x${randomBytes(20).toString("hex")}`;
}
