import "reflect-metadata";
import { createHash, webcrypto, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePrivate, ProgramError } from "@tallystick/program";
import * as x509 from "@peculiar/x509";
import type { TlsConfig } from "../../config/gateway-config.ts";
import { DAY_SECONDS } from "../../limits.ts";
import { type KeyPair, makeAuthority, makeKeys, makeLeaf } from "./box-certificates.ts";
import { RENEW_BEFORE_DAYS } from "./limits.ts";

/** What the box serves TLS with, and what others know it by. */
export interface BoxTls {
  /** PEM. */
  readonly key: string;
  /** PEM: the certificate, and the authority behind it. */
  readonly cert: string;
  /** PEM of the authority, for devices to install. */
  readonly authority: string;
  /** SHA-256 of the authority's certificate, as browsers and systems show it. */
  readonly authorityFingerprint: string;
  /** SHA-256 of the box's public key in base64, as `curl --pinnedpubkey sha256//…` takes it; it outlives renewals. */
  readonly keyFingerprint: string;
  readonly names: readonly string[];
  /** Seconds. */
  readonly notAfter: number;
}

const FILES = {
  names: "names.json",
  authorityKey: "authority.key.pem",
  authority: "authority.crt",
  key: "box.key.pem",
  cert: "box.crt",
} as const;

/**
 * Reads the box's keys and certificates, and makes what is missing or near its end; the keys stay. Throws
 * ProgramError TLS_NAMES_CHANGED where the authority was made for other names. `now` in seconds.
 */
export async function openBoxTls({ folder, names }: Pick<TlsConfig, "folder" | "names">, now: number): Promise<BoxTls> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (file: keyof typeof FILES): string => join(folder, FILES[file]);
  const authorityKeys = await keysAt(at("authorityKey"));
  const boxKeys = await keysAt(at("key"));
  if (!existsSync(at("authority"))) {
    writeWhole(at("names"), JSON.stringify(names));
    writeWhole(at("authority"), (await makeAuthority(authorityKeys, names, now)).toString("pem"));
  }
  assertSameNames(readFileSync(at("names"), "utf8"), names);
  const certificate = new x509.X509Certificate(readFileSync(at("authority"), "utf8"));
  if (!existsSync(at("cert")) || isToRenew(readFileSync(at("cert"), "utf8"), now)) {
    const leaf = { publicKey: boxKeys.publicKey, names };
    writeWhole(at("cert"), (await makeLeaf({ certificate, keys: authorityKeys }, leaf, now)).toString("pem"));
  }
  return describe({
    authority: readFileSync(at("authority"), "utf8"),
    leaf: readFileSync(at("cert"), "utf8"),
    key: readFileSync(at("key"), "utf8"),
    names,
  });
}

/** Whether the certificate is near its end, or by this clock not valid yet. */
export function isToRenew(pem: string, now: number): boolean {
  const { validFrom, validTo } = new X509Certificate(pem);
  const [from, to] = [Date.parse(validFrom) / 1_000, Date.parse(validTo) / 1_000];
  return now < from || now >= to - RENEW_BEFORE_DAYS * DAY_SECONDS;
}

function describe({
  authority,
  leaf,
  key,
  names,
}: {
  readonly authority: string;
  readonly leaf: string;
  readonly key: string;
  readonly names: readonly string[];
}): BoxTls {
  const parsed = new X509Certificate(leaf);
  const spki = parsed.publicKey.export({ type: "spki", format: "der" });
  return {
    ...{ key, authority, names },
    cert: `${leaf.trimEnd()}\n${authority.trimEnd()}\n`,
    authorityFingerprint: new X509Certificate(authority).fingerprint256,
    keyFingerprint: createHash("sha256").update(spki).digest("base64"),
    notAfter: Date.parse(parsed.validTo) / 1_000,
  };
}

async function keysAt(path: string): Promise<KeyPair> {
  if (!existsSync(path)) {
    const made = await makeKeys();
    const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", made.privateKey));
    writeWhole(path, x509.PemConverter.encode(der, "PRIVATE KEY"));
  }
  const [der] = x509.PemConverter.decode(readFileSync(path, "utf8"));
  if (der === undefined)
    throw new ProgramError("TLS_KEY_UNREADABLE", `${path} is no key.`, {
      exit: "keys",
      next: "Put the file back, or move the folder away: devices then install the new authority.",
    });
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const privateKey = await webcrypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey("jwk", privateKey);
  const point = { kty: kty ?? "", crv: crv ?? "", x: x ?? "", y: y ?? "" };
  const publicKey = await webcrypto.subtle.importKey("jwk", point, algorithm, true, ["verify"]);
  return { privateKey, publicKey };
}

/** A file is there whole or not at all, and its owner's alone. */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`;
  makePrivate(beside);
  writeFileSync(beside, text);
  renameSync(beside, path);
}

function assertSameNames(kept: string, names: readonly string[]): void {
  if (kept === JSON.stringify(names)) return;
  const next =
    "Name the same names in the same order, or move the folder away: devices then install the new authority.";
  throw new ProgramError("TLS_NAMES_CHANGED", `The box's authority was made for other names: ${kept}.`, {
    exit: "usage",
    next,
  });
}
