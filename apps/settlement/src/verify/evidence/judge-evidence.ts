import { leafHash, verifyInclusion } from "@tallystick/ledger-core";
import {
  addressOfKey,
  createSignatureChecks,
  decodeMerchantCertificate,
  decodeUpload,
  decodeVoucherBundle,
  decodeVoucherMessage,
  digestOf,
  equalBytes,
  fromHex,
  judgeVoucherBytes,
  messageHash,
  sameDomain,
  toChecksumAddress,
  toHex,
  voucherId,
  type CardObservation,
  type Domain,
  type SignatureChecks,
  type VoucherMessage,
} from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import type { Evidence } from "../../operations/cases/evidence-file.ts";
import { amountTexts } from "../amount-texts.ts";
import { claimFindings, type SignedByCard } from "./claims.ts";
import type { Finding } from "./finding.ts";

const engine = createNativeEngine();

/**
 * Judges an evidence file by itself: signatures of the card and of terminals, the issuer's where its
 * key is pinned, what the kind of case claims, and the proofs from the log of the books. Throws
 * ProtocolError where bytes have not their form.
 */
export function judgeEvidence(evidence: Evidence, pinned: readonly Uint8Array[]): readonly Finding[] {
  const { findings, signed } = messageFindings(evidence, pinned);
  return [
    ...findings,
    ...claimFindings(evidence, signed),
    ...uploadFindings(evidence, pinned),
    ...evidence.proofs.map((proof) => proofFinding(evidence, proof)),
  ];
}

type Message = Evidence["messages"][number];

interface Judged {
  readonly findings: readonly Finding[];
  /** Null where the file names no card. */
  readonly signed: SignedByCard | null;
}

function messageFindings(evidence: Evidence, pinned: readonly Uint8Array[]): Judged {
  if (evidence.cardKey === null) return { findings: [], signed: null };
  const cardKey = fromHex(evidence.cardKey, 33);
  const card = addressOfKey(cardKey);
  const domain = { chainId: BigInt(evidence.domain.chainId), vault: fromHex(evidence.domain.vault, 20) } as Domain;
  const keys = evidence.issuerKeys
    .map((key) => ({ domain, id: key.id, publicKey: fromHex(key.publicKey) }))
    .filter(({ publicKey }) => pinned.length === 0 || pinned.some((key) => equalBytes(key, publicKey)));
  const checks = createSignatureChecks(keys, engine);
  const amount = amountTexts(evidence.asset);
  const findings: Finding[] = [];
  const messages: { bytes: string; message: VoucherMessage }[] = [];
  const observations: CardObservation[] = [];
  const allowed: bigint[] = [];
  for (const each of evidence.messages) {
    const message = decodeVoucherMessage(fromHex(each.message));
    const right =
      engine.verify(fromHex(each.signature), messageHash(message), cardKey) &&
      sameDomain(message.domain, domain) &&
      toHex(voucherId(card, message)) === each.voucherId;
    const payment = `${amount(message.amount)} to ${toChecksumAddress(message.payee)} by its counter ${message.counter}`;
    findings.push({ holds: right, text: `Card ${toChecksumAddress(card)} signed ${payment}.` });
    if (right) messages.push({ bytes: each.message, message });
    if (each.bundle === null) continue;
    const entry = judgedEntry({ ...each, bundle: each.bundle }, checks);
    const whose = pinned.length === 0 ? "the key that the file names" : "the issuer's key";
    findings.push({ holds: entry.holds, text: `Voucher ${each.voucherId.slice(0, 10)}… ${entry.said}, by ${whose}.` });
    if (!right || !entry.holds || entry.observation === null) continue;
    observations.push(entry.observation);
    allowed.push(decodeVoucherBundle(fromHex(each.bundle)).allowanceBody.maxSpent);
  }
  return { findings, signed: { card, cardKey, domain, checks, messages, observations, allowed } };
}

/** The whole entry: it holds the same message, and the issuer allowed the card, where its key is pinned. */
function judgedEntry(
  { bundle, message }: Message & { readonly bundle: string },
  checks: SignatureChecks,
): { readonly holds: boolean; readonly said: string; readonly observation: CardObservation | null } {
  // The card's key stands before the message.
  const holdsMessage = bundle.startsWith(message.slice(2), 2 + 2 * 33);
  const verdict = judgeVoucherBytes(fromHex(bundle), { checks });
  if (verdict.worth === "nothing")
    return { holds: false, said: `is worth nothing: ${verdict.code}`, observation: null };
  return { holds: holdsMessage, said: `is ${verdict.worth}`, observation: verdict.voucher.observation };
}

function uploadFindings({ uploads }: Evidence, pinned: readonly Uint8Array[]): readonly Finding[] {
  const certified = uploads.flatMap(({ certificate, certificateSignature }) => {
    if (certificate === null || certificateSignature === null || certificateSignature === "0x") return [];
    const bytes = fromHex(certificate);
    const signature = fromHex(certificateSignature);
    const byIssuer = pinned.length === 0 || pinned.some((key) => engine.verify(signature, digestOf(bytes), key));
    return byIssuer ? [decodeMerchantCertificate(bytes)] : [];
  });
  return uploads.map(({ upload, signature }) => {
    const bytes = fromHex(upload);
    const { uploadSeq, payee, terminalId } = decodeUpload(bytes);
    const holds = certified.some(
      (terminal) =>
        equalBytes(terminal.payee, payee) &&
        equalBytes(terminal.terminalId, terminalId) &&
        engine.verify(fromHex(signature), digestOf(bytes), terminal.terminalKey),
    );
    return {
      holds,
      text: `Terminal ${toHex(terminalId)} of ${toChecksumAddress(payee)} signed its upload ${uploadSeq}.`,
    };
  });
}

function proofFinding({ messages }: Evidence, proof: Evidence["proofs"][number]): Finding {
  const { entry, index, size, root, path, anchor } = proof;
  const leaf = leafHash(new TextEncoder().encode(entry));
  const about = messages.find(({ voucherId: id }) => entry.includes(`"hold:${id}"`));
  const holds =
    about !== undefined &&
    verifyInclusion({ leaf, index, size, root: fromHex(root), path: path.map((hash) => fromHex(hash)) });
  return {
    holds,
    text:
      `The books took voucher ${about?.voucherId.slice(0, 10) ?? "?"}… as entry ${index}, under root ${root} of ${size} entries. ` +
      `Compare that root with the event of transaction ${anchor.tx}, block ${anchor.block}.`,
  };
}
