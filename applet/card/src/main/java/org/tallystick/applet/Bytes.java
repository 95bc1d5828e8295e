package org.tallystick.applet;

import javacard.framework.Util;

/** Unsigned big-endian numbers in byte arrays: cards have neither int nor long. Targets must lie in RAM. */
final class Bytes {
  /** "TL": every signed object's tag starts with it. */
  static final short TAG_LEAD = 0x544C;

  private Bytes() {}

  /** Compares two unsigned numbers of {@code length} bytes: negative, zero or positive. */
  static short compare(byte[] a, short aOffset, byte[] b, short bOffset, short length) {
    for (short i = 0; i < length; i++) {
      short left = (short) (a[(short) (aOffset + i)] & 0xFF);
      short right = (short) (b[(short) (bOffset + i)] & 0xFF);
      if (left != right) return (short) (left - right);
    }
    return 0;
  }

  /** Writes a + b; answers the carry, so that a sum that does not fit is never taken for a small one. */
  static boolean add(byte[] a, short aOffset, byte[] b, short bOffset, byte[] sum, short sumOffset, short length) {
    short carry = 0;
    for (short i = (short) (length - 1); i >= 0; i--) {
      carry = (short) ((short) (a[(short) (aOffset + i)] & 0xFF) + (short) (b[(short) (bOffset + i)] & 0xFF) + carry);
      sum[(short) (sumOffset + i)] = (byte) carry;
      carry = (short) ((short) (carry >> 8) & 0x01);
    }
    return carry != 0;
  }

  /** Writes a + 1; answers the carry. */
  static boolean increment(byte[] a, short aOffset, byte[] sum, short sumOffset, short length) {
    short carry = 1;
    for (short i = (short) (length - 1); i >= 0; i--) {
      carry = (short) ((short) (a[(short) (aOffset + i)] & 0xFF) + carry);
      sum[(short) (sumOffset + i)] = (byte) carry;
      carry = (short) ((short) (carry >> 8) & 0x01);
    }
    return carry != 0;
  }

  static boolean isZero(byte[] a, short offset, short length) {
    byte any = 0;
    for (short i = 0; i < length; i++) any |= a[(short) (offset + i)];
    return any == 0;
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
