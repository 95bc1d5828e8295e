import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIPv4 } from "node:net";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import { DAY_SECONDS } from "../../limits.ts";
import { AUTHORITY_DAYS, BEGIN_BEFORE_SECONDS, LEAF_DAYS, SERIAL_BYTES } from "./limits.ts";

/** A key pair of this machine. */
export type KeyPair = webcrypto.CryptoKeyPair;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const NAME_CONSTRAINTS = "2.5.29.30";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

x509.cryptoProvider.set(webcrypto);

/** A new P-256 key, which may be written to a file. */
export async function makeKeys(): Promise<KeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/**
 * The box's own authority: it certifies servers under these names and addresses and no other, whoever
 * gets its key (RFC 5280 §4.2.1.10). Where no address is among them, all are excluded, and likewise for
 * names: a constraint binds only names of its own kind. Times in seconds.
 */
export async function makeAuthority(
  keys: KeyPair,
  names: readonly string[],
  now: number,
): Promise<x509.X509Certificate> {
  const keyId = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  return await x509.X509CertificateGenerator.createSelfSigned({
    ...{ keys, signingAlgorithm: ALGORITHM, serialNumber: serial() },
    name: [{ CN: [`Tallystick box ${names[0] ?? ""}`] }],
    ...lifetime(now, AUTHORITY_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.Extension(NAME_CONSTRAINTS, true, AsnConvert.serialize(constraintsOf(names))),
      keyId,
    ],
  });
}

/** The certificate that the box shows under these names. */
export async function makeLeaf(
  authority: { readonly certificate: x509.X509Certificate; readonly keys: KeyPair },
  leaf: { readonly publicKey: webcrypto.CryptoKey; readonly names: readonly string[] },
  now: number,
): Promise<x509.X509Certificate> {
  const { publicKey, names } = leaf;
  return await x509.X509CertificateGenerator.create({
    ...{ publicKey, signingKey: authority.keys.privateKey, signingAlgorithm: ALGORITHM, serialNumber: serial() },
    // Not one of the names: OpenSSL would hold an address against the constraints of names.
    subject: [{ CN: ["Tallystick box"] }],
    issuer: authority.certificate.subject,
    ...lifetime(now, LEAF_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIPv4(value) ? ("ip" as const) : ("dns" as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
}

function constraintsOf(names: readonly string[]): NameConstraints {
  const addresses = names.filter(isIPv4).map((address) => new GeneralName({ iPAddress: `${address}/32` }));
  const hosts = names.filter((name) => !isIPv4(name)).map((name) => new GeneralName({ dNSName: name }));
  const anyAddress = ["0.0.0.0/0", "::/0"].map((range) => new GeneralName({ iPAddress: range }));
  const excluded = [
    ...(addresses.length === 0 ? anyAddress : anyAddress.slice(1)),
    ...(hosts.length === 0 ? [new GeneralName({ dNSName: "" })] : []),
  ];
  return new NameConstraints({
    permittedSubtrees: subtrees([...hosts, ...addresses]),
    excludedSubtrees: subtrees(excluded),
  });
}

function subtrees(bases: readonly GeneralName[]): GeneralSubtrees {
  return new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base })));
}

function lifetime(now: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const begin = now - BEGIN_BEFORE_SECONDS;
  return { notBefore: new Date(begin * 1_000), notAfter: new Date((now + days * DAY_SECONDS) * 1_000) };
}

function serial(): string {
  // Positive, as RFC 5280 wants it.
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
