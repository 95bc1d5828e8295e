package org.tallystick.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPublicKey;

/**
 * The one issuer key of this domain, and what it signed. Setting a key is not part of a transaction on every card, so
 * there are two key objects: a new key goes into the spare one, and the transaction that records it changes over.
 */
final class Issuer {
  private static final byte UNCOMPRESSED = 0x04;

  private final Persistent card;
  private final Verifier verifier;
  private final ECPublicKey first;
  private final ECPublicKey second;
  /** 0: {@link #first} holds the key on record; 1: {@link #second}. */
  private final byte[] current;

  Issuer(Persistent card, Ram ram, Verifier verifier) {
    this.card = card;
    this.verifier = verifier;
    first = Engines.publicKey(ram.scratch);
    second = Engines.publicKey(ram.scratch);
    current = new byte[1];
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

  /** Verifies r ‖ s (64) by the key on record; the message must not lie in {@link Ram#der}. */
  boolean verify(byte[] message, short offset, short length, byte[] rs, short rsOffset) {
    return verifier.verify(current[0] == 0 ? first : second, message, offset, length, rs, rsOffset);
  }
}
