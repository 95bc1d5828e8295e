package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** PAY: form, replay, turn, rules, one transaction, signature — in this order (spec §4.5). */
final class Payment {
  private static final short REQUEST = ISO7816.OFFSET_CDATA;
  /** P2: what the answer shows. Nothing else hangs on it, so either form replays the other's payment. */
  private static final byte P2_FULL_ANSWER = 0x00;
  private static final byte P2_SHORT_ANSWER = 0x01;
  /** The record is prepared behind M in the scratch buffer. */
  private static final short DRAFT = Voucher.MESSAGE_LENGTH;
  private static final short MONEY_DRAFT = (short) (DRAFT + Record.LENGTH);
  private static final byte LAST_CATEGORY = 63;
  private static final byte CVM_NONE = 0;
  private static final byte CVM_PIN = 1;

  private final Persistent card;
  private final Ring ring;
  private final Ram ram;
  private final Session session;
  private final Signer signer;
  private final Voucher voucher;

  Payment(Persistent card, Ring ring, Ram ram, Session session, Signer signer, Voucher voucher) {
    this.card = card;
    this.ring = ring;
    this.ram = ram;
    this.session = session;
    this.signer = signer;
    this.voucher = voucher;
  }

  static boolean hasGoodParameters(byte[] buffer) {
    byte p2 = buffer[ISO7816.OFFSET_P2];
    return buffer[ISO7816.OFFSET_P1] == 0 && (p2 == P2_FULL_ANSWER || p2 == P2_SHORT_ANSWER);
  }

  short process(byte[] buffer, short length) {
    if (length != Record.REQUEST_LENGTH) ISOException.throwIt(Status.WRONG_LENGTH);
    if (card.state() == Persistent.INSTALLED) ISOException.throwIt(Status.WRONG_STATE);
    checkForm(buffer);
    short slot = Ring.slot(buffer, (short) (REQUEST + Record.COUNTER));
    if (ring.holds(slot, buffer, REQUEST)) return answer(slot, buffer, voucher.readOrSign(slot));
    checkTurn(buffer);
    byte cvm = checkRules(buffer);
    draftRecord(buffer, cvm);
    commit(slot, cvm);
    return answer(slot, buffer, signCommitted(slot));
  }

  private void checkForm(byte[] buffer) {
    if (Bytes.isZero(buffer, (short) (REQUEST + Record.AMOUNT), (short) 6)
        || Bytes.isZero(buffer, (short) (REQUEST + Record.PAYEE), (short) 20)) {
      ISOException.throwIt(Status.WRONG_VALUE);
    }
    if (!card.has((byte) (Persistent.HAS_DOMAIN | Persistent.HAS_KEY_PAIR))
        || Util.arrayCompare(buffer, (short) (REQUEST + Record.CARD_TAG), card.cardTag, (short) 0, Persistent.TAG_LENGTH) != 0) {
      ISOException.throwIt(Status.NOT_THIS_CARD);
    }
  }

  /** A request names the one number its voucher may get, so it executes at most once, on one card. */
  private void checkTurn(byte[] buffer) {
    boolean wrapped = Bytes.increment(card.money, Persistent.COUNTER, ram.scratch, (short) 0, (short) 4);
    if (wrapped
        || Util.arrayCompare(ram.scratch, (short) 0, buffer, (short) (REQUEST + Record.COUNTER), (short) 4) != 0) {
      ISOException.throwIt(Status.COUNTER_OUT_OF_TURN);
    }
  }

