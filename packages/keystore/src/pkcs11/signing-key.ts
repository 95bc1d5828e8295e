import { compressKey, digestOf, equalBytes } from "@tallystick/protocol";
import { finishSignature, signingKeyOf } from "../finish-signature.ts";
import { KeystoreError } from "../keystore-error.ts";
import type { SigningKey } from "../ports.ts";
import { CKA, CKK, CKM, CKO, SECP256K1_PARAMETERS } from "./constants.ts";
import { attributeOf, findKey, FoundKey, ulongOf } from "./find-key.ts";
import { isCode, RETURN } from "./return-codes.ts";
import type { OpenSession, Token } from "./token.ts";

const SIGNATURE_BYTES = 64;

/** An uncompressed point. */
const POINT_BYTES = 65;

/** Signed once when a key is opened, so that a public key of another one is found then. */
const probe = digestOf(new TextEncoder().encode("Tallystick looks whether this key signs."));

/**
 * A secp256k1 key pair of a token, by its label; only digests go in and signatures come out. Throws
 * KeystoreError: HSM_KEY_UNSUITABLE for another type or curve, a key that may not sign, and a public
 * key that is another one's.
 */
export function openTokenSigningKey(token: Token, label: string): SigningKey {
  const what = `Signing by key ${label}`;
  const privateKey = new FoundKey((open) => findKey(token, open, { objectClass: CKO.privateKey, label }));
  const publicKey = token.now(what, (open) => {
    privateKey.in(open);
    return readPublicKey(token, open, label);
  });
  token.now(what, (open) => {
    beginSigning(token, open, privateKey, label);
    const raw = token.library.C_Sign(open.session, Buffer.from(probe), Buffer.alloc(SIGNATURE_BYTES));
    finished(raw, { digest: probe, publicKey }, label);
  });
  return signingKeyOf(publicKey, async (digest) => {
    const raw = await token.use(what, async (open) => {
      beginSigning(token, open, privateKey, label);
      return token.library.C_SignAsync(open.session, Buffer.from(digest), Buffer.alloc(SIGNATURE_BYTES));
    });
    return finished(raw, { digest, publicKey }, label);
  });
}

function beginSigning(token: Token, open: OpenSession, key: FoundKey, label: string): void {
  try {
    token.library.C_SignInit(open.session, { mechanism: CKM.ecdsa }, key.in(open));
  } catch (error) {
    if (!isCode(error, RETURN.keyFunctionNotPermitted)) throw error;
    throw new KeystoreError("HSM_KEY_UNSUITABLE", `Key ${label} may not sign.`);
  }
}

function finished(
  raw: Uint8Array,
  of: { readonly digest: Uint8Array; readonly publicKey: Uint8Array },
  label: string,
): ReturnType<typeof finishSignature> {
  try {
    return finishSignature(Uint8Array.from(raw), of);
  } catch {
    throw new KeystoreError("HSM_KEY_UNSUITABLE", `What key ${label} signed does not fit its public key.`);
  }
}

function readPublicKey(token: Token, open: OpenSession, label: string): Uint8Array {
  const unsuitable = (why: string): KeystoreError => new KeystoreError("HSM_KEY_UNSUITABLE", `Key ${label} ${why}.`);
  const handle = findKey(token, open, { objectClass: CKO.publicKey, label });
  if (ulongOf(attributeOf(token, open, [handle, CKA.keyType])) !== CKK.ec)
    throw unsuitable("is no key of an elliptic curve");
  const curve = attributeOf(token, open, [handle, CKA.ecParameters]);
  if (curve === null || !equalBytes(Uint8Array.from(curve), SECP256K1_PARAMETERS))
    throw unsuitable("is on another curve than secp256k1");
  const point = attributeOf(token, open, [handle, CKA.ecPoint]);
  // An octet string around the point, which some libraries leave out.
  const bytes = point?.length === POINT_BYTES + 2 && point[1] === POINT_BYTES ? point.subarray(2) : point;
  try {
    return compressKey(Uint8Array.from(bytes ?? []));
  } catch {
    throw unsuitable("shows no point of its curve");
  }
}
