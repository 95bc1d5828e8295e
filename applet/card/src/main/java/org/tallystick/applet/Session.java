package org.tallystick.applet;

import javacard.framework.Util;

/** What was shown to the card since it was selected: rights, the PIN bound to a request, a certificate, a challenge. */
final class Session {
  private static final short SECURE = 0;
  private static final short PIN_SHOWN = 1;
  private static final short PIN_BOUND = 2;
  private static final short CERTIFICATE = 3;
  private static final short CHALLENGE = 4;
  private static final short LOG_RIGHT = 5;
  private static final short FLAGS_LENGTH = 6;

  /** payee 20, category 1, terminal id 8, terminal key 65, notBefore 4, notAfter 4: as they stand in `TLYM` */
  static final short CERTIFICATE_LENGTH = 102;
  static final short CHALLENGE_LENGTH = 16;
  private static final short PAYEE_LENGTH = 20;
  private static final short CATEGORY = 20;
  private static final short TERMINAL_ID = 21;
  private static final short TERMINAL_KEY = 29;
  private static final short NOT_BEFORE = 94;
  private static final short NOT_AFTER = 98;

  private final byte[] flags;
  private final byte[] boundRequest;
  private final byte[] certificate;
  private final byte[] challenge;

  Session() {
    flags = Engines.ram(FLAGS_LENGTH);
    boundRequest = Engines.ram(Ram.HASH_LENGTH);
    certificate = Engines.ram(CERTIFICATE_LENGTH);
    challenge = Engines.ram(CHALLENGE_LENGTH);
  }

  /** True while the current command came under secure messaging of the personalization level. */
  boolean isSecure() {
    return flags[SECURE] != 0;
  }

  void setSecure(boolean secure) {
    flags[SECURE] = secure ? (byte) 1 : (byte) 0;
  }

  boolean mayReadWholeLog() {
    return isSecure() || flags[PIN_SHOWN] != 0;
  }

  /** The PIN was right for the request with this hash. */
  void bindPin(byte[] from, short offset) {
    Util.arrayCopyNonAtomic(from, offset, boundRequest, (short) 0, Ram.HASH_LENGTH);
    flags[PIN_SHOWN] = 1;
    flags[PIN_BOUND] = 1;
  }

  boolean isPinBound() {
    return flags[PIN_BOUND] != 0;
  }

  boolean isPinBoundTo(byte[] requestHash) {
    return flags[PIN_BOUND] != 0
        && Util.arrayCompare(boundRequest, (short) 0, requestHash, (short) 0, Ram.HASH_LENGTH) == 0;
  }

  /** One PIN entry serves one payment. */
  void releasePin() {
    flags[PIN_BOUND] = 0;
    Util.arrayFillNonAtomic(boundRequest, (short) 0, Ram.HASH_LENGTH, (byte) 0);
  }

  void forgetPin() {
    releasePin();
    flags[PIN_SHOWN] = 0;
  }

  /** Remembers a checked certificate from its payee to its validity (102). Challenge and right of before end. */
  void presentCertificate(byte[] from, short offset) {
    endLogRight();
    endChallenge();
    Util.arrayCopyNonAtomic(from, offset, certificate, (short) 0, CERTIFICATE_LENGTH);
    flags[CERTIFICATE] = 1;
  }

  void openChallenge(byte[] from, short offset) {
    Util.arrayCopyNonAtomic(from, offset, challenge, (short) 0, CHALLENGE_LENGTH);
    flags[CHALLENGE] = 1;
  }

  /** Writes the open challenge (16) and uses it up; false if none was open. */
  boolean takeChallenge(byte[] to, short offset) {
    boolean open = flags[CHALLENGE] != 0;
    Util.arrayCopyNonAtomic(challenge, (short) 0, to, offset, CHALLENGE_LENGTH);
    endChallenge();
    return open;
  }

  private void endChallenge() {
    flags[CHALLENGE] = 0;
    Util.arrayFillNonAtomic(challenge, (short) 0, CHALLENGE_LENGTH, (byte) 0);
  }

  /** Whether a certificate was presented and is this payee's. */
  boolean isCertified(byte[] payee, short offset) {
    return flags[CERTIFICATE] != 0 && Util.arrayCompare(certificate, (short) 0, payee, offset, PAYEE_LENGTH) == 0;
  }

  boolean isTerminalKey(byte[] key, short offset) {
    return Util.arrayCompare(certificate, TERMINAL_KEY, key, offset, Curve.POINT_LENGTH) == 0;
  }

  void putTerminalKey(byte[] to, short offset) {
    Util.arrayCopyNonAtomic(certificate, TERMINAL_KEY, to, offset, Curve.POINT_LENGTH);
  }

  void grantLogRight() {
    flags[LOG_RIGHT] = 1;
  }

  void endLogRight() {
    flags[LOG_RIGHT] = 0;
  }

  /** Whether the certified terminal of this payee has signed this card's challenge. */
  boolean mayReadLogOf(byte[] payee, short offset) {
    return flags[LOG_RIGHT] != 0 && isCertified(payee, offset);
  }

  /** Whether the certificate shown is this PAY request's: payee, category, terminal id, and its time lies within. */
  boolean hasCertificateFor(byte[] buffer) {
    byte[] shown = certificate;
    return flags[CERTIFICATE] != 0
        && Util.arrayCompare(shown, (short) 0, buffer, (short) (Payment.REQUEST + Record.PAYEE), PAYEE_LENGTH) == 0
        && shown[CATEGORY] == buffer[(short) (Payment.REQUEST + Record.CATEGORY)]
        && Util.arrayCompare(shown, TERMINAL_ID, buffer, (short) (Payment.REQUEST + Record.TERMINAL_ID), (short) 8) == 0
        && !Bytes.isAbove(shown, NOT_BEFORE, buffer, (short) (Payment.REQUEST + Record.TIME), (short) 4)
        && !Bytes.isAbove(buffer, (short) (Payment.REQUEST + Record.TIME), shown, NOT_AFTER, (short) 4);
  }
}
