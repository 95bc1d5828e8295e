import { fromHex } from "@tallystick/protocol";
import { Problem } from "../../foundation/http/problem.ts";
import { unknownRequest } from "./certificate-requests.ts";

/** A request's id in a path. Throws Problem CERTIFICATE_REQUEST_UNKNOWN. */
export function requestId(text: string): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/.test(text)) throw unknownRequest();
  return fromHex(text);
}

/** All 20 digits, as a person types them. Throws Problem MALFORMED_BODY. */
export function typedDigits(text: unknown): string {
  const digits = String(text).replaceAll(/\s/g, "").toLowerCase();
  if (/^[0-9a-f]{20}$/.test(digits)) return digits;
  throw new Problem("MALFORMED_BODY", "digits: write all 20 hexadecimal digits.");
}
