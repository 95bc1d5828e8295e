package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * GENERATE KEY, STORE DATA and OPEN: the issuer's part, only inside SCP03 (spec §4.7, §4.8). Storing the same
 * value again succeeds, so that a personalization torn anywhere can be sent again.
 */
final class Personalization {
  private static final short DGI_STATE = 0x7F01;
  private static final short DGI_DOMAIN = 0x7F02;
  private static final short DGI_ISSUER_KEY = 0x7F03;
  private static final short DGI_ADDRESS = 0x7F04;
  private static final short DGI_OWNER = 0x7F05;
  private static final short DGI_PIN = 0x7F06;
  private static final short TAG_OPENING = 0x594F;
  /** tag 2, length 1 and at least one byte of value */
  private static final short SHORTEST_DGI = 4;
  private static final short DGI = ISO7816.OFFSET_CDATA;
  private static final short VALUE = (short) (DGI + 3);
  static final byte P1_LAST_BLOCK_DGI = (byte) 0x88;

  private final Persistent card;
  private final Ram ram;
  private final Session session;
  private final Signer signer;
  private final Issuer issuer;
  private final PinCommands pins;

  Personalization(Persistent card, Ram ram, Session session, Signer signer, Issuer issuer, PinCommands pins) {
    this.card = card;
    this.ram = ram;
    this.session = session;
    this.signer = signer;
    this.issuer = issuer;
    this.pins = pins;
  }

  short generateKey(byte[] buffer, short length) {
    if (length != 0) ISOException.throwIt(Status.WRONG_LENGTH);
    if (!session.isSecure()) ISOException.throwIt(Status.NO_RIGHT);
    if (card.state() != Persistent.INSTALLED) ISOException.throwIt(Status.WRONG_STATE);
    if (card.has(Persistent.HAS_KEY_PAIR)) ISOException.throwIt(Status.CONDITION);
    signer.generate();
    return Util.arrayCopyNonAtomic(card.publicKey, (short) 0, buffer, (short) 0, Curve.POINT_LENGTH);
  }

  /** Signs TLYO ‖ domain ‖ owner: the card's consent to be opened in the vault for this owner. */
  short open(byte[] buffer, short length) {
    if (length != 0) ISOException.throwIt(Status.WRONG_LENGTH);
    if (!session.isSecure()) ISOException.throwIt(Status.NO_RIGHT);
    if (card.state() != Persistent.INSTALLED) ISOException.throwIt(Status.WRONG_STATE);
    if (!card.has((byte) (Persistent.HAS_DOMAIN | Persistent.HAS_KEY_PAIR | Persistent.HAS_OWNER))) {
      ISOException.throwIt(Status.CONDITION);
    }
    byte[] message = ram.scratch;
    short at = Bytes.putTag(message, (short) 0, TAG_OPENING);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, message, at, Persistent.DOMAIN_LENGTH);
    at = Util.arrayCopyNonAtomic(card.owner, (short) 0, message, at, Persistent.ADDRESS_LENGTH);
    short signature = signer.sign(message, (short) 0, at);
    return Util.arrayCopyNonAtomic(ram.der, Ram.DER, buffer, (short) 0, signature);
  }

  short storeData(byte[] buffer, short length) {
    if (length < SHORTEST_DGI) ISOException.throwIt(Status.WRONG_LENGTH);
    if (!session.isSecure()) ISOException.throwIt(Status.NO_RIGHT);
    short tag = Util.getShort(buffer, DGI);
    short valueLength = (short) (length - 3);
    if (card.state() == Persistent.TERMINATED) ISOException.throwIt(Status.WRONG_STATE);
    boolean lengthFits = (short) (buffer[(short) (DGI + 2)] & 0xFF) == valueLength;
    switch (tag) {
      case DGI_STATE:
        changeState(buffer, lengthFits && valueLength == 1);
        break;
      case DGI_DOMAIN:
        requireValue(lengthFits && valueLength == Persistent.DOMAIN_LENGTH);
        if (isNew(Persistent.HAS_DOMAIN, card.domain, buffer, valueLength)) signer.recordDomain(buffer, VALUE);
        break;
      case DGI_ISSUER_KEY:
        requireValue(lengthFits && valueLength == (short) (1 + Curve.POINT_LENGTH) && Issuer.isKey(buffer, VALUE));
        issuer.replace(buffer, VALUE);
        break;
      case DGI_ADDRESS:
        if (!card.has(Persistent.HAS_KEY_PAIR)) ISOException.throwIt(Status.CONDITION);
        requireValue(lengthFits && valueLength == Persistent.ADDRESS_LENGTH);
        storeOnce(Persistent.HAS_ADDRESS, card.address, buffer, valueLength);
        break;
      case DGI_OWNER:
        requireValue(lengthFits && valueLength == Persistent.ADDRESS_LENGTH && !Bytes.isZero(buffer, VALUE, valueLength));
        storeOnce(Persistent.HAS_OWNER, card.owner, buffer, valueLength);
        break;
      case DGI_PIN:
        requireValue(lengthFits && valueLength == PinSession.BLOCK_LENGTH);
        Channel.decrypt(buffer, VALUE, valueLength);
        pins.store(buffer, VALUE);
        break;
      default:
        ISOException.throwIt(Status.NO_SUCH_DATA);
    }
    return 0;
  }

  private static void requireValue(boolean good) {
    if (!good) ISOException.throwIt(Status.WRONG_VALUE);
  }

  private void changeState(byte[] buffer, boolean hasLength) {
    byte target = buffer[VALUE];
    if (card.state() == Persistent.INSTALLED && !(hasLength && target == Persistent.TERMINATED)) ISOException.throwIt(Status.WRONG_STATE);
    requireValue(hasLength && (target == Persistent.PERSONALIZED || target == Persistent.SUSPENDED || target == Persistent.TERMINATED));
    if (card.state() != target) card.setState(target);
  }

  private void storeOnce(byte part, byte[] to, byte[] buffer, short length) {
    if (isNew(part, to, buffer, length)) card.writePart(part, to, buffer, VALUE, length);
  }

  /** True: to be written; false: already there with this value; another value is refused. */
  private boolean isNew(byte part, byte[] stored, byte[] buffer, short length) {
    if (!card.has(part)) return true;
    if (Util.arrayCompare(stored, (short) 0, buffer, VALUE, length) != 0) ISOException.throwIt(Status.CONDITION);
    return false;
  }
}
