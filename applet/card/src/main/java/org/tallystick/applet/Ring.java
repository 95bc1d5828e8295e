package org.tallystick.applet;

import javacard.framework.Util;

/**
 * The last 16 payments: a record each and, beside it, its signature behind a length byte. One write stores both; until then
 * the length is 0 and means "sign anew", so the tear between payment and signature heals itself.
 */
final class Ring {
  static final short SIZE = 16;
  private static final short SIGNATURE_ROOM = Ram.DER_LENGTH;

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
    return Util.arrayCompare(records, recordOffset(slot), request, offset, Record.REQUEST_LENGTH) == 0
        && !Bytes.isZero(request, (short) (offset + Record.COUNTER), (short) 4);
  }

  /** Call inside the payment's transaction. */
  void write(short slot, byte[] record, short offset) {
    Util.arrayCopy(record, offset, records, recordOffset(slot), Record.LENGTH);
    signatures[(short) (slot * SIGNATURE_ROOM)] = 0;
  }

  /** Copies the stored signature with its length, which is answered: 0 if it must be made anew. */
  short readSignature(short slot, byte[] to) {
    short at = (short) (slot * SIGNATURE_ROOM);
    short length = (short) (signatures[at] & 0xFF);
    if (length != 0) Util.arrayCopyNonAtomic(signatures, at, to, (short) 0, (short) (Ram.DER + length));
    return length;
  }

  /** Stores a signature with the length before it ({@code length} bytes) in one write: after a tear there are both or neither. */
  void storeSignature(short slot, byte[] from, short length) {
    Util.arrayCopy(from, (short) 0, signatures, (short) (slot * SIGNATURE_ROOM), length);
  }
}
