package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** UPDATE ALLOWANCE: checked by the card itself, so anyone may carry it (spec §3.3, §4.11). */
final class AllowanceUpdate {
  private static final short BODY = ISO7816.OFFSET_CDATA;
  private static final short TAG = 0x5941;
  private static final byte NEEDED = (byte) (Persistent.HAS_DOMAIN | Persistent.HAS_ISSUER_KEY | Persistent.HAS_KEY_PAIR
      | Persistent.HAS_ADDRESS | Persistent.HAS_OWNER);

  private final Persistent card;
  private final Ram ram;
  private final Session session;
  private final Issuer issuer;

  AllowanceUpdate(Persistent card, Ram ram, Session session, Issuer issuer) {
    this.card = card;
    this.ram = ram;
    this.session = session;
    this.issuer = issuer;
  }

  short process(byte[] buffer, short length) {
    if (length != Allowance.SIGNED_LENGTH) ISOException.throwIt(Status.WRONG_LENGTH);
    if (card.state() == Persistent.INSTALLED && !session.isSecure()) ISOException.throwIt(Status.NO_RIGHT);
    if (card.state() == Persistent.TERMINATED) ISOException.throwIt(Status.WRONG_STATE);
    if (!card.has(NEEDED)) ISOException.throwIt(Status.CONDITION);
    if ((short) (Util.getShort(buffer, (short) (BODY + Allowance.FLAGS)) & (short) ~Allowance.KNOWN_FLAGS) != 0) {
      ISOException.throwIt(Status.WRONG_VALUE);
    }
    if (!Bytes.isAbove(buffer, (short) (BODY + Allowance.SEQ), card.allowance, Allowance.SEQ, (short) 4)) {
      ISOException.throwIt(Status.NOT_NEWER);
    }
    if (!isGenuine(buffer)) ISOException.throwIt(Status.SIGNATURE_WRONG);
    store(buffer);
    return 0;
  }

  private boolean isGenuine(byte[] buffer) {
    if (!issuer.isCurrentKey(buffer[(short) (BODY + Allowance.KEY_ID)])) return false;
    byte[] message = ram.scratch;
    short at = Bytes.putTag(message, (short) 0, TAG);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, message, at, Persistent.DOMAIN_LENGTH);
    at = Util.arrayCopyNonAtomic(card.address, (short) 0, message, at, Persistent.ADDRESS_LENGTH);
    at = Util.arrayCopyNonAtomic(buffer, BODY, message, at, Allowance.BODY_LENGTH);
    return issuer.verify(message, (short) 0, at, buffer, (short) (BODY + Allowance.BODY_LENGTH));
  }

  /** The new rules, the state they bring and, where the issuer wants them, fresh no-PIN sums take effect together. */
  private void store(byte[] buffer) {
    boolean frozen = Bytes.isZero(buffer, (short) (BODY + Allowance.PER_TAP), (short) 6);
    boolean fresh = (short) (Util.getShort(buffer, (short) (BODY + Allowance.FLAGS)) & Allowance.NEW_NO_PIN_SUMS) != 0;
    JCSystem.beginTransaction();
    Util.arrayCopy(buffer, BODY, card.allowance, (short) 0, Allowance.SIGNED_LENGTH);
    if (fresh) card.resetNoPin();
    card.setState(frozen ? Persistent.SUSPENDED : Persistent.PERSONALIZED);
    card.mark(Persistent.HAS_ALLOWANCE);
    JCSystem.commitTransaction();
  }
}
