// Every object of spec chapters 2 to 4 and the payload of §7.3, built from its fields by plain
// concatenation.
import { cat, hex, sha256, tag, uint } from "./bytes.mjs";

export const domain = (f) => cat(uint(f.chainId, 8), hex(f.vault));
export const cardTag = (f) => sha256(cat(domain(f.domain), hex(f.cardKey))).subarray(0, 8);
export const voucherId = (f) => sha256(cat(hex(f.card), hex(f.message)));

export const voucherMessage = (f) =>
  cat(tag("TLY1"), domain(f.domain), hex(f.payee), uint(f.counter, 4), uint(f.amount, 6), hex(f.context));

export const voucherContext = (f) =>
  cat(
    ...[tag("TLYC"), hex(f.challenge), hex(f.terminalId), uint(f.time, 4), uint(f.spent, 6), uint(f.allowanceSeq, 4)],
    ...[uint(f.category, 1), uint(f.cvm, 1), uint(f.flags, 1), hex(f.link)],
  );

export const allowanceBody = (f) =>
  cat(
    ...[
      uint(f.issuerKeyId, 1),
      uint(f.seq, 4),
      uint(f.maxSpent, 6),
      uint(f.softSpent, 6),
      uint(f.maxCounter, 4),
      uint(f.perTap, 6),
    ],
    ...[uint(f.pinAbove, 6), uint(f.noPinSum, 6), uint(f.noPinCount, 1), uint(f.notBefore, 4), uint(f.notAfter, 4)],
    ...[uint(f.cardIndex, 4), uint(f.categories, 8), uint(f.flags, 2)],
  );
export const allowance = (f) => cat(tag("TLYA"), domain(f.domain), hex(f.card), allowanceBody(f.body));

export const merchantCertificate = (f) =>
  cat(
    ...[
      tag("TLYM"),
      domain(f.domain),
      uint(f.issuerKeyId, 1),
      hex(f.payee),
      uint(f.category, 1),
      hex(f.terminalId),
      hex(f.terminalKey),
    ],
    ...[uint(f.notBefore, 4), uint(f.notAfter, 4), uint(f.perTap, 6), uint(f.unsentSum, 6), uint(f.unsentCount, 4)],
    ...[uint(f.perCardSum, 6), uint(f.softwareSum, 6)],
  );

export const statusListHead = (f) =>
  cat(
    ...[
      tag("TLYS"),
      domain(f.domain),
      uint(f.issuerKeyId, 1),
      uint(f.seq, 4),
      uint(f.issuedAt, 4),
      uint(f.asOf, 4),
      uint(f.cards, 4),
    ],
    hex(f.listHash),
  );

/** 2 bits a card, index 0 in the two low bits of byte 0. */
export function statusList(f) {
  const list = Buffer.alloc(Math.ceil(f.statuses.length / 4));
  f.statuses.forEach((status, index) => {
    list[index >> 2] |= status << (2 * (index & 3));
  });
  return list;
}

export const stateProof = (f) =>
  cat(
    ...[
      tag("TLYP"),
      domain(f.domain),
      hex(f.challenge),
      uint(f.counter, 4),
      uint(f.spent, 6),
      uint(f.seq, 4),
      uint(f.state, 1),
    ],
    hex(f.head),
  );
export const opening = (f) => cat(tag("TLYO"), domain(f.domain), hex(f.owner));
export const pinSession = (f) => cat(tag("TLYE"), domain(f.domain), hex(f.challenge), hex(f.ephemeralKey));

export const upload = (f) =>
  cat(
    ...[tag("TLYU"), domain(f.domain), hex(f.payee), hex(f.terminalId), uint(f.uploadSeq, 4)],
    ...[hex(f.previousJournalHead), hex(f.bodyHash)],
  );

export const receipt = (f) =>
  cat(
    ...[tag("TLYR"), domain(f.domain), uint(f.issuerKeyId, 1), hex(f.payee), hex(f.terminalId), uint(f.uploadSeq, 4)],
    ...[hex(f.uploadHash), uint(f.receivedAt, 4)],
  );
export const terminalRequest = (f) =>
  cat(
    ...[tag("TLYW"), domain(f.domain), hex(f.payee), hex(f.terminalId), uint(f.kind, 1), uint(f.time, 4)],
    ...[hex(f.nonce), hex(f.bodyHash)],
  );
export const certificateRequest = (f) =>
  cat(
    ...[tag("TLYQ"), domain(f.domain), hex(f.payee), hex(f.terminalId), hex(f.terminalKey)],
    ...[uint(f.category, 1), uint(f.time, 4)],
  );
export const admission = (f) =>
  cat(
    ...[tag("TLYJ"), domain(f.domain), uint(f.issuerKeyId, 1), uint(f.issuedAt, 4)],
    ...[hex(f.requestHash), hex(f.certificateHash), hex(f.termsHash)],
  );
