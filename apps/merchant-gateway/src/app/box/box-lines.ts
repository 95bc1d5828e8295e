import type { BoxLine, PairingLine, TlsLine } from "./run-box.ts";

/** What a command about people or devices has done, for people. */
export function boxSentence({ answer }: BoxLine): string {
  switch (answer.did) {
    case "people":
      if (answer.people.length === 0) return "No people are known: whoever reaches the terminal may do everything.";
      return answer.people
        .map(({ name, role, wrong }) => `${name}: ${role}${wrong === 0 ? "" : `, ${wrong} wrong PINs`}`)
        .join("\n");
    case "person":
      return `${answer.name}: ${answer.event}.`;
    case "devices":
      if (answer.devices.length === 0) return "No device is paired.";
      return answer.devices.map(({ id, name, pairedAt }) => `${id}  ${name}, paired ${dateOf(pairedAt)}`).join("\n");
    case "revoked":
      return `${answer.device.name} (${answer.device.id}) is revoked.`;
  }
}

/** A code as it is shown at the box. */
export function pairingText({
  code,
  expiresAt,
  url,
  help,
  authorityFingerprint,
  keyFingerprint,
  qr,
}: PairingLine): string {
  return [
    `Code ${code}, until ${dateOf(expiresAt)}, for one device. Open ${url}`,
    qr.trimEnd(),
    ...(help === null ? [] : [`First, once on each device: install this box's certificate, see ${help}`]),
    ...(authorityFingerprint === null ? [] : [`Its SHA-256 fingerprint is ${authorityFingerprint}`]),
    ...(keyFingerprint === null ? [] : [`Programs pin the box's key: sha256//${keyFingerprint}`]),
  ].join("\n");
}

export function tlsSentence({ folder, names, authorityFingerprint, keyFingerprint, notAfter }: TlsLine): string {
  return [
    `The box's certificate for ${names.join(", ")} is in ${folder}, until ${dateOf(notAfter)}; it is renewed by itself.`,
    `The authority's SHA-256 fingerprint is ${authorityFingerprint}`,
    `Programs pin the box's key: sha256//${keyFingerprint}`,
  ].join("\n");
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 16).replace("T", " ");
}
