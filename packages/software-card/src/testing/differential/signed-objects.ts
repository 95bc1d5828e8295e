import { concatBytes } from "@tallystick/apdu";
import type { Issuer } from "./issuer.ts";
import { number, tagged } from "./rebuild.ts";
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

/** Who signs, for a card of which domain; `abroad` is the domain of a forgery. */
export interface SignedFor {
  readonly issuer: Issuer;
  readonly home: Uint8Array;
  readonly abroad: Uint8Array;
}

const domainFor = ({ home, abroad }: SignedFor, forge: Forgery) => (forge === "other-domain" ? abroad : home);
const keyIdFor = (issuer: Issuer, forge: Forgery) => Uint8Array.of(forge === "other-key-id" ? 2 : issuer.keyId);

/** Body ‖ signature of an allowance for this card (spec §3.3). */
export function signedAllowance(
  signed: SignedFor,
  step: AllowanceStep,
  card: { readonly address: Uint8Array; readonly seq: number; readonly maxSpent: number; readonly maxCounter: number },
): Uint8Array {
  const { issuer } = signed;
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
  const message = tagged("TLYA", domainFor(signed, step.forge), card.address, body);
  return concatBytes(body, issuer.sign(message, step.forge));
}

/** `TLYM` ‖ signature (spec §3.4). */
export function signedCertificate(signed: SignedFor, step: CertificateStep): Uint8Array {
  const { issuer } = signed;
  const certificate = tagged(
    "TLYM",
    domainFor(signed, step.forge),
    keyIdFor(issuer, step.forge),
    PAYEES[step.payee] ?? new Uint8Array(20),
    Uint8Array.of(step.category),
    TERMINALS[step.terminal] ?? new Uint8Array(8),
    keyOfTerminal(issuer, step),
    number(NOT_BEFORE, 4),
    number(step.valid ? NOT_AFTER : NOT_BEFORE, 4),
    new Uint8Array(28).fill(0x01),
  );
  return concatBytes(certificate, issuer.sign(certificate, step.forge));
}

/** The terminal's key, another one, or bytes that are no point of the curve. */
function keyOfTerminal({ terminal, otherPublicKey }: Issuer, { key }: CertificateStep): Uint8Array {
  if (key === "own") return terminal.publicKey;
  return key === "other" ? otherPublicKey : Uint8Array.of(4, ...new Uint8Array(64).fill(0x05));
}

/** Payee ‖ signature over `TLYG` (spec §3.7, §4.13), as GET LOG carries them. */
export function signedReading(
  signed: SignedFor,
  reading: {
    readonly payee: Uint8Array;
    readonly cardTag: Uint8Array;
    readonly challenge: Uint8Array;
    readonly forge: Forgery;
  },
): Uint8Array {
  const { payee, cardTag, challenge, forge } = reading;
  const message = tagged("TLYG", domainFor(signed, forge), cardTag, challenge);
  const { issuer } = signed;
  const key = forge === "other-key-id" ? issuer : issuer.terminal;
  return concatBytes(payee, key.sign(message, forge));
}

/** `TLYS` ‖ signature (spec §3.5). */
export function signedBeacon(signed: SignedFor, seq: number, forge: Forgery): Uint8Array {
  const { issuer } = signed;
  const head = tagged(
    "TLYS",
    domainFor(signed, forge),
    keyIdFor(issuer, forge),
    number(Math.max(seq, 0), 4),
    new Uint8Array(44).fill(0x33),
  );
  return concatBytes(head, issuer.sign(head, forge));
}
