package org.tallystick.applet;

import javacard.framework.Util;
import javacard.security.ECKey;

/**
 * secp256k1 (SEC 2 v2.0 section 2.4.1), written short by short: an array with an initialiser would stay behind in
 * persistent memory, or be dropped silently by some converters.
 */
final class Curve {
  static final short FIELD_LENGTH = 32;
  static final short POINT_LENGTH = 65;

  private Curve() {}

  /** Gives a key the curve's parameters; {@code scratch} (65 bytes, RAM) is overwritten. */
  static void setParameters(ECKey key, byte[] scratch) {
    Util.arrayFillNonAtomic(scratch, (short) 0, FIELD_LENGTH, (byte) 0xFF);
    scratch[27] = (byte) 0xFE;
    Util.setShort(scratch, (short) 30, (short) 0xFC2F);
    key.setFieldFP(scratch, (short) 0, FIELD_LENGTH);
    Util.arrayFillNonAtomic(scratch, (short) 0, FIELD_LENGTH, (byte) 0);
    key.setA(scratch, (short) 0, FIELD_LENGTH);
    scratch[31] = 7;
    key.setB(scratch, (short) 0, FIELD_LENGTH);
    putOrder(scratch, (short) 0);
    key.setR(scratch, (short) 0, FIELD_LENGTH);
    key.setK((short) 1);
    putGenerator(scratch);
    key.setG(scratch, (short) 0, POINT_LENGTH);
  }

  /** Writes the order n (32 bytes). */
  static void putOrder(byte[] to, short offset) {
    Util.arrayFillNonAtomic(to, offset, (short) 16, (byte) 0xFF);
    to[(short) (offset + 15)] = (byte) 0xFE;
    short at = (short) (offset + 16);
    at = Util.setShort(to, at, (short) 0xBAAE);
    at = Util.setShort(to, at, (short) 0xDCE6);
    at = Util.setShort(to, at, (short) 0xAF48);
    at = Util.setShort(to, at, (short) 0xA03B);
    at = Util.setShort(to, at, (short) 0xBFD2);
    at = Util.setShort(to, at, (short) 0x5E8C);
    at = Util.setShort(to, at, (short) 0xD036);
    Util.setShort(to, at, (short) 0x4141);
  }

  /** Writes (n − 1) / 2, the largest s of a low-s signature (32 bytes). */
  static void putHalfOrder(byte[] to, short offset) {
    to[offset] = 0x7F;
    Util.arrayFillNonAtomic(to, (short) (offset + 1), (short) 15, (byte) 0xFF);
    short at = (short) (offset + 16);
    at = Util.setShort(to, at, (short) 0x5D57);
    at = Util.setShort(to, at, (short) 0x6E73);
    at = Util.setShort(to, at, (short) 0x57A4);
    at = Util.setShort(to, at, (short) 0x501D);
    at = Util.setShort(to, at, (short) 0xDFE9);
    at = Util.setShort(to, at, (short) 0x2F46);
    at = Util.setShort(to, at, (short) 0x681B);
    Util.setShort(to, at, (short) 0x20A0);
  }

  private static void putGenerator(byte[] to) {
    to[0] = 0x04;
    short at = 1;
    at = Util.setShort(to, at, (short) 0x79BE);
    at = Util.setShort(to, at, (short) 0x667E);
    at = Util.setShort(to, at, (short) 0xF9DC);
    at = Util.setShort(to, at, (short) 0xBBAC);
    at = Util.setShort(to, at, (short) 0x55A0);
    at = Util.setShort(to, at, (short) 0x6295);
    at = Util.setShort(to, at, (short) 0xCE87);
    at = Util.setShort(to, at, (short) 0x0B07);
    at = Util.setShort(to, at, (short) 0x029B);
    at = Util.setShort(to, at, (short) 0xFCDB);
    at = Util.setShort(to, at, (short) 0x2DCE);
    at = Util.setShort(to, at, (short) 0x28D9);
    at = Util.setShort(to, at, (short) 0x59F2);
    at = Util.setShort(to, at, (short) 0x815B);
    at = Util.setShort(to, at, (short) 0x16F8);
    at = Util.setShort(to, at, (short) 0x1798);
    at = Util.setShort(to, at, (short) 0x483A);
    at = Util.setShort(to, at, (short) 0xDA77);
    at = Util.setShort(to, at, (short) 0x26A3);
    at = Util.setShort(to, at, (short) 0xC465);
    at = Util.setShort(to, at, (short) 0x5DA4);
    at = Util.setShort(to, at, (short) 0xFBFC);
    at = Util.setShort(to, at, (short) 0x0E11);
    at = Util.setShort(to, at, (short) 0x08A8);
    at = Util.setShort(to, at, (short) 0xFD17);
    at = Util.setShort(to, at, (short) 0xB448);
    at = Util.setShort(to, at, (short) 0xA685);
    at = Util.setShort(to, at, (short) 0x5419);
    at = Util.setShort(to, at, (short) 0x9C47);
    at = Util.setShort(to, at, (short) 0xD08F);
    at = Util.setShort(to, at, (short) 0xFB10);
    Util.setShort(to, at, (short) 0xD4B8);
  }
}
