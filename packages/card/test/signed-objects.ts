import { concatBytes } from "@tallystick/apdu";
import type { Issuer } from "./issuer.ts";
import { DOMAIN, number, OTHER_DOMAIN, tagged } from "./rebuild.ts";
import {
  type AllowanceStep,
  type CertificateStep,
  type Forgery,
  NOT_AFTER,
  NOT_BEFORE,
  PAYEES,
  TERMINALS,
} from "./step.ts";

// What the issuer of a sequence signs, or forges; each with its signature behind.

const domainFor = (forge: Forgery) => (forge === "other-domain" ? OTHER_DOMAIN : DOMAIN);
const keyIdFor = (issuer: Issuer, forge: Forgery) => Uint8Array.of(forge === "other-key-id" ? 2 : issuer.keyId);

/** Body ‖ signature of an allowance for this card (spec §3.3). */
export function signedAllowance(
  issuer: Issuer,
  step: AllowanceStep,
  card: { readonly address: Uint8Array; readonly seq: number; readonly maxSpent: number; readonly maxCounter: number },
): Uint8Array {
  const categories = { all: 0xff, some: 0x08, none: 0x00 }[step.categories];
  const body = concatBytes(
    keyIdFor(issuer, step.forge),
    number(card.seq, 4),
    number(card.maxSpent, 6),
    number(card.maxSpent, 6),
    number(card.maxCounter, 4),
    number(step.perTap, 6),
    number(step.pinAbove, 6),
    number(step.noPinSum, 6),
    Uint8Array.of(step.noPinCount),
    number(NOT_BEFORE, 4),
    number(NOT_AFTER, 4),
    number(7, 4),
    new Uint8Array(8).fill(categories),
    number(step.flags, 2),
  );
  const message = tagged("TLYA", domainFor(step.forge), card.address, body);
  return concatBytes(body, issuer.sign(message, step.forge));
}

/** `TLYM` ‖ signature (spec §3.4). */
export function signedCertificate(issuer: Issuer, step: CertificateStep): Uint8Array {
  const certificate = tagged(
    "TLYM",
    domainFor(step.forge),
    keyIdFor(issuer, step.forge),
    PAYEES[step.payee] ?? new Uint8Array(20),
    Uint8Array.of(step.category),
    TERMINALS[step.terminal] ?? new Uint8Array(8),
    issuer.publicKey.slice(0, 33),
    number(NOT_BEFORE, 4),
    number(step.valid ? NOT_AFTER : NOT_BEFORE, 4),
    new Uint8Array(16).fill(0x01),
  );
  return concatBytes(certificate, issuer.sign(certificate, step.forge));
}

/** `TLYS` ‖ signature (spec §3.5). */
export function signedBeacon(issuer: Issuer, seq: number, forge: Forgery): Uint8Array {
  const head = tagged(
    "TLYS",
    domainFor(forge),
    keyIdFor(issuer, forge),
    number(Math.max(seq, 0), 4),
    new Uint8Array(44).fill(0x33),
  );
  return concatBytes(head, issuer.sign(head, forge));
}
