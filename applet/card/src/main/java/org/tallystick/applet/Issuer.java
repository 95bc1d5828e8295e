package org.tallystick.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.Signature;

/**
 * The one issuer key of this domain, and what it signed. Setting a key is not part of a transaction on every card, so
 * there are two key objects: a new key goes into the spare one, and the transaction that records it changes over.
 */
final class Issuer {
  private static final byte UNCOMPRESSED = 0x04;
  private static final short SCALAR_LENGTH = 32;
  static final short SIGNATURE_LENGTH = 64;

  private final Persistent card;
  private final Ram ram;
  private final ECPublicKey first;
  private final ECPublicKey second;
  /** 0: {@link #first} holds the key on record; 1: {@link #second}. */
  private final byte[] current;
  private final Signature signature;
  /** n (32) and (n − 1) / 2 (32). */
  private final byte[] bounds;

  Issuer(Persistent card, Ram ram) {
    this.card = card;
    this.ram = ram;
    first = (ECPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
    second = (ECPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
    Curve.setParameters(first, ram.scratch);
    Curve.setParameters(second, ram.scratch);
    current = new byte[1];
    signature = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
    bounds = new byte[(short) (2 * SCALAR_LENGTH)];
    Curve.putOrder(bounds, (short) 0);
    Curve.putHalfOrder(bounds, SCALAR_LENGTH);
  }

  static boolean isKey(byte[] buffer, short offset) {
    return buffer[(short) (offset + 1)] == UNCOMPRESSED;
  }

  /** Takes id (1) ‖ public key (65) for the issuer's; until it is whole, the old key stays in force. */
  void replace(byte[] from, short offset) {
    ECPublicKey spare = current[0] == 0 ? second : first;
    try {
      spare.setW(from, (short) (offset + 1), Curve.POINT_LENGTH);
    } catch (CryptoException noPoint) {
      ISOException.throwIt(Status.WRONG_VALUE);
    }
    JCSystem.beginTransaction();
    Util.arrayCopy(from, offset, card.issuer, (short) 0, (short) (1 + Curve.POINT_LENGTH));
    current[0] = (byte) (1 - current[0]);
    card.mark(Persistent.HAS_ISSUER_KEY);
    JCSystem.commitTransaction();
  }

  boolean isCurrentKey(byte id) {
    return card.has(Persistent.HAS_ISSUER_KEY) && card.issuer[0] == id;
  }

  /** Verifies r ‖ s (64) over a message in RAM; the message must not lie in {@link Ram#der}. */
  boolean verify(byte[] message, short offset, short length, byte[] rs, short rsOffset) {
    if (!isInRange(rs, rsOffset, (short) 0) || !isInRange(rs, (short) (rsOffset + SCALAR_LENGTH), SCALAR_LENGTH)) return false;
    if (Bytes.compare(rs, rsOffset, bounds, (short) 0, SCALAR_LENGTH) == 0) return false;
    short derLength = toDer(rs, rsOffset);
    try {
      signature.init(current[0] == 0 ? first : second, Signature.MODE_VERIFY);
      return signature.verify(message, offset, length, ram.der, (short) 0, derLength);
    } catch (CryptoException refusedByThePlatform) {
      return false;
    }
  }

  /** 1 ≤ scalar ≤ bound; the caller refuses r = n by itself. */
  private boolean isInRange(byte[] scalar, short offset, short bound) {
    return !Bytes.isZero(scalar, offset, SCALAR_LENGTH) && Bytes.compare(scalar, offset, bounds, bound, SCALAR_LENGTH) <= 0;
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
