package org.tallystick.applet;

/** ISO 9564-1 format 2: a nibble 2, a nibble of length, the digits, filled with F to 8 bytes. */
final class PinBlock {
  static final byte LENGTH = 8;
  private static final byte FORMAT = 0x20;
  private static final byte MIN_DIGITS = 4;
  private static final byte MAX_DIGITS = 12;
  static final byte PUK_DIGITS = 8;

  private PinBlock() {}

  static boolean isPin(byte[] block, short offset) {
    byte digits = (byte) (block[offset] & 0x0F);
    return digits >= MIN_DIGITS && digits <= MAX_DIGITS && isBlock(block, offset, digits);
  }

  static boolean isPuk(byte[] block, short offset) {
    return isBlock(block, offset, PUK_DIGITS);
  }

  private static boolean isBlock(byte[] block, short offset, byte digits) {
    if (block[offset] != (byte) (FORMAT | digits)) return false;
    for (byte i = 0; i < (byte) (2 * (LENGTH - 1)); i++) {
      byte octet = block[(short) (offset + 1 + (i >> 1))];
      byte shifted = (i & 1) == 0 ? (byte) (octet >> 4) : octet;
      byte nibble = (byte) (shifted & 0x0F);
      if (i < digits ? nibble > 9 : nibble != 0x0F) return false;
    }
    return true;
  }
}
