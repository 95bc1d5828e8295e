package org.tallystick.cardhost.runtime;

import java.math.BigInteger;

/** Whether 65 bytes are a point of secp256k1: y² = x³ + 7 modulo p (SEC 2 v2.0 section 2.4.1). */
final class Secp256k1Point {
  private static final BigInteger P = BigInteger.TWO.pow(256).subtract(BigInteger.TWO.pow(32)).subtract(BigInteger.valueOf(977));
  private static final BigInteger B = BigInteger.valueOf(7);
  private static final int LENGTH = 65;
  private static final int COORDINATE = 32;
  private static final byte UNCOMPRESSED = 0x04;

  private Secp256k1Point() {}

  static boolean isOnCurve(byte[] bytes, int offset, int length) {
    if (length != LENGTH || bytes[offset] != UNCOMPRESSED) return false;
    BigInteger x = new BigInteger(1, bytes, offset + 1, COORDINATE);
    BigInteger y = new BigInteger(1, bytes, offset + 1 + COORDINATE, COORDINATE);
    if (x.compareTo(P) >= 0 || y.compareTo(P) >= 0) return false;
    return y.multiply(y).mod(P).equals(x.multiply(x).multiply(x).add(B).mod(P));
  }
}
