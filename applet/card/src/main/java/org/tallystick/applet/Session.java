package org.tallystick.applet;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/** What was shown to the card since it was selected: rights, the PIN bound to a request, a merchant certificate. */
final class Session {
  private static final short SECURE = 0;
  private static final short PIN_SHOWN = 1;
  private static final short PIN_BOUND = 2;
  private static final short CERTIFICATE = 3;
  private static final short FLAGS_LENGTH = 4;

  /** payee 20, category 1, terminal id 8, notBefore 4, notAfter 4 */
  private static final short CERTIFICATE_LENGTH = 37;
  private static final short PAYEE_LENGTH = 20;
  private static final short CATEGORY = 20;
  private static final short TERMINAL_ID = 21;
  private static final short NOT_BEFORE = 29;
  private static final short NOT_AFTER = 33;

  private final byte[] flags;
  private final byte[] boundRequest;
  private final byte[] certificate;

  Session() {
    flags = JCSystem.makeTransientByteArray(FLAGS_LENGTH, JCSystem.CLEAR_ON_DESELECT);
    boundRequest = JCSystem.makeTransientByteArray(Ram.HASH_LENGTH, JCSystem.CLEAR_ON_DESELECT);
    certificate = JCSystem.makeTransientByteArray(CERTIFICATE_LENGTH, JCSystem.CLEAR_ON_DESELECT);
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

  /** Remembers a checked certificate: payee, category and terminal id (29) at one place of it, its validity (8) at another. */
  void presentCertificate(byte[] from, short who, short validity) {
    short at = Util.arrayCopyNonAtomic(from, who, certificate, (short) 0, NOT_BEFORE);
    Util.arrayCopyNonAtomic(from, validity, certificate, at, (short) (CERTIFICATE_LENGTH - NOT_BEFORE));
    flags[CERTIFICATE] = 1;
  }

  /** Whether the certificate shown is this request's: payee, category, terminal id, and its time lies within. */
  boolean hasCertificateFor(byte[] request, short offset) {
    return flags[CERTIFICATE] != 0
        && Util.arrayCompare(certificate, (short) 0, request, (short) (offset + Record.PAYEE), PAYEE_LENGTH) == 0
        && certificate[CATEGORY] == request[(short) (offset + Record.CATEGORY)]
        && Util.arrayCompare(certificate, TERMINAL_ID, request, (short) (offset + Record.TERMINAL_ID), (short) 8) == 0
        && Bytes.compare(request, (short) (offset + Record.TIME), certificate, NOT_BEFORE, (short) 4) >= 0
        && Bytes.compare(request, (short) (offset + Record.TIME), certificate, NOT_AFTER, (short) 4) <= 0;
  }
}
