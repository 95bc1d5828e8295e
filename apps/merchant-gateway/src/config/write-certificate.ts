import { statSync } from "node:fs";
import { toHex } from "@tallystick/protocol";
import type { GivenCertificate } from "./gateway-config.ts";
import { replaceFile } from "./replace-file.ts";

/** Replaces a certificate's file, with the rights that it has. Throws where it cannot be written. */
export function writeCertificate(path: string, { others = [], ...present }: GivenCertificate): void {
  const content = { ...textOf(present), ...(others.length === 0 ? {} : { others: others.map(textOf) }) };
  replaceFile(path, `${JSON.stringify(content)}\n`, statSync(path).mode);
}

function textOf({ certificate, signature }: GivenCertificate) {
  return { certificate: toHex(certificate), signature: toHex(signature) };
}
