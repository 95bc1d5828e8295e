import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its key, both as PEM. */
export interface MadeCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateWish {
  readonly name: string;
  /** Names that the certificate is for. */
  readonly hosts?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Who signs it; itself when left out. */
  readonly issuer?: MadeCertificate & { readonly name: string };
}

/** Makes an X.509 certificate of a P-256 key, as a test wants it (RFC 5280). */
export function makeCertificate(wish: CertificateWish): MadeCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { name, hosts = [], issuer } = wish;
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const tbs = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(0x40, ...randomBytes(8))),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(utcTime(wish.notBefore), utcTime(wish.notAfter)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...(issuer === undefined ? [authority] : [hostsOf(hosts)]))),
  );
  const signature = sign("sha256", tbs, signer);
  const der = sequence(tbs, ecdsaWithSha256, tagged(0x03, Uint8Array.of(0), signature));
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, ...parts);
}

function integer(bytes: Uint8Array): Uint8Array {
  return tagged(0x02, bytes);
}

function oid(hex: string): Uint8Array {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function nameOf(text: string): Uint8Array {
  return sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(text)))));
}

function utcTime(date: Date): Uint8Array {
  return tagged(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

/** Basic constraints: it may sign others. */
const authority = sequence(
  oid("551d13"),
  tagged(0x01, Uint8Array.of(0xff)),
  tagged(0x04, sequence(tagged(0x01, Uint8Array.of(0xff)))),
);

function hostsOf(hosts: readonly string[]): Uint8Array {
  return sequence(oid("551d11"), tagged(0x04, sequence(...hosts.map((host) => tagged(0x82, Buffer.from(host))))));
}