export const mailboxRequest = (f) =>
  cat(uint(f.ask, 1), ...(f.ask === 1 ? [hex(f.cursor)] : [hex(f.cardTag), uint(f.shownSeq, 4)]));
const mailboxEntry = (f) => cat(hex(f.cardTag), allowanceBody(f.body), hex(f.signature));
export const mailboxPage = (f) =>
  cat(hex(f.next), uint(f.more, 1), uint(f.entries.length, 2), ...f.entries.map(mailboxEntry));
export const orderReport = (f) => cat(tag("TLYI"), domain(f.domain), hex(f.reportHash));
export const logReading = (f) => cat(tag("TLYG"), domain(f.domain), hex(f.cardTag), hex(f.challenge));

export const payRequest = (f) =>
  cat(
    ...[
      hex(f.cardTag),
      uint(f.counter, 4),
      hex(f.payee),
      uint(f.amount, 6),
      uint(f.time, 4),
      hex(f.challenge),
      hex(f.terminalId),
    ],
    uint(f.category, 1),
  );
export const payAnswer = (f) =>
  cat(
    ...[uint(f.counter, 4), uint(f.spent, 6), uint(f.allowanceSeq, 4), uint(f.cvm, 1), uint(f.flags, 1), hex(f.link)],
    hex(f.signature),
  );
export const shortPayAnswer = (f) => cat(uint(f.cvm, 1), uint(f.flags, 1), hex(f.signature));
export const cardRecord = (f) =>
  cat(
    ...[
      payRequest(f.request),
      uint(f.spent, 6),
      uint(f.allowanceSeq, 4),
      uint(f.cvm, 1),
      uint(f.flags, 1),
      hex(f.link),
    ],
    hex(f.messageHash),
  );
export const beacon = (f) => cat(statusListHead(f.head), hex(f.signature));
export const reversal = (f) => cat(tag("TLYX"), domain(f.domain), hex(f.cardKey), payRequest(f.request));

export const refundOrder = (f) =>
  cat(tag("TLYF"), domain(f.domain), hex(f.voucherId), uint(f.total, 6), uint(f.deadline, 4));

const entryData = {
  1: (f) =>
    cat(
      ...[hex(f.cardKey), voucherMessage(f.message), voucherContext(f.context), hex(f.signature)],
      ...[allowanceBody(f.allowanceBody), hex(f.allowanceSignature)],
    ),
  2: (f) => cat(reversal(f.reversal), hex(f.signature)),
  3: (f) => cat(hex(f.cardKey), stateProof(f.proof), hex(f.signature)),
  4: (f) => hex(f.challenge),
  5: (f) => cat(upload(f.upload), hex(f.signature)),
};
export const uploadEntry = (kind, data) => cat(uint(kind, 1), uint(data.length, 2), data);
export const uploadBody = (f) =>
  cat(uint(1, 1), ...f.entries.map((entry) => uploadEntry(entry.kind, entryData[entry.kind](entry))));

const AID = hex("F054414C4C590001");
export const selectAnswer = (f) =>
  f.allowanceBody === undefined
    ? cat(hex("6F0E8408"), AID, hex("8502"), uint(1, 1), uint(f.state, 1))
    : cat(
        ...[hex("6F81E78408"), AID, hex("8581DA"), uint(1, 1), uint(f.state, 1), hex(f.cardTag), hex(f.cardKey)],
        ...[allowanceBody(f.allowanceBody), hex(f.allowanceSignature), uint(f.counter, 4), uint(f.spent, 6)],
        ...[uint(f.noPinUsed, 6), uint(f.noPinTaps, 1), hex(f.head)],
      );

/** The short form, which leaves out what a terminal knows of a card that it has met (§5.16). */
export const shortSelectAnswer = (f) =>
  cat(
    ...[hex("6241853F"), uint(1, 1), uint(f.state, 1), hex(f.cardTag), uint(f.allowanceSeq, 4), uint(f.counter, 4)],
    ...[uint(f.spent, 6), uint(f.noPinUsed, 6), uint(f.noPinTaps, 1), hex(f.head)],
  );

/** s with the parity in its top bit, as the vault takes it (§7.1). */
export const sWithParity = (s, parity) => uint(BigInt(s) | (BigInt(parity) << 255n), 32);
export const settlePayload = (f) =>
  cat(
    ...[hex(f.batchRoot), hex(f.ledgerRoot), uint(f.payees.length, 2), ...f.payees.map(hex)],
    ...f.groups.flatMap((group) => [
      ...[uint(group.payeeIndex, 2), hex(group.card), uint(group.vouchers.length, 2)],
      ...group.vouchers.map((v) =>
        cat(uint(v.counter, 4), uint(v.amount, 6), hex(v.context), hex(v.r), sWithParity(v.s, v.parity)),
      ),
    ]),
  );
