package org.tallystick.applet;

import javacard.framework.Util;

/** Unsigned big-endian numbers in byte arrays: cards have neither int nor long. Targets must lie in RAM. */
final class Bytes {
  /** "TL": every signed object's tag starts with it. */
  static final short TAG_LEAD = 0x544C;
  /** Turned in both, it makes signed shorts compare as unsigned ones would. */
  private static final short TOP_BIT = (short) 0x8000;

  private Bytes() {}

  /**
   * Whether a > b, both unsigned numbers of {@code length} bytes: 4 or 6. Looks at two bytes at a time and no further than the
   * first that differ: nothing compared here is secret.
   */
  static boolean isAbove(byte[] a, short aOffset, byte[] b, short bOffset, short length) {
    short left = Util.getShort(a, aOffset);
    short right = Util.getShort(b, bOffset);
    if (left == right) {
      left = Util.getShort(a, (short) (aOffset + 2));
      right = Util.getShort(b, (short) (bOffset + 2));
      if (left == right && length == 6) {
        left = Util.getShort(a, (short) (aOffset + 4));
        right = Util.getShort(b, (short) (bOffset + 4));
      }
    }
    return (short) (left ^ TOP_BIT) > (short) (right ^ TOP_BIT);
  }

  /**
   * Adds b to a in place, both unsigned numbers of {@code length} bytes, which is even. True if the sum did not fit, so that
   * it is never taken for a small one. Two bytes at a time; leading zeros of b are passed over.
   */
  static boolean add(byte[] a, short aOffset, byte[] b, short bOffset, short length) {
    short carry = 0;
    for (short i = (short) (length - 2); i >= 0; i -= 2) {
      short more = Util.getShort(b, (short) (bOffset + i));
      if (more == 0 && carry == 0) continue;
      short old = Util.getShort(a, (short) (aOffset + i));
      short sum = (short) (old + more + carry);
      Util.setShort(a, (short) (aOffset + i), sum);
      // The top bits tell: both were set, or one was and the sum has lost it.
      carry = (short) ((old & more) | ((old | more) & ~sum)) < 0 ? (short) 1 : (short) 0;
    }
    return carry != 0;
  }

  /** Adds 1 in place; true if the number had no room for it and is 0 now. */
  static boolean increment(byte[] a, short offset, short length) {
    for (short i = (short) (offset + length - 1); i >= offset; i--) {
      a[i] = (byte) (a[i] + 1);
      if (a[i] != 0) return false;
    }
    return true;
  }

  /** Looks from the end, where a number that is not zero is least likely to have a zero. */
  static boolean isZero(byte[] a, short offset, short length) {
    for (short i = (short) (offset + length - 1); i >= offset; i--) {
      if (a[i] != 0) return false;
    }
    return true;
  }

  /** Equality whose time does not depend on where the first difference lies: for MACs. */
  static boolean sameSecret(byte[] a, short aOffset, byte[] b, short bOffset, short length) {
    byte difference = 0;
    for (short i = 0; i < length; i++) {
      difference |= (byte) (a[(short) (aOffset + i)] ^ b[(short) (bOffset + i)]);
    }
    return difference == 0;
  }

  /** Writes a tag "TL" + two letters; answers the offset after it. */
  static short putTag(byte[] to, short offset, short letters) {
    Util.setShort(to, offset, TAG_LEAD);
    return Util.setShort(to, (short) (offset + 2), letters);
  }
}
