import { bytesToHex } from "../iso7816/bytes.ts";

/** Lines of an offset and up to 16 bytes, for messages that people read. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const hex = bytesToHex(bytes.subarray(offset, offset + 16)).replace(/(..)(?=.)/g, "$1 ");
    lines.push(`${offset.toString(16).toUpperCase().padStart(4, "0")}  ${hex}`);
  }
  return lines.join("\n");
}
