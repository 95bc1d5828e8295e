package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** What SELECT and GET DATA show: nothing here is secret, nothing here changes anything. */
final class CardData {
  static final byte PROTOCOL_VERSION = 0x01;
  private static final short BUILD = 0x0001;
  /** bit 0 replay and ring, bit 1 PIN, bit 2 certificate, bit 3 beacon */
  private static final short CAPABILITIES = 0x000F;

  private static final short TAG_VERSION = (short) 0xDF01;
  private static final short TAG_PROGRESS = (short) 0xDF02;
  private static final short TAG_DOMAIN = (short) 0xDF03;
  private static final short TAG_ISSUER_KEY = (short) 0xDF04;
  private static final short TAG_OWNER = (short) 0xDF05;
  private static final short TAG_ADDRESS = (short) 0xDF06;
  private static final short TAG_PUBLIC_KEY = (short) 0xDF07;

  static final byte AID_LENGTH = 8;
  private static final short PROPRIETARY_LENGTH = 218;

  private final Persistent card;
  private final Signer signer;

  CardData(Persistent card, Signer signer) {
    this.card = card;
    this.signer = signer;
  }

  /** SELECT's answer: 16 bytes before the first allowance, 234 after it (spec §4.4). */
  short select(byte[] buffer) {
    boolean whole = card.has(Persistent.HAS_ALLOWANCE);
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
