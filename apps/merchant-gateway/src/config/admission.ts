import type { Asset } from "@tallystick/money";
import { ProgramError } from "@tallystick/program";
import {
  type Address,
  type Admission,
  decodeAdmission,
  digestOf,
  encodeDomain,
  equalBytes,
  fromHex,
  isProtocolError,
  parseAddress,
  parsePublicKey,
  verifyDigest,
} from "@tallystick/protocol";
import { type AdmissionAnswer, admissionSchema, type Terms, termsSchema } from "@tallystick/protocol/wire";
import type { GivenCertificate, IssuerKey, ServedDomain } from "./gateway-config.ts";

/** Why an admission is not believed, or not this terminal's (spec §3.13). */
export type AdmissionFault =
  | "ADMISSION_UNREADABLE"
  | "ADMISSION_UNTRUSTED"
  | "ADMISSION_OTHER_VAULT"
  | "ADMISSION_OTHER_ASSET"
  | "ADMISSION_OTHER_REQUEST"
  | "ADMISSION_OTHER_TERMINAL"
  | "ADMISSION_OLDER";

const NEXT: Readonly<Record<AdmissionFault, string>> = {
  ADMISSION_UNREADABLE: "Compare the URL with what the issuer gave you; its settlement may be of another version.",
  ADMISSION_UNTRUSTED:
    "Do not go round it: somebody may stand in between. Compare issuerKeys with what the issuer gave you by another way.",
  ADMISSION_OTHER_VAULT: "Compare chainId and vault with what the issuer gave you.",
  ADMISSION_OTHER_ASSET: "Compare asset with what the issuer gave you: amounts would be shown wrong.",
  ADMISSION_OTHER_REQUEST: "Ask anew; if it stays so, somebody answers in settlement's place.",
  ADMISSION_OTHER_TERMINAL: "Compare payee, terminalId and category with what the issuer approved, and ask anew.",
  ADMISSION_OLDER: "Nothing was changed: what the terminal holds is newer.",
};

/** An admission that is not taken; nothing was changed. */
export class AdmissionError extends ProgramError {
  override readonly name = "AdmissionError";

  constructor(code: AdmissionFault, message: string) {
    super(code, message, { exit: "network", next: NEXT[code] });
  }
}

/** What a terminal holds of its issuer, by a key that it had pinned. */
export interface HeldAdmission {
  /** As it came; kept byte for byte. */
  readonly answer: AdmissionAnswer;
  readonly head: Admission;
  /** The certificates that came along, that of the pinned key first. */
  readonly certificate: GivenCertificate;
  /** Keys that sign now; pinned beside those that the terminal had. */
  readonly issuerKeys: readonly IssuerKey[];
  readonly guaranteeAccount: Address | null;
  readonly settlementUrl: string | null;
  readonly uploadWindowSeconds: number;
  readonly vaultDelaySeconds: number;
}

/**
 * Reads an admission for a domain, and believes it by that domain's pinned keys alone (spec §3.13). Throws
 * AdmissionError.
 */
export function readAdmission(
  json: unknown,
  { domain, asset, issuerKeys }: Pick<ServedDomain, "domain" | "asset" | "issuerKeys">,
): HeldAdmission {
  const parsed = admissionSchema.safeParse(json);
  if (!parsed.success) throw new AdmissionError("ADMISSION_UNREADABLE", "The answer holds no admission.");
  const answer = parsed.data;
  const found = believedHead(answer, issuerKeys);
  if (found === null)
    throw new AdmissionError("ADMISSION_UNTRUSTED", "No pinned issuer key has signed the admission that came.");
  const { head, index } = found;
  if (!equalBytes(encodeDomain(head.domain), encodeDomain(domain)))
    throw new AdmissionError("ADMISSION_OTHER_VAULT", "The admission is for another chain or vault.");
  if (!equalBytes(digestOf(new TextEncoder().encode(answer.terms)), head.termsHash))
    throw new AdmissionError("ADMISSION_UNTRUSTED", "The terms are not those that the issuer signed.");
  const terms = termsOf(answer.terms);
  if (!isSameAsset(terms.asset, asset)) {
    const { code, decimals, scale } = terms.asset;
    const message = `The issuer's asset is ${code} with ${decimals} decimals at scale ${scale}.`;
    throw new AdmissionError("ADMISSION_OTHER_ASSET", message);
  }
  return {
    ...{ answer, head, certificate: certificateOf(answer, index) },
    issuerKeys: terms.issuerKeys.map(({ id, publicKey }) => ({ id, publicKey: fromHex(publicKey) })),
    guaranteeAccount: terms.guaranteeAccount === null ? null : decoded(() => parseAddress(terms.guaranteeAccount)),
    settlementUrl: terms.settlementUrl,
    uploadWindowSeconds: terms.uploadWindowSeconds,
    vaultDelaySeconds: terms.vaultDelaySeconds,
  };
}

/** The first head by a pinned key. */
function believedHead(
  { heads }: AdmissionAnswer,
  issuerKeys: readonly IssuerKey[],
): { readonly head: Admission; readonly index: number } | null {
  for (const [index, { admission, signature }] of heads.entries()) {
    const bytes = fromHex(admission);
    const head = decoded(() => decodeAdmission(bytes));
    const key = issuerKeys.find(({ id }) => id === head.issuerKeyId);
    if (key !== undefined && verifyDigest(fromHex(signature), digestOf(bytes), key.publicKey)) return { head, index };
  }
  return null;
}

function certificateOf({ heads }: AdmissionAnswer, present: number): GivenCertificate {
  const given = heads.map(({ certificate, certificateSignature }) => ({
    certificate: fromHex(certificate),
    signature: fromHex(certificateSignature),
  }));
  const own = given[present];
  if (own === undefined) throw new RangeError("the head is one of those that came");
  return { ...own, others: given.filter((each) => each !== own) };
}

function termsOf(text: string): Terms {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const parsed = termsSchema.safeParse(json);
  const isKeyed = parsed.success && decoded(() => parsed.data.issuerKeys.every(({ publicKey }) => isKey(publicKey)));
  if (isKeyed) return parsed.data;
  throw new AdmissionError("ADMISSION_UNREADABLE", "The issuer's terms are of a form that this program does not know.");
}

function isKey(publicKey: string): boolean {
  parsePublicKey(fromHex(publicKey));
  return true;
}

function isSameAsset(told: Terms["asset"], { code, decimals, scale }: Asset): boolean {
  return told.code === code && told.decimals === decimals && told.scale === scale.toString();
}

function decoded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw new AdmissionError("ADMISSION_UNREADABLE", `The admission cannot be read: ${error.code}.`);
  }
}

/** Keys that were pinned, and those of an admission that are not among them. */
export function pinnedBeside(pinned: readonly IssuerKey[], added: readonly IssuerKey[]): readonly IssuerKey[] {
  return [...pinned, ...added.filter(({ id }) => !pinned.some((key) => key.id === id))];
}
