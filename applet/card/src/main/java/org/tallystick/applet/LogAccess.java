package org.tallystick.applet;

import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPublicKey;
import javacard.security.RandomData;

/**
 * Who may read one payee's entries of the log: the terminal that the presented certificate names, once it has signed
 * this card's challenge (TLYG, spec §3.7, §4.13). A payee's address is public and opens nothing.
 */
final class LogAccess {
  static final short PAYEE_LENGTH = 20;
  static final short SIGNED_LENGTH = (short) (PAYEE_LENGTH + Verifier.SIGNATURE_LENGTH);
  private static final short TAG = 0x5947;
  private static final short MESSAGE_LENGTH = 56;

  private final Persistent card;
  private final Ram ram;
  private final Session session;
  private final Verifier verifier;
  private final RandomData random;
  /** No chip has a transient public key: this one is set here alone, and only to another key than it holds. */
  private final ECPublicKey terminalKey;

  LogAccess(Persistent card, Ram ram, Session session, Verifier verifier) {
    this.card = card;
    this.ram = ram;
    this.session = session;
    this.verifier = verifier;
    random = Engines.random();
    terminalKey = Engines.publicKey(ram.scratch);
  }

  /** GET CHALLENGE: a new challenge takes the place of the one before. */
  short challenge(byte[] buffer, short length) {
    if (length != 0) ISOException.throwIt(Status.WRONG_LENGTH);
    if (card.state() == Persistent.INSTALLED) ISOException.throwIt(Status.WRONG_STATE);
    random.generateData(buffer, (short) 0, Session.CHALLENGE_LENGTH);
    session.openChallenge(buffer, (short) 0);
    return Session.CHALLENGE_LENGTH;
  }

  /**
   * Tries payee (20) ‖ signature (64) for the right to that payee's entries. The challenge is used up, right or wrong,
   * and a right of before has ended.
   */
  void tryRight(byte[] buffer, short offset) {
    session.endLogRight();
    short at = Bytes.putTag(ram.scratch, (short) 0, TAG);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, ram.scratch, at, Persistent.DOMAIN_LENGTH);
    at = Util.arrayCopyNonAtomic(card.cardTag, (short) 0, ram.scratch, at, Persistent.TAG_LENGTH);
    boolean known = card.has((byte) (Persistent.HAS_DOMAIN | Persistent.HAS_KEY_PAIR));
    if (!session.takeChallenge(ram.scratch, at) || !known || !session.isCertified(buffer, offset) || !hasTerminalKey()) return;
    if (verifier.verify(terminalKey, ram.scratch, (short) 0, MESSAGE_LENGTH, buffer, (short) (offset + PAYEE_LENGTH))) {
      session.grantLogRight();
    }
  }

  /** Puts the certificate's key into the key object; false if it is no point of the curve. */
  private boolean hasTerminalKey() {
    if (holdsTerminalKey()) return true;
    session.putTerminalKey(ram.scratch, MESSAGE_LENGTH);
    try {
      terminalKey.setW(ram.scratch, MESSAGE_LENGTH, Curve.POINT_LENGTH);
      return true;
    } catch (CryptoException noPoint) {
      return false;
    }
  }

  private boolean holdsTerminalKey() {
    try {
      if (!terminalKey.isInitialized()) return false;
      terminalKey.getW(ram.scratch, MESSAGE_LENGTH);
      return session.isTerminalKey(ram.scratch, MESSAGE_LENGTH);
    } catch (CryptoException tornWhileSet) {
      return false;
    }
  }
}