  /** Step 4: writes nothing; answers how the cardholder was verified. The new spent stays at the scratch buffer's start. */
  private byte checkRules(byte[] buffer) {
    if (card.state() != Persistent.PERSONALIZED) ISOException.throwIt(Status.WRONG_STATE);
    byte[] rules = card.allowance;
    if (Bytes.compare(buffer, (short) (REQUEST + Record.TIME), rules, Allowance.NOT_BEFORE, (short) 4) < 0
        || Bytes.compare(buffer, (short) (REQUEST + Record.TIME), rules, Allowance.NOT_AFTER, (short) 4) > 0) {
      ISOException.throwIt(Status.OUTSIDE_VALIDITY);
    }
    if (!isCategoryAllowed(buffer[(short) (REQUEST + Record.CATEGORY)])) ISOException.throwIt(Status.CATEGORY);
    if (Bytes.compare(buffer, (short) (REQUEST + Record.AMOUNT), rules, Allowance.PER_TAP, (short) 6) > 0) {
      ISOException.throwIt(Status.ABOVE_PER_TAP);
    }
    short flags = Util.getShort(rules, Allowance.FLAGS);
    if ((short) (flags & Allowance.CERTIFICATE_FLAG) != 0 && !session.hasCertificateFor(buffer, REQUEST)) {
      ISOException.throwIt(Status.CERTIFICATE_NEEDED);
    }
    byte cvm = checkCardholder(buffer);
    if (Bytes.compare(buffer, (short) (REQUEST + Record.COUNTER), rules, Allowance.MAX_COUNTER, (short) 4) > 0) {
      ISOException.throwIt(Status.COUNTER_CAP);
    }
    boolean overflow = Bytes.add(card.money, Persistent.SPENT, buffer, (short) (REQUEST + Record.AMOUNT), ram.scratch, (short) 0, (short) 6);
    if (overflow || Bytes.compare(ram.scratch, (short) 0, rules, Allowance.MAX_SPENT, (short) 6) > 0) {
      ISOException.throwIt(Status.SPENDING_CAP);
    }
    return cvm;
  }

  private boolean isCategoryAllowed(byte category) {
    if (category < 0 || category > LAST_CATEGORY) return false;
    byte bits = card.allowance[(short) (Allowance.CATEGORIES + 7 - (category >> 3))];
    return (byte) ((bits >> (category & 0x07)) & 0x01) != 0;
  }

  private byte checkCardholder(byte[] buffer) {
    if (session.isPinBound()) {
      signer.hash(buffer, REQUEST, Record.REQUEST_LENGTH, ram.hash, (short) 0);
      if (session.isPinBoundTo(ram.hash)) return CVM_PIN;
    }
    if (needsPin(buffer)) ISOException.throwIt(Status.PIN_NEEDED);
    return CVM_NONE;
  }

  private boolean needsPin(byte[] buffer) {
    byte[] rules = card.allowance;
    short amount = (short) (REQUEST + Record.AMOUNT);
    if (Bytes.compare(buffer, amount, rules, Allowance.PIN_ABOVE, (short) 6) > 0) return true;
    boolean overflow = Bytes.add(card.money, Persistent.NO_PIN_USED, buffer, amount, ram.scratch, (short) 0, (short) 6);
    if (overflow || Bytes.compare(ram.scratch, (short) 0, rules, Allowance.NO_PIN_SUM, (short) 6) > 0) return true;
    short limit = (short) (rules[Allowance.NO_PIN_COUNT] & 0xFF);
    short taps = (short) ((card.money[Persistent.NO_PIN_TAPS] & 0xFF) + 1);
    return limit != Allowance.NO_COUNT_LIMIT && taps > limit;
  }

