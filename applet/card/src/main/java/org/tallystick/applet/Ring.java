package org.tallystick.applet;

import javacard.framework.Util;

/**
 * The last 16 payments: a record each and, beside it, its signature with a length byte that is written last. A length
 * of 0 means "sign anew": the tear between payment and signature heals itself.
 */
final class Ring {
  static final short SIZE = 16;
  private static final short SIGNATURE_ROOM = (short) (1 + Ram.DER_LENGTH);

  final byte[] records;
  private final byte[] signatures;

  Ring() {
    records = new byte[(short) (SIZE * Record.LENGTH)];
    signatures = new byte[(short) (SIZE * SIGNATURE_ROOM)];
  }

  /** The slot of a counter: its low four bits. */
  static short slot(byte[] counter, short offset) {
    return (short) (counter[(short) (offset + 3)] & 0x0F);
  }

  short recordOffset(short slot) {
    return (short) (slot * Record.LENGTH);
  }

  /** Whether the slot holds exactly this request. Counter 0 never exists, so an empty slot never matches. */
  boolean holds(short slot, byte[] request, short offset) {
    return !Bytes.isZero(request, (short) (offset + Record.COUNTER), (short) 4)
        && Util.arrayCompare(records, recordOffset(slot), request, offset, Record.REQUEST_LENGTH) == 0;
  }

  /** Call inside the payment's transaction. */
  void write(short slot, byte[] record, short offset) {
    Util.arrayCopy(record, offset, records, recordOffset(slot), Record.LENGTH);
    signatures[(short) (slot * SIGNATURE_ROOM)] = 0;
  }

  /** Copies the stored signature; answers its length, 0 if it must be made anew. */
  short readSignature(short slot, byte[] to, short offset) {
    short at = (short) (slot * SIGNATURE_ROOM);
    short length = (short) (signatures[at] & 0xFF);
    if (length != 0) Util.arrayCopyNonAtomic(signatures, (short) (at + 1), to, offset, length);
    return length;
  }

  void storeSignature(short slot, byte[] from, short offset, short length) {
    short at = (short) (slot * SIGNATURE_ROOM);
    Util.arrayCopy(from, offset, signatures, (short) (at + 1), length);
    signatures[at] = (byte) length;
  }
}
