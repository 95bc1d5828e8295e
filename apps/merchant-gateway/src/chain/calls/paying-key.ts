import { readFileSync, statSync } from "node:fs";
import { fromHex } from "@tallystick/protocol";
import { ChainError } from "../chain-error.ts";

/** Reads the key that pays the gas, `{"privateKey":"0x…"}` in a file for its owner's eyes only. Throws PAYING_KEY_UNREADABLE. */
export function readPayingKey(path: string): Uint8Array {
  try {
    if ((statSync(path).mode & 0o077) !== 0) throw new Error("others may read it; run chmod 600 on it");
    const json = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    return fromHex(json["privateKey"], 32);
  } catch (error) {
    const reason = (error as { readonly message?: string }).message ?? String(error);
    throw new ChainError("PAYING_KEY_UNREADABLE", `${path} gives no key: ${reason}.`);
  }
}
