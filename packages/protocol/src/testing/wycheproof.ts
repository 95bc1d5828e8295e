import { readFileSync } from "node:fs";
import { concatBytes } from "../bytes/bytes.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { GROUP_ORDER } from "../bytes/signature-form.ts";
import { digestOf } from "../parties/signing.ts";

/** The files of Wycheproof for this curve with SHA-256 (vectors/outside/), by the form of their signatures. */
export type WycheproofForm = "der" | "p1363" | "bitcoin";

/** A case of Wycheproof. Each is `valid` or `invalid`; none of these files has an `acceptable` one. */
export interface WycheproofCase {
  readonly tcId: number;
  /** What the case is about; the first decides which rule it tests. */
  readonly flags: readonly string[];
  /** 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** SHA-256 of the message. */
  readonly digest: Uint8Array;
  /** Bytes of whatever length, in the file's form. */
  readonly signature: Uint8Array;
  readonly valid: boolean;
}

interface Line {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly publicKey: string;
  readonly msg: string;
  readonly sig: string;
  readonly result: "valid" | "invalid";
}

/**
 * The valid cases whose point has an x of n or more, by file: the recovery id is 2 there. They verify, but nobody can name
 * the card from r and a parity, so whoever needs the parity refuses them (spec §3.0).
 */
export const pointBeyondOrder: Readonly<Record<WycheproofForm, readonly number[]>> = {
  der: [350, 471],
  p1363: [115, 247],
  bitcoin: [346],
};

const HALF_ORDER = GROUP_ORDER >> 1n;

/** Whether an r ‖ s of 64 bytes has a high s, which is our own rule (spec §3.0); any other length has none. */
export function hasHighS(signature: Uint8Array): boolean {
  return signature.length === 64 && BigInt(toHex(signature.subarray(32))) > HALF_ORDER;
}

/** r ‖ s with s replaced by n − s where it is high, as whoever receives a card's signature makes it. */
export function withLowS(signature: Uint8Array): Uint8Array {
  if (!hasHighS(signature)) return signature;
  const s = BigInt(toHex(signature.subarray(32)));
  // An s of n or more stays as it is: it is out of range in either form.
  if (s >= GROUP_ORDER) return signature;
  return concatBytes(signature.subarray(0, 32), fromHex(`0x${(GROUP_ORDER - s).toString(16).padStart(64, "0")}`));
}

/** All cases of a file. Throws for a result that is neither valid nor invalid. */
export function wycheproofCases(form: WycheproofForm): WycheproofCase[] {
  const file = new URL(`../../../../vectors/outside/ecdsa-wycheproof-${form}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Line[] };
  return cases.map(({ tcId, flags, publicKey, msg, sig, result }) => {
    if (!["valid", "invalid"].includes(result))
      throw new Error(`case ${tcId} is ${result}, for which there is no rule`);
    const message = fromHex(msg);
    return {
      tcId,
      flags,
      publicKey: fromHex(publicKey),
      message,
      digest: digestOf(message),
      signature: fromHex(sig),
      valid: result === "valid",
    };
  });
}

/** The numbers of the cases on which a verifier does not say what it should; none where it is right. */
export function wrongVerdicts(
  cases: readonly WycheproofCase[],
  verdict: (entry: WycheproofCase) => boolean,
  expected: (entry: WycheproofCase) => boolean,
): number[] {
  return cases.filter((entry) => verdict(entry) !== expected(entry)).map(({ tcId }) => tcId);
}
