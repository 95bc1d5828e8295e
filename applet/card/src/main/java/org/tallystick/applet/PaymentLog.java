package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** GET LOG: one of the last 16 payments by age, to whoever may read all or its payee's certified terminal (spec §4.13). */
final class PaymentLog {
  private static final short PAYEE = ISO7816.OFFSET_CDATA;

  private final Persistent card;
  private final Ring ring;
  private final Ram ram;
  private final Session session;
  private final Voucher voucher;
  private final LogAccess access;

  PaymentLog(Persistent card, Ring ring, Ram ram, Session session, Voucher voucher, LogAccess access) {
    this.card = card;
    this.ring = ring;
    this.ram = ram;
    this.session = session;
    this.voucher = voucher;
    this.access = access;
  }

  short process(byte[] buffer, short length) {
    if (length != 0 && length != LogAccess.PAYEE_LENGTH && length != LogAccess.SIGNED_LENGTH) ISOException.throwIt(Status.WRONG_LENGTH);
    boolean whole = session.mayReadWholeLog();
    if (length == 0 && !whole) ISOException.throwIt(Status.NO_RIGHT);
    if (card.state() == Persistent.INSTALLED) ISOException.throwIt(Status.WRONG_STATE);
    if (length == LogAccess.SIGNED_LENGTH) access.tryRight(buffer, PAYEE);
    if (!whole && !session.mayReadLogOf(buffer, PAYEE)) ISOException.throwIt(Status.NO_RIGHT);
    short age = (short) (buffer[ISO7816.OFFSET_P1] & 0xFF);
    if (!exists(age)) ISOException.throwIt(Status.NO_SUCH_RECORD);
    short slot = (short) ((short) (Ring.slot(card.money, Persistent.COUNTER) - age) & 0x0F);
    short record = ring.recordOffset(slot);
    if (!whole && Util.arrayCompare(buffer, PAYEE, ring.slots, (short) (record + Record.PAYEE), LogAccess.PAYEE_LENGTH) != 0) {
      ISOException.throwIt(Status.NO_SUCH_RECORD);
    }
    return answer(buffer, slot, record);
  }

  /** Ages 0 to 15, as far as the counter has come: counters start at 1. */
  private boolean exists(short age) {
    if (age >= Ring.SIZE) return false;
    return !Bytes.isZero(card.money, Persistent.COUNTER, (short) 3)
        || (short) (card.money[(short) (Persistent.COUNTER + 3)] & 0xFF) > age;
  }

  private short answer(byte[] buffer, short slot, short record) {
    short length = voucher.readOrSign(slot);
    short at = Util.arrayCopyNonAtomic(ring.slots, record, buffer, (short) 0, Record.LENGTH);
    return Util.arrayCopyNonAtomic(ram.der, Ram.DER, buffer, at, length);
  }
}
