package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** BEACON: the card carries the newest status list head it met to terminals without a network (spec §3.5, §4.15). */
final class Beacon {
  private static final short HEAD = ISO7816.OFFSET_CDATA;
  private static final short HEAD_LENGTH = 81;
  private static final short LENGTH = 145;
  private static final short KEY_ID = 32;
  private static final short SEQ = 33;
  private static final short SEQ_LENGTH = 4;
  private static final short TAG = 0x5953;

  private final Persistent card;
  private final Issuer issuer;
  /** Head and signature; sequence 0 means that none was stored yet. */
  private final byte[] stored;

  Beacon(Persistent card, Issuer issuer) {
    this.card = card;
    this.issuer = issuer;
    stored = new byte[LENGTH];
  }

  static boolean hasGoodParameters(byte[] buffer) {
    byte p1 = buffer[ISO7816.OFFSET_P1];
    return (p1 == 0 || p1 == 1) && buffer[ISO7816.OFFSET_P2] == 0;
  }

  short process(byte[] buffer, short length) {
    return buffer[ISO7816.OFFSET_P1] == 0 ? get(buffer, length) : put(buffer, length);
  }

  private short get(byte[] buffer, short length) {
    if (length != 0) ISOException.throwIt(Status.WRONG_LENGTH);
    card.requireInUse();
    if (Bytes.isZero(stored, SEQ, SEQ_LENGTH)) ISOException.throwIt(Status.NO_SUCH_DATA);
    return Util.arrayCopyNonAtomic(stored, (short) 0, buffer, (short) 0, LENGTH);
  }

  private short put(byte[] buffer, short length) {
    if (length != LENGTH) ISOException.throwIt(Status.WRONG_LENGTH);
    card.requireInUse();
    if (!card.isOfThisDomain(buffer, HEAD, TAG)) ISOException.throwIt(Status.WRONG_VALUE);
    if (!Bytes.isAbove(buffer, (short) (HEAD + SEQ), stored, SEQ, SEQ_LENGTH)) ISOException.throwIt(Status.NOT_NEWER);
    boolean genuine = issuer.isCurrentKey(buffer[(short) (HEAD + KEY_ID)])
        && issuer.verify(buffer, HEAD, HEAD_LENGTH, buffer, (short) (HEAD + HEAD_LENGTH));
    if (!genuine) ISOException.throwIt(Status.SIGNATURE_WRONG);
    JCSystem.beginTransaction();
    Util.arrayCopy(buffer, HEAD, stored, (short) 0, LENGTH);
    JCSystem.commitTransaction();
    return 0;
  }
}
