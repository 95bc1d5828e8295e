import { createHash, randomBytes } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";

/** What a relying party asks for, as its options are JSON. */
export interface AskedOptions {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
}

/** What a page, or somebody between, may have changed. */
export interface Tampering {
  readonly origin?: string;
  readonly challenge?: string;
  readonly relyingParty?: string;
  /** Of the flags in the authenticator's data; present and verified where left out. */
  readonly flags?: number;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly credentialId?: string;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** CBOR (RFC 8949) of the few types that an attestation has, in their canonical form. */
function cbor(value: number | string | Uint8Array | ReadonlyMap<number | string, unknown>): Buffer {
  if (typeof value === "number") return value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([cborHead(2, value.length), value]);
  const parts = [...value].flatMap(([key, each]) => [cbor(key), cbor(each as never)]);
  return Buffer.concat([cborHead(5, value.size), ...parts]);
}

function cborHead(major: number, length: number): Buffer {
  const type = major << 5;
  if (length < 24) return Buffer.from([type | length]);
  if (length < 256) return Buffer.from([type | 24, length]);
  return Buffer.from([type | 25, length >> 8, length & 0xff]);
}

/** An authenticator with one passkey of P-256 in software, and the browser before it, at an origin. */
export class SoftAuthenticator {
  readonly credentialId = base64url(randomBytes(32));
  private readonly origin: string;
  private readonly secret = p256.utils.randomSecretKey();
  private userHandle = "";
  counter = 0;

  constructor(origin: string) {
    this.origin = origin;
  }

  /** The answer to `navigator.credentials.create`. */
  register({ challenge, rp, user }: AskedOptions, tampering: Tampering = {}): object {
    this.userHandle = user?.id ?? "";
    const point = p256.getPublicKey(this.secret, false);
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point.slice(1, 33)],
      [-3, point.slice(33)],
    ]);
    const id = Buffer.from(this.credentialId, "base64url");
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cbor(key)]);
    const flags = (tampering.flags ?? PRESENT | VERIFIED) | ATTESTED;
    const authData = Buffer.concat([this.data(rp?.id ?? "", { ...tampering, flags }), attested]);
    const attestation = new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]);
    return this.answer(tampering, {
      clientDataJSON: base64url(this.clientData("webauthn.create", challenge, tampering)),
      attestationObject: base64url(cbor(attestation)),
      transports: ["internal"],
    });
  }

  /** The answer to `navigator.credentials.get`. */
  signIn({ challenge, rpId }: AskedOptions, tampering: Tampering = {}): object {
    this.counter += 1;
    const clientData = this.clientData("webauthn.get", challenge, tampering);
    const authData = this.data(rpId ?? "", tampering);
    const signed = Buffer.concat([authData, sha256(clientData)]);
    return this.answer(tampering, {
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(authData),
      signature: base64url(p256.sign(signed, this.secret, { format: "der" })),
      userHandle: tampering.userHandle ?? this.userHandle,
    });
  }

  private answer({ credentialId = this.credentialId }: Tampering, response: object): object {
    return { id: credentialId, rawId: credentialId, type: "public-key", clientExtensionResults: {}, response };
  }

  private clientData(type: string, challenge: string, tampering: Tampering): Buffer {
    const { origin = this.origin } = tampering;
    return Buffer.from(
      JSON.stringify({ type, challenge: tampering.challenge ?? challenge, origin, crossOrigin: false }),
    );
  }

  private data(relyingParty: string, tampering: Tampering): Buffer {
    const { flags = PRESENT | VERIFIED, counter = this.counter } = tampering;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(Buffer.from(tampering.relyingParty ?? relyingParty)), Buffer.from([flags]), count]);
  }
}
