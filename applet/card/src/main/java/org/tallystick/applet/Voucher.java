package org.tallystick.applet;

import javacard.framework.Util;

/** Builds context D (77) and message M (82) from a ring record and nothing else: the card signs only its own record. */
final class Voucher {
  static final short MESSAGE_LENGTH = 82;
  private static final short CONTEXT_LENGTH = 77;
  private static final short CONTEXT_HASH_LENGTH = 20;
  private static final short TAG_VOUCHER = 0x5931;
  private static final short TAG_CONTEXT = 0x5943;

  private final Persistent card;
  private final Ring ring;
  private final Ram ram;
  private final Signer signer;

  Voucher(Persistent card, Ring ring, Ram ram, Signer signer) {
    this.card = card;
    this.ring = ring;
    this.ram = ram;
    this.signer = signer;
  }

  /** Writes M to the start of the scratch buffer; the record may lie behind {@link #MESSAGE_LENGTH} in it. */
  void buildMessage(byte[] record, short offset) {
    hashContext(record, offset);
    byte[] to = ram.scratch;
    short at = Bytes.putTag(to, (short) 0, TAG_VOUCHER);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, to, at, Persistent.DOMAIN_LENGTH);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.PAYEE), to, at, (short) 20);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.COUNTER), to, at, (short) 4);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.AMOUNT), to, at, (short) 6);
    Util.arrayCopyNonAtomic(ram.hash, (short) 0, to, at, CONTEXT_HASH_LENGTH);
  }

  /** The stored signature of a slot, or a new one where a tear left none: in {@link Ram#der}, its length is answered. */
  short readOrSign(short slot) {
    short length = ring.readSignature(slot, ram.der, (short) 0);
    return length != 0 ? length : rebuildAndSign(slot);
  }

  /** Builds M again from the committed record, signs it and stores the signature. */
  short rebuildAndSign(short slot) {
    buildMessage(ring.records, ring.recordOffset(slot));
    return signMessage(slot);
  }

  /** Signs the M at the start of the scratch buffer, which the caller knows to be this slot's. */
  short signMessage(short slot) {
    short length = signer.sign(ram.scratch, (short) 0, MESSAGE_LENGTH);
    ring.storeSignature(slot, ram.der, (short) 0, length);
    return length;
  }

  private void hashContext(byte[] record, short offset) {
    byte[] to = ram.scratch;
    short at = Bytes.putTag(to, (short) 0, TAG_CONTEXT);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.CHALLENGE), to, at, (short) 16);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.TERMINAL_ID), to, at, (short) 8);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.TIME), to, at, (short) 4);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.SPENT), to, at, (short) 6);
    at = Util.arrayCopyNonAtomic(record, (short) (offset + Record.SEQ), to, at, (short) 4);
    to[at] = record[(short) (offset + Record.CATEGORY)];
    to[(short) (at + 1)] = record[(short) (offset + Record.CVM)];
    to[(short) (at + 2)] = record[(short) (offset + Record.FLAGS)];
    Util.arrayCopyNonAtomic(record, (short) (offset + Record.LINK), to, (short) (at + 3), Ram.HASH_LENGTH);
    signer.hash(to, (short) 0, CONTEXT_LENGTH, ram.hash, (short) 0);
  }
}
