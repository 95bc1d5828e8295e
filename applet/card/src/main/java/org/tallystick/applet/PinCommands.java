package org.tallystick.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/** VERIFY PIN, CHANGE PIN, UNBLOCK and the issuer's DGI 7F06 (spec §4.9). */
final class PinCommands {
  private static final byte PIN_TRIES = 3;
  private static final byte PUK_TRIES = 5;
  private static final short TRIES_LEFT = 0x63C0;
  private static final short BLOCKED = 0x6983;
  private static final short VERIFY_LENGTH = 121;
  private static final short CHANGE_LENGTH = 89;
  private static final short REQUEST_HASH = (short) (ISO7816.OFFSET_CDATA + Curve.POINT_LENGTH);
  private static final short BOUND_LENGTH = 8;
  private static final byte MEDIA_CONTACT = 0x00;
  private static final byte MEDIA_USB = (byte) 0xA0;
  private static final byte MEDIA_MASK = (byte) 0xF0;

  private final Persistent card;
  private final Ram ram;
  private final Session session;
  private final PinSession pinSession;
  private final OwnerPIN pin;
  private final OwnerPIN puk;

  PinCommands(Persistent card, Ram ram, Session session, PinSession pinSession) {
    this.card = card;
    this.ram = ram;
    this.session = session;
    this.pinSession = pinSession;
    pin = new OwnerPIN(PIN_TRIES, PinBlock.LENGTH);
    puk = new OwnerPIN(PUK_TRIES, PinBlock.LENGTH);
  }

  /** Binds the PIN to the one PAY request whose hash came with it. */
  short verify(byte[] buffer, short length) {
    require(length, VERIFY_LENGTH);
    receive(buffer, Ram.HASH_LENGTH, pin);
    boolean bound = Util.arrayCompare(ram.scratch, PinBlock.LENGTH, buffer, REQUEST_HASH, BOUND_LENGTH) == 0;
    if (!bound || !PinBlock.isPin(ram.scratch, (short) 0)) refuseValue();
    session.forgetPin();
    check(pin);
    pinSession.forget();
    session.bindPin(buffer, REQUEST_HASH);
    return 0;
  }

  short change(byte[] buffer, short length) {
    require(length, CHANGE_LENGTH);
    receive(buffer, (short) 0, pin);
    replacePin(PinBlock.isPin(ram.scratch, (short) 0), pin);
    return 0;
  }

  short unblock(byte[] buffer, short length) {
    require(length, CHANGE_LENGTH);
    receive(buffer, (short) 0, puk);
    replacePin(PinBlock.isPuk(ram.scratch, (short) 0), puk);
    return 0;
  }

  /**
   * Sets PIN and PUK from a decrypted DGI. The card has none from before the first is written until both are: a tear never
   * leaves a PIN without its PUK. No transaction holds them together, because some chips take back what OwnerPIN wrote in one
   * only in part.
   */
  void store(byte[] blocks, short offset) {
    if (!PinBlock.isPin(blocks, offset) || !PinBlock.isPuk(blocks, (short) (offset + PinBlock.LENGTH))) {
      Util.arrayFillNonAtomic(blocks, offset, PinSession.BLOCK_LENGTH, (byte) 0);
      ISOException.throwIt(Status.WRONG_VALUE);
    }
    if (card.has(Persistent.HAS_PIN)) card.unmark(Persistent.HAS_PIN);
    pin.update(blocks, offset, PinBlock.LENGTH);
    puk.update(blocks, (short) (offset + PinBlock.LENGTH), PinBlock.LENGTH);
    card.mark(Persistent.HAS_PIN);
    Util.arrayFillNonAtomic(blocks, offset, PinSession.BLOCK_LENGTH, (byte) 0);
  }

  private void require(short length, short expected) {
    if (length != expected) ISOException.throwIt(Status.WRONG_LENGTH);
    card.requireInUse();
    if (!card.has(Persistent.HAS_PIN)) ISOException.throwIt(Status.CONDITION);
  }

  /** Session, tries and MAC, in the order of spec §4.9: none of these refusals uses a try. */
  private void receive(byte[] buffer, short clear, OwnerPIN secret) {
    pinSession.take(buffer);
    if (secret.getTriesRemaining() == 1 && !isContact()) ISOException.throwIt(Status.CONDITION);
    if (secret.getTriesRemaining() == 0) ISOException.throwIt(BLOCKED);
    pinSession.receive(buffer, clear);
  }

  /** A thief's reader in a crowd must not be able to use up the last try. */
  private static boolean isContact() {
    byte media = (byte) (APDU.getProtocol() & MEDIA_MASK);
    return media == MEDIA_CONTACT || media == MEDIA_USB;
  }

  private void replacePin(boolean wellFormed, OwnerPIN secret) {
    if (!wellFormed || !PinBlock.isPin(ram.scratch, PinBlock.LENGTH)) refuseValue();
    check(secret);
    pin.update(ram.scratch, PinBlock.LENGTH, PinBlock.LENGTH);
    session.forgetPin();
    pinSession.forget();
  }

  private void check(OwnerPIN secret) {
    if (secret.check(ram.scratch, (short) 0, PinBlock.LENGTH)) return;
    pinSession.forget();
    ISOException.throwIt((short) (TRIES_LEFT | secret.getTriesRemaining()));
  }

  private void refuseValue() {
    pinSession.forget();
    ISOException.throwIt(Status.WRONG_VALUE);
  }
}
