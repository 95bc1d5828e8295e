package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** PAY: form, replay, turn, rules, one transaction, signature — in this order (spec §4.5). */
final class Payment {
  static final short REQUEST = ISO7816.OFFSET_CDATA;
  private static final short AMOUNT = (short) (REQUEST + Record.AMOUNT);
  /** P2 of the short answer; 00 asks for the full one. Nothing else hangs on it, so either form replays the other's payment. */
  private static final byte P2_SHORT_ANSWER = 0x01;
  /** The record is prepared behind M in the scratch buffer, the money state behind the record. */
  private static final short DRAFT = Voucher.RECORD;
  private static final short MONEY_DRAFT = (short) (DRAFT + Ring.UNSIGNED_LENGTH);
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

  /** P1 00, and P2 00 or 01. */
  static boolean hasGoodParameters(byte[] buffer) {
    return (short) (Util.getShort(buffer, ISO7816.OFFSET_P1) & (short) ~P2_SHORT_ANSWER) == 0;
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
    if (Bytes.isZero(buffer, AMOUNT, (short) 6)
        || Bytes.isZero(buffer, (short) (REQUEST + Record.PAYEE), (short) 20)) {
      ISOException.throwIt(Status.WRONG_VALUE);
    }
    if (!card.has((byte) (Persistent.HAS_DOMAIN | Persistent.HAS_KEY_PAIR))
        || Util.arrayCompare(buffer, (short) (REQUEST + Record.CARD_TAG), card.cardTag, (short) 0, Persistent.TAG_LENGTH) != 0) {
      ISOException.throwIt(Status.NOT_THIS_CARD);
    }
  }

  /**
   * A request names the one number its voucher may get, so it executes at most once, on one card. The new money state is
   * drafted from here on: each rule that needs a sum leaves it there.
   */
  private void checkTurn(byte[] buffer) {
    byte[] draft = ram.scratch;
    Util.arrayCopyNonAtomic(card.money, (short) 0, draft, MONEY_DRAFT, Persistent.MONEY_LENGTH);
    boolean wrapped = Bytes.increment(draft, (short) (MONEY_DRAFT + Persistent.COUNTER), (short) 4);
    if (wrapped
        || Util.arrayCompare(draft, (short) (MONEY_DRAFT + Persistent.COUNTER), buffer, (short) (REQUEST + Record.COUNTER), (short) 4) != 0) {
      ISOException.throwIt(Status.COUNTER_OUT_OF_TURN);
    }
  }

  /** Step 4: writes nothing that lasts; answers how the cardholder was verified. */
  private byte checkRules(byte[] buffer) {
    if (card.state() != Persistent.PERSONALIZED) ISOException.throwIt(Status.WRONG_STATE);
    byte[] rules = card.allowance;
    if (Bytes.isAbove(rules, Allowance.NOT_BEFORE, buffer, (short) (REQUEST + Record.TIME), (short) 4)
        || Bytes.isAbove(buffer, (short) (REQUEST + Record.TIME), rules, Allowance.NOT_AFTER, (short) 4)) {
      ISOException.throwIt(Status.OUTSIDE_VALIDITY);
    }
    if (!isCategoryAllowed(rules, buffer[(short) (REQUEST + Record.CATEGORY)])) ISOException.throwIt(Status.CATEGORY);
    if (Bytes.isAbove(buffer, AMOUNT, rules, Allowance.PER_TAP, (short) 6)) ISOException.throwIt(Status.ABOVE_PER_TAP);
    short flags = Util.getShort(rules, Allowance.FLAGS);
    if ((short) (flags & Allowance.CERTIFICATE_FLAG) != 0 && !session.hasCertificateFor(buffer)) {
      ISOException.throwIt(Status.CERTIFICATE_NEEDED);
    }
    byte cvm = checkCardholder(buffer, rules);
    if (Bytes.isAbove(buffer, (short) (REQUEST + Record.COUNTER), rules, Allowance.MAX_COUNTER, (short) 4)) {
      ISOException.throwIt(Status.COUNTER_CAP);
    }
    if (isSumAbove((short) (MONEY_DRAFT + Persistent.SPENT), buffer, rules, Allowance.MAX_SPENT)) ISOException.throwIt(Status.SPENDING_CAP);
    return cvm;
  }

  private static boolean isCategoryAllowed(byte[] rules, byte category) {
    if (category < 0 || category > LAST_CATEGORY) return false;
    byte bits = rules[(short) (Allowance.CATEGORIES + 7 - (category >> 3))];
    return (byte) ((bits >> (category & 0x07)) & 0x01) != 0;
  }

