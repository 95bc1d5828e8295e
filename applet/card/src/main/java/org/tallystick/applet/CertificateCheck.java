package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** PRESENT CERTIFICATE: the card itself checks who is to be paid (TLYM, spec §3.4, §4.14). */
final class CertificateCheck {
  private static final short CERTIFICATE = ISO7816.OFFSET_CDATA;
  private static final short SIGNED_LENGTH = 163;
  private static final short KEY_ID = 32;
  private static final short PAYEE = 33;
  private static final short TAG = 0x594D;

  private final Persistent card;
  private final Session session;
  private final Issuer issuer;

  CertificateCheck(Persistent card, Session session, Issuer issuer) {
    this.card = card;
    this.session = session;
    this.issuer = issuer;
  }

  short process(byte[] buffer, short length) {
    if (length != (short) (SIGNED_LENGTH + Verifier.SIGNATURE_LENGTH)) ISOException.throwIt(Status.WRONG_LENGTH);
    if (card.state() == Persistent.INSTALLED) ISOException.throwIt(Status.WRONG_STATE);
    if (!card.isOfThisDomain(buffer, CERTIFICATE, TAG)) ISOException.throwIt(Status.WRONG_VALUE);
    boolean genuine = issuer.isCurrentKey(buffer[(short) (CERTIFICATE + KEY_ID)])
        && issuer.verify(buffer, CERTIFICATE, SIGNED_LENGTH, buffer, (short) (CERTIFICATE + SIGNED_LENGTH));
    if (!genuine) ISOException.throwIt(Status.SIGNATURE_WRONG);
    session.presentCertificate(buffer, (short) (CERTIFICATE + PAYEE));
    return 0;
  }
}
