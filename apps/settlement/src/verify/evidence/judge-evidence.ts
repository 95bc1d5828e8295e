import { leafHash, verifyInclusion } from "@tallystick/ledger-core";
import {
  addressOfKey,
  createSignatureChecks,
  decodeMerchantCertificate,
  decodeUpload,
  decodeVoucherMessage,
  digestOf,
  equalBytes,
  fromHex,
  judgeVoucherBytes,
  messageHash,
  toChecksumAddress,
  toHex,
  voucherId,
  type Domain,
  type VoucherMessage,
} from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import type { Evidence } from "../../operations/cases/evidence-file.ts";

/** One thing that an evidence file says, and whether it is so. */
export interface Finding {
  readonly holds: boolean;
  readonly text: string;
}

const engine = createNativeEngine();

/**
 * Judges an evidence file by itself: signatures of the card and of terminals, the issuer's where its
 * key is pinned, what the kind of case claims, and the proofs from the log of the books. Throws
 * ProtocolError where bytes have not their form.
 */
export function judgeEvidence(evidence: Evidence, pinned: readonly Uint8Array[]): readonly Finding[] {
  const domain = { chainId: BigInt(evidence.domain.chainId), vault: fromHex(evidence.domain.vault, 20) } as Domain;
  const messages = messageFindings(evidence, domain, pinned);
  return [
    ...messages.findings,
    ...claimFindings(evidence, messages.signed),
    ...uploadFindings(evidence, pinned),
    ...evidence.proofs.map((proof) => proofFinding(evidence, proof)),
  ];
}

interface SignedMessages {
  readonly findings: readonly Finding[];
  /** Those that the card signed for this domain. */
  readonly signed: readonly { readonly bytes: string; readonly message: VoucherMessage }[];
}

function messageFindings(evidence: Evidence, domain: Domain, pinned: readonly Uint8Array[]): SignedMessages {
  const findings: Finding[] = [];
  const signed: { bytes: string; message: VoucherMessage }[] = [];
  if (evidence.cardKey === null) return { findings, signed };
  const cardKey = fromHex(evidence.cardKey, 33);
  const card = addressOfKey(cardKey);
  for (const each of evidence.messages) {
    const bytes = fromHex(each.message);
    const message = decodeVoucherMessage(bytes);
    const right =
      engine.verify(fromHex(each.signature), messageHash(message), cardKey) &&
      message.domain.chainId === domain.chainId &&
      equalBytes(message.domain.vault, domain.vault) &&
      toHex(voucherId(card, message)) === each.voucherId;
    const payment = `${message.amount} units to ${toChecksumAddress(message.payee)} by its counter ${message.counter}`;
    findings.push({ holds: right, text: `Card ${toChecksumAddress(card)} signed ${payment}.` });
    if (right) signed.push({ bytes: each.message, message });
    if (each.bundle !== null) findings.push(bundleFinding(evidence, { ...each, bundle: each.bundle }, pinned));
  }
  return { findings, signed };
}

/** The whole entry: it holds the same message, and the issuer allowed the card, where its key is pinned. */
function bundleFinding(
  evidence: Evidence,
  { bundle, message, voucherId: id }: { readonly bundle: string; readonly message: string; readonly voucherId: string },
  pinned: readonly Uint8Array[],
): Finding {
  const domain = { chainId: BigInt(evidence.domain.chainId), vault: fromHex(evidence.domain.vault, 20) } as Domain;
  const bytes = fromHex(bundle);
  // The card's key stands before the message.
  const holdsMessage = bundle.startsWith(message.slice(2), 2 + 2 * 33);
  const keys = evidence.issuerKeys
    .map((key) => ({ domain, id: key.id, publicKey: fromHex(key.publicKey) }))
    .filter(({ publicKey }) => pinned.length === 0 || pinned.some((key) => equalBytes(key, publicKey)));
  const verdict = judgeVoucherBytes(bytes, { checks: createSignatureChecks(keys, engine) });
  const whose = pinned.length === 0 ? "the key that the file names" : "the issuer's key";
  const said = verdict.worth === "nothing" ? `is worth nothing: ${verdict.code}` : `is ${verdict.worth}`;
  return {
    holds: holdsMessage && verdict.worth !== "nothing",
    text: `Voucher ${id.slice(0, 10)}… ${said}, by ${whose}.`,
  };
}

/** What the kind of case says beyond single signatures. */
function claimFindings({ case: { kind } }: Evidence, signed: SignedMessages["signed"]): readonly Finding[] {
  if (kind !== "FORK") return [];
  const counters = new Set(signed.map(({ message }) => message.counter));
  const different = new Set(signed.map(({ bytes }) => bytes));
  const [counter] = counters;
  return [
    {
      holds: counters.size === 1 && different.size > 1,
      text: `The card signed ${different.size} different messages with counter ${counter ?? "?"}: a fork.`,
    },
  ];
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
