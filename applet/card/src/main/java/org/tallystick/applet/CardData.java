package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** What SELECT and GET DATA show: nothing here is secret, nothing here changes anything. */
final class CardData {
  static final byte PROTOCOL_VERSION = 0x01;
  private static final short BUILD = 0x0001;
  /** bit 0 replay and ring, bit 1 PIN, bit 2 certificate, bit 3 beacon, bit 4 short forms */
  private static final short CAPABILITIES = 0x001F;

  private static final short TAG_VERSION = (short) 0xDF01;
  private static final short TAG_PROGRESS = (short) 0xDF02;
  private static final short TAG_DOMAIN = (short) 0xDF03;
  private static final short TAG_ISSUER_KEY = (short) 0xDF04;
  private static final short TAG_OWNER = (short) 0xDF05;
  private static final short TAG_ADDRESS = (short) 0xDF06;
  private static final short TAG_PUBLIC_KEY = (short) 0xDF07;

  static final byte AID_LENGTH = 8;
  private static final short PROPRIETARY_LENGTH = 218;
  /** SELECT's P2 where the terminal has met this card before (ISO 7816-4 §11.1.1: return the FCP template). */
  private static final byte P2_SHORT_FORM = 0x04;
  /** version 1, state 1, cardTag 8, seq 4, money 49 */
  private static final short SHORT_PROPRIETARY_LENGTH = 63;

  private final Persistent card;
  private final Signer signer;

  CardData(Persistent card, Signer signer) {
    this.card = card;
    this.signer = signer;
  }

  /** SELECT's answer: 16 bytes before the first allowance; after it 234, or 67 in the short form (spec §4.4). */
  short select(byte[] buffer) {
    boolean whole = card.has(Persistent.HAS_ALLOWANCE);
    if (whole && buffer[ISO7816.OFFSET_P2] == P2_SHORT_FORM) return selectShort(buffer);
    buffer[0] = 0x6F;
    short at = 1;
    if (whole) at = putLongLength(buffer, at, (short) (2 + AID_LENGTH + 3 + PROPRIETARY_LENGTH));
    else buffer[at++] = (byte) (2 + AID_LENGTH + 4);
    buffer[at] = (byte) 0x84;
    buffer[(short) (at + 1)] = (byte) AID_LENGTH;
    at = (short) (at + 2);
    at = (short) (at + JCSystem.getAID().getBytes(buffer, at));
    buffer[at++] = (byte) 0x85;
    if (whole) at = putLongLength(buffer, at, PROPRIETARY_LENGTH);
    else buffer[at++] = 2;
    buffer[at] = PROTOCOL_VERSION;
    buffer[(short) (at + 1)] = card.state();
    at = (short) (at + 2);
    return whole ? putAccount(buffer, at) : at;
  }

  /** What changes from tap to tap, and what tells which key and allowance the terminal keeps for this card. */
  private short selectShort(byte[] buffer) {
    buffer[0] = 0x62;
    buffer[1] = (byte) (2 + SHORT_PROPRIETARY_LENGTH);
    buffer[2] = (byte) 0x85;
    buffer[3] = (byte) SHORT_PROPRIETARY_LENGTH;
    buffer[4] = PROTOCOL_VERSION;
    buffer[5] = card.state();
    short at = Util.arrayCopyNonAtomic(card.cardTag, (short) 0, buffer, (short) 6, Persistent.TAG_LENGTH);
    at = Util.arrayCopyNonAtomic(card.allowance, Allowance.SEQ, buffer, at, (short) 4);
    return Util.arrayCopyNonAtomic(card.money, (short) 0, buffer, at, Persistent.MONEY_LENGTH);
  }

  private static short putLongLength(byte[] to, short at, short length) {
    to[at] = (byte) 0x81;
    to[(short) (at + 1)] = (byte) length;
    return (short) (at + 2);
  }

  private short putAccount(byte[] to, short at) {
    at = Util.arrayCopyNonAtomic(card.cardTag, (short) 0, to, at, Persistent.TAG_LENGTH);
    at = signer.putCompressedKey(to, at);
    at = Util.arrayCopyNonAtomic(card.allowance, (short) 0, to, at, Allowance.SIGNED_LENGTH);
    return Util.arrayCopyNonAtomic(card.money, (short) 0, to, at, Persistent.MONEY_LENGTH);
  }

  short get(byte[] buffer, short length) {
    if (length != 0) ISOException.throwIt(Status.WRONG_LENGTH);
    switch (Util.getShort(buffer, ISO7816.OFFSET_P1)) {
      case TAG_VERSION:
        buffer[0] = PROTOCOL_VERSION;
        Util.setShort(buffer, (short) 1, BUILD);
        return Util.setShort(buffer, (short) 3, CAPABILITIES);
      case TAG_PROGRESS:
        buffer[0] = card.progress();
        buffer[1] = card.state();
        return 2;
      case TAG_DOMAIN:
        return part(Persistent.HAS_DOMAIN, card.domain, buffer);
      case TAG_ISSUER_KEY:
        return part(Persistent.HAS_ISSUER_KEY, card.issuer, buffer);
      case TAG_OWNER:
        return part(Persistent.HAS_OWNER, card.owner, buffer);
      case TAG_ADDRESS:
        return part(Persistent.HAS_ADDRESS, card.address, buffer);
      case TAG_PUBLIC_KEY:
        return part(Persistent.HAS_KEY_PAIR, card.publicKey, buffer);
      default:
        ISOException.throwIt(Status.NO_SUCH_DATA);
        return 0;
    }
  }

  private short part(byte bit, byte[] value, byte[] buffer) {
    if (!card.has(bit)) ISOException.throwIt(Status.NO_SUCH_DATA);
    return Util.arrayCopyNonAtomic(value, (short) 0, buffer, (short) 0, (short) value.length);
  }
}
