package org.tallystick.applet;

import javacard.framework.Util;

/**
 * The last 16 payments: in each slot a record, its signature's length, its signature. One write stores the last two; until
 * then the length is 0 and means "sign anew", so the tear between payment and signature heals itself.
 */
final class Ring {
  static final short SIZE = 16;
  /** A record, and the length 0 of a signature that is still to be made. */
  static final short UNSIGNED_LENGTH = (short) (Record.LENGTH + 1);
  private static final short SLOT_LENGTH = (short) (Record.LENGTH + Ram.DER_LENGTH);

  /** A record begins at each {@link #recordOffset}. */
  final byte[] slots;

  Ring() {
    slots = new byte[(short) (SIZE * SLOT_LENGTH)];
  }

  /** The slot of a counter: its low four bits. */
  static short slot(byte[] counter, short offset) {
    return (short) (counter[(short) (offset + 3)] & 0x0F);
  }

  short recordOffset(short slot) {
    return (short) (slot * SLOT_LENGTH);
  }

  /** Whether the slot holds exactly this request. Counter 0 never exists, so an empty slot never matches. */
  boolean holds(short slot, byte[] request, short offset) {
    return Util.arrayCompare(slots, recordOffset(slot), request, offset, Record.REQUEST_LENGTH) == 0
        && !Bytes.isZero(request, (short) (offset + Record.COUNTER), (short) 4);
  }

  /** Takes a record with a 0 behind it. Call inside the payment's transaction. */
  void write(short slot, byte[] unsigned, short offset) {
    Util.arrayCopy(unsigned, offset, slots, recordOffset(slot), UNSIGNED_LENGTH);
  }

  /** Copies the stored signature with its length, which is answered: 0 if it must be made anew. */
  short readSignature(short slot, byte[] to) {
    short at = (short) (recordOffset(slot) + Record.LENGTH);
    short length = (short) (slots[at] & 0xFF);
    if (length != 0) Util.arrayCopyNonAtomic(slots, at, to, (short) 0, (short) (Ram.DER + length));
    return length;
  }

  /** Stores a signature with the length before it ({@code length} bytes) in one write: after a tear there are both or neither. */
  void storeSignature(short slot, byte[] from, short length) {
    Util.arrayCopy(from, (short) 0, slots, (short) (recordOffset(slot) + Record.LENGTH), length);
  }
}