  /** Adds the amount to a sum of the draft; whether that is more than the rule allows, or than six bytes hold. */
  private boolean isSumAbove(short sum, byte[] buffer, byte[] rules, short rule) {
    return Bytes.add(ram.scratch, sum, buffer, AMOUNT, (short) 6) || Bytes.isAbove(ram.scratch, sum, rules, rule, (short) 6);
  }

  private byte checkCardholder(byte[] buffer, byte[] rules) {
    if (session.isPinBound()) {
      signer.hash(buffer, REQUEST, Record.REQUEST_LENGTH, ram.hash, (short) 0);
      if (session.isPinBoundTo(ram.hash)) {
        Util.arrayFillNonAtomic(ram.scratch, (short) (MONEY_DRAFT + Persistent.NO_PIN_USED), Persistent.NO_PIN_LENGTH, (byte) 0);
        return CVM_PIN;
      }
    }
    if (needsPin(buffer, rules)) ISOException.throwIt(Status.PIN_NEEDED);
    return CVM_NONE;
  }

  private boolean needsPin(byte[] buffer, byte[] rules) {
    if (Bytes.isAbove(buffer, AMOUNT, rules, Allowance.PIN_ABOVE, (short) 6)) return true;
    if (isSumAbove((short) (MONEY_DRAFT + Persistent.NO_PIN_USED), buffer, rules, Allowance.NO_PIN_SUM)) return true;
    short limit = (short) (rules[Allowance.NO_PIN_COUNT] & 0xFF);
    short taps = (short) ((card.money[Persistent.NO_PIN_TAPS] & 0xFF) + 1);
    // Without a limit the count stays at its highest, so that a later limit finds it there.
    if (taps <= Allowance.NO_COUNT_LIMIT) ram.scratch[(short) (MONEY_DRAFT + Persistent.NO_PIN_TAPS)] = (byte) taps;
    return limit != Allowance.NO_COUNT_LIMIT && taps > limit;
  }

  /** Lays out the whole record beside the new money state in RAM, so that the transaction only copies. */
  private void draftRecord(byte[] buffer, byte cvm) {
    byte[] draft = ram.scratch;
    Util.arrayCopyNonAtomic(buffer, REQUEST, draft, DRAFT, Record.REQUEST_LENGTH);
    Util.arrayCopyNonAtomic(draft, (short) (MONEY_DRAFT + Persistent.SPENT), draft, (short) (DRAFT + Record.SPENT), (short) 6);
    Util.arrayCopyNonAtomic(card.allowance, Allowance.SEQ, draft, (short) (DRAFT + Record.SEQ), (short) 4);
    draft[(short) (DRAFT + Record.CVM)] = cvm;
    draft[(short) (DRAFT + Record.FLAGS)] = 0;
    Util.arrayCopyNonAtomic(draft, (short) (MONEY_DRAFT + Persistent.HEAD), draft, (short) (DRAFT + Record.LINK), Ram.HASH_LENGTH);
    voucher.buildMessage();
    signer.hash(draft, (short) 0, Voucher.MESSAGE_LENGTH, draft, (short) (DRAFT + Record.MESSAGE_HASH));
    draft[(short) (DRAFT + Record.LENGTH)] = 0;
    Util.arrayCopyNonAtomic(draft, (short) (DRAFT + Record.MESSAGE_HASH), draft, (short) (MONEY_DRAFT + Persistent.HEAD), Ram.HASH_LENGTH);
  }

  /** The one transaction of a payment: 144 + 49 bytes, in as few writes as there are arrays. */
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
    boolean same = Util.arrayCompare(ram.scratch, DRAFT, ring.slots, ring.recordOffset(slot), Record.LENGTH) == 0;
    return same ? voucher.signMessage(slot) : voucher.rebuildAndSign(slot);
  }

  /** The full answer, or its short form: what the terminal cannot know from SELECT, and the signature. */
  private short answer(short slot, byte[] buffer, short signature) {
    short record = ring.recordOffset(slot);
    short at;
    if (buffer[ISO7816.OFFSET_P2] == P2_SHORT_ANSWER) {
      at = Util.arrayCopyNonAtomic(ring.slots, (short) (record + Record.CVM), buffer, (short) 0, Record.SHORT_ANSWER_LENGTH);
      return Util.arrayCopyNonAtomic(ram.der, Ram.DER, buffer, at, signature);
    }
    at = Util.arrayCopyNonAtomic(ring.slots, (short) (record + Record.COUNTER), buffer, (short) 0, (short) 4);
    at = Util.arrayCopyNonAtomic(ring.slots, (short) (record + Record.SPENT), buffer, at, (short) (Record.ANSWER_LENGTH - 4));
    return Util.arrayCopyNonAtomic(ram.der, Ram.DER, buffer, at, signature);
  }
}
