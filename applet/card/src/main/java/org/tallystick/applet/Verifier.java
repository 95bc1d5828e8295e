package org.tallystick.applet;

import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPublicKey;
import javacard.security.Signature;

/** Verifies what everyone but a card signs: r ‖ s with both in range and s low (spec §3.0, §4.6). */
final class Verifier {
  static final short SIGNATURE_LENGTH = 64;
  private static final short SCALAR_LENGTH = 32;

  private final Ram ram;
  private final Signature signature;
  /** n (32) and (n − 1) / 2 (32). */
  private final byte[] bounds;

  Verifier(Ram ram) {
    this.ram = ram;
    signature = Engines.signature();
    bounds = new byte[(short) (2 * SCALAR_LENGTH)];
    Curve.putOrder(bounds, (short) 0);
    Curve.putHalfOrder(bounds, SCALAR_LENGTH);
  }

  /** Verifies r ‖ s (64) over a message in RAM; the message must not lie in {@link Ram#der}. */
  boolean verify(ECPublicKey key, byte[] message, short offset, short length, byte[] rs, short rsOffset) {
    if (!isInRange(rs, rsOffset, (short) 0) || !isInRange(rs, (short) (rsOffset + SCALAR_LENGTH), SCALAR_LENGTH)) return false;
    if (Util.arrayCompare(rs, rsOffset, bounds, (short) 0, SCALAR_LENGTH) == 0) return false;
    short derLength = toDer(rs, rsOffset);
    try {
      signature.init(key, Signature.MODE_VERIFY);
      return signature.verify(message, offset, length, ram.der, (short) 0, derLength);
    } catch (CryptoException refusedByThePlatform) {
      return false;
    }
  }

  /** 1 ≤ scalar ≤ bound; the caller refuses r = n by itself. */
  private boolean isInRange(byte[] scalar, short offset, short bound) {
    return !Bytes.isZero(scalar, offset, SCALAR_LENGTH) && !isAbove(scalar, offset, bound);
  }

  private boolean isAbove(byte[] scalar, short offset, short bound) {
    for (short i = 0; i < SCALAR_LENGTH; i++) {
      short left = (short) (scalar[(short) (offset + i)] & 0xFF);
      short right = (short) (bounds[(short) (bound + i)] & 0xFF);
      if (left != right) return left > right;
    }
    return false;
  }

  private short toDer(byte[] rs, short offset) {
    short at = putInteger(rs, offset, (short) 2);
    at = putInteger(rs, (short) (offset + SCALAR_LENGTH), at);
    ram.der[0] = 0x30;
    ram.der[1] = (byte) (at - 2);
    return at;
  }

  /** A DER INTEGER: no leading zeros, one zero byte before a set top bit (X.690 section 8.3). */
  private short putInteger(byte[] from, short offset, short at) {
    short skip = 0;
    while (skip < (short) (SCALAR_LENGTH - 1) && from[(short) (offset + skip)] == 0) skip++;
    boolean pad = from[(short) (offset + skip)] < 0;
    short length = (short) (SCALAR_LENGTH - skip);
    ram.der[at] = 0x02;
    ram.der[(short) (at + 1)] = (byte) (pad ? (short) (length + 1) : length);
    at = (short) (at + 2);
    if (pad) {
      ram.der[at] = 0;
      at++;
    }
    return Util.arrayCopyNonAtomic(from, (short) (offset + skip), ram.der, at, length);
  }
}
