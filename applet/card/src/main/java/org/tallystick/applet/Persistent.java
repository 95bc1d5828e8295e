package org.tallystick.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * Everything the card remembers without power. All of it is byte arrays allocated here once: no reference ever changes
 * after installation, so a transaction only moves bytes. Key objects live in {@link Signer} and {@link Issuer}.
 */
final class Persistent {
  static final byte INSTALLED = 0x01;
  static final byte PERSONALIZED = 0x07;
  static final byte SUSPENDED = 0x0B;
  static final byte TERMINATED = 0x7F;

  static final byte HAS_DOMAIN = 0x01;
  static final byte HAS_ISSUER_KEY = 0x02;
  static final byte HAS_KEY_PAIR = 0x04;
  static final byte HAS_ADDRESS = 0x08;
  static final byte HAS_OWNER = 0x10;
  static final byte HAS_PIN = 0x20;
  static final byte HAS_ALLOWANCE = 0x40;

  static final short DOMAIN_LENGTH = 28;
  static final short ADDRESS_LENGTH = 20;
  static final short TAG_LENGTH = 8;

  private static final short STATE = 0;
  private static final short PROGRESS = 1;

  /** Offsets inside {@link #money}: as they stand in SELECT's answer. */
  static final short COUNTER = 0;
  static final short SPENT = 4;
  static final short NO_PIN_USED = 10;
  static final short NO_PIN_TAPS = 16;
  static final short HEAD = 17;
  static final short MONEY_LENGTH = 49;
  static final short NO_PIN_LENGTH = 7;

  private final byte[] life;
  final byte[] domain;
  final byte[] cardTag;
  final byte[] publicKey;
  final byte[] address;
  final byte[] owner;
  /** Issuer key id (1) and public key (65). */
  final byte[] issuer;
  /** Body (62) and signature (64) of the newest allowance. */
  final byte[] allowance;
  final byte[] money;

  Persistent() {
    life = new byte[2];
    domain = new byte[DOMAIN_LENGTH];
    cardTag = new byte[TAG_LENGTH];
    publicKey = new byte[Curve.POINT_LENGTH];
    address = new byte[ADDRESS_LENGTH];
    owner = new byte[ADDRESS_LENGTH];
    issuer = new byte[(short) (1 + Curve.POINT_LENGTH)];
    allowance = new byte[Allowance.SIGNED_LENGTH];
    money = new byte[MONEY_LENGTH];
    life[STATE] = INSTALLED;
  }

  byte state() {
    return life[STATE];
  }

  void setState(byte state) {
    life[STATE] = state;
  }

  byte progress() {
    return life[PROGRESS];
  }

  boolean has(byte parts) {
    return (byte) (life[PROGRESS] & parts) == parts;
  }

  /** Whether an object starts with this tag and this card's domain. */
  boolean isOfThisDomain(byte[] object, short offset, short letters) {
    return Util.getShort(object, offset) == Bytes.TAG_LEAD
        && Util.getShort(object, (short) (offset + 2)) == letters
        && Util.arrayCompare(object, (short) (offset + 4), domain, (short) 0, DOMAIN_LENGTH) == 0;
  }

  /** Refuses before the first allowance and after the end. */
  void requireInUse() {
    if (state() != PERSONALIZED && state() != SUSPENDED) ISOException.throwIt(Status.WRONG_STATE);
  }

  /** Call inside the transaction that writes the part itself. */
  void mark(byte part) {
    life[PROGRESS] = (byte) (life[PROGRESS] | part);
  }

  /** One byte, and so one write by itself. */
  void unmark(byte part) {
    life[PROGRESS] = (byte) (life[PROGRESS] & ~part);
  }

  /** Call inside the transaction of a newer allowance. */
  void resetNoPin() {
    for (short i = 0; i < NO_PIN_LENGTH; i++) money[(short) (NO_PIN_USED + i)] = 0;
  }

  /** Writes {@code value} and its progress bit as one; the caller has checked that it may be written. */
  void writePart(byte part, byte[] to, byte[] from, short offset, short length) {
    JCSystem.beginTransaction();
    Util.arrayCopy(from, offset, to, (short) 0, length);
    mark(part);
    JCSystem.commitTransaction();
  }
}
