package org.tallystick.applet;

import javacard.framework.Util;

/** Builds context D (77) and message M (82) from a ring record and nothing else: the card signs only its own record. */
final class Voucher {
  static final short MESSAGE_LENGTH = 82;
  /** Where a record is laid out in the scratch buffer: behind its M. */
  static final short RECORD = MESSAGE_LENGTH;
  private static final short CONTEXT_LENGTH = 77;
  private static final short CONTEXT_HASH_LENGTH = 20;
  /** Fields that follow each other in the record as they do in D. */
  private static final short CHALLENGE_AND_TERMINAL = 24;
  private static final short SPENT_AND_SEQ = 10;
  private static final short CVM_FLAGS_AND_LINK = 34;
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

  /** Writes M to the start of the scratch buffer, from the record that stands behind it there ({@link #RECORD}). */
  void buildMessage() {
    hashContext();
    byte[] scratch = ram.scratch;
    Util.setShort(scratch, (short) 0, Bytes.TAG_LEAD);
    short at = Util.setShort(scratch, (short) 2, TAG_VOUCHER);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, scratch, at, Persistent.DOMAIN_LENGTH);
    at = Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.PAYEE), scratch, at, (short) 20);
    at = Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.COUNTER), scratch, at, (short) 4);
    at = Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.AMOUNT), scratch, at, (short) 6);
    Util.arrayCopyNonAtomic(ram.hash, (short) 0, scratch, at, CONTEXT_HASH_LENGTH);
  }

  /** The stored signature of a slot, or a new one where a tear left none: in {@link Ram#der}, its length is answered. */
  short readOrSign(short slot) {
    short length = ring.readSignature(slot, ram.der);
    return length != 0 ? length : rebuildAndSign(slot);
  }

  /** Builds M again from the committed record, signs it and stores the signature. */
  short rebuildAndSign(short slot) {
    Util.arrayCopyNonAtomic(ring.slots, ring.recordOffset(slot), ram.scratch, RECORD, Record.LENGTH);
    buildMessage();
    return signMessage(slot);
  }

  /** Signs the M at the start of the scratch buffer, which the caller knows to be this slot's. */
  short signMessage(short slot) {
    short length = signer.sign(ram.scratch, (short) 0, MESSAGE_LENGTH);
    ring.storeSignature(slot, ram.der, (short) (Ram.DER + length));
    return length;
  }

  /** D lies where M will, and ends before the record. */
  private void hashContext() {
    byte[] scratch = ram.scratch;
    Util.setShort(scratch, (short) 0, Bytes.TAG_LEAD);
    short at = Util.setShort(scratch, (short) 2, TAG_CONTEXT);
    at = Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.CHALLENGE), scratch, at, CHALLENGE_AND_TERMINAL);
    at = Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.TIME), scratch, at, (short) 4);
    at = Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.SPENT), scratch, at, SPENT_AND_SEQ);
    scratch[at] = scratch[(short) (RECORD + Record.CATEGORY)];
    Util.arrayCopyNonAtomic(scratch, (short) (RECORD + Record.CVM), scratch, (short) (at + 1), CVM_FLAGS_AND_LINK);
    signer.hash(scratch, (short) 0, CONTEXT_LENGTH, ram.hash, (short) 0);
  }
}