  /** Lays out the whole record and the new money state in RAM, so that the transaction only copies. */
  private void draftRecord(byte[] buffer, byte cvm) {
    byte[] draft = ram.scratch;
    draftMoney(buffer, cvm);
    Util.arrayCopyNonAtomic(buffer, REQUEST, draft, DRAFT, Record.REQUEST_LENGTH);
    short at = Util.arrayCopyNonAtomic(draft, (short) (MONEY_DRAFT + Persistent.SPENT), draft, (short) (DRAFT + Record.SPENT), (short) 6);
    at = Util.arrayCopyNonAtomic(card.allowance, Allowance.SEQ, draft, at, (short) 4);
    draft[at] = cvm;
    draft[(short) (at + 1)] = 0;
    Util.arrayCopyNonAtomic(card.money, Persistent.HEAD, draft, (short) (at + 2), Ram.HASH_LENGTH);
    voucher.buildMessage(draft, DRAFT);
    signer.hash(draft, (short) 0, Voucher.MESSAGE_LENGTH, ram.hash, (short) 0);
    Util.arrayCopyNonAtomic(ram.hash, (short) 0, draft, (short) (DRAFT + Record.MESSAGE_HASH), Ram.HASH_LENGTH);
    Util.arrayCopyNonAtomic(ram.hash, (short) 0, draft, (short) (MONEY_DRAFT + Persistent.HEAD), Ram.HASH_LENGTH);
  }

  private void draftMoney(byte[] buffer, byte cvm) {
    byte[] draft = ram.scratch;
    short amount = (short) (REQUEST + Record.AMOUNT);
    Util.arrayCopyNonAtomic(buffer, (short) (REQUEST + Record.COUNTER), draft, MONEY_DRAFT, (short) 4);
    Bytes.add(card.money, Persistent.SPENT, buffer, amount, draft, (short) (MONEY_DRAFT + Persistent.SPENT), (short) 6);
    if (cvm == CVM_PIN) {
      Util.arrayFillNonAtomic(draft, (short) (MONEY_DRAFT + Persistent.NO_PIN_USED), Persistent.NO_PIN_LENGTH, (byte) 0);
      return;
    }
    Bytes.add(card.money, Persistent.NO_PIN_USED, buffer, amount, draft, (short) (MONEY_DRAFT + Persistent.NO_PIN_USED), (short) 6);
    short taps = (short) (card.money[Persistent.NO_PIN_TAPS] & 0xFF);
    if (taps < Allowance.NO_COUNT_LIMIT) taps++;
    draft[(short) (MONEY_DRAFT + Persistent.NO_PIN_TAPS)] = (byte) taps;
  }

  /** The one transaction of a payment: 49 + 143 + 1 bytes. */
  private void commit(short slot, byte cvm) {
    JCSystem.beginTransaction();
    ring.write(slot, ram.scratch, DRAFT);
    Util.arrayCopy(ram.scratch, MONEY_DRAFT, card.money, (short) 0, Persistent.MONEY_LENGTH);
    JCSystem.commitTransaction();
    if (cvm == CVM_PIN) session.releasePin();
  }

  /**
   * Signs the payment just committed. Its M still stands in the scratch buffer before the draft it was built from; where
   * that draft is byte for byte the committed record, building M again would only cost another hash.
   */
  private short signCommitted(short slot) {
    boolean same = Util.arrayCompare(ram.scratch, DRAFT, ring.records, ring.recordOffset(slot), Record.LENGTH) == 0;
    return same ? voucher.signMessage(slot) : voucher.rebuildAndSign(slot);
  }

  /** The full answer, or its short form: what the terminal cannot know from SELECT, and the signature. */
  private short answer(short slot, byte[] buffer, short signature) {
    short record = ring.recordOffset(slot);
    short at;
    if (buffer[ISO7816.OFFSET_P2] == P2_SHORT_ANSWER) {
      at = Util.arrayCopyNonAtomic(ring.records, (short) (record + Record.CVM), buffer, (short) 0, Record.SHORT_ANSWER_LENGTH);
      return Util.arrayCopyNonAtomic(ram.der, (short) 0, buffer, at, signature);
    }
    at = Util.arrayCopyNonAtomic(ring.records, (short) (record + Record.COUNTER), buffer, (short) 0, (short) 4);
    at = Util.arrayCopyNonAtomic(ring.records, (short) (record + Record.SPENT), buffer, at, (short) (Record.ANSWER_LENGTH - 4));
    return Util.arrayCopyNonAtomic(ram.der, (short) 0, buffer, at, signature);
  }
}
