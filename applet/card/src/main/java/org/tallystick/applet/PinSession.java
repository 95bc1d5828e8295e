package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.CryptoException;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyAgreement;
import javacard.security.KeyPair;
import javacardx.crypto.Cipher;

/**
 * PIN SESSION and the protection of the one command it serves (spec §4.9): a fresh key, signed by the card as
 * TLYE, agrees with the terminal's; the payment key never takes part in an agreement.
 */
final class PinSession {
  static final short BLOCK_LENGTH = 16;
  private static final short TAG = 0x5945;
  private static final short CHALLENGE_LENGTH = 16;
  private static final short SECRET_LENGTH = 32;
  private static final short MAC_LENGTH = 8;
  private static final short TERMINAL_KEY = ISO7816.OFFSET_CDATA;
  private static final short PROTECTED = (short) (TERMINAL_KEY + Curve.POINT_LENGTH);
  private static final byte LABEL_ENCRYPTION = 0x01;
  private static final byte LABEL_MAC = 0x02;
  /** Where the secret and what is hashed with it are laid out, behind the bytes that are MACed. */
  private static final short KEY_INPUT = 64;

  private final Persistent card;
  private final Ram ram;
  private final Signer signer;
  private final KeyPair ephemeral;
  /**
   * The private half of {@link #ephemeral}; null on a chip without transient private keys, where that half lies in persistent
   * memory with its curve set once.
   */
  private final ECPrivateKey transientKey;
  private final KeyAgreement agreement;
  private final AESKey key;
  private final Cipher cipher;
  private final Cmac cmac;
  /** open flag 1, challenge 16 */
  private final byte[] opened;

  PinSession(Persistent card, Ram ram, Signer signer) {
    this.card = card;
    this.ram = ram;
    this.signer = signer;
    transientKey = Engines.transientPrivateKey();
    ECPrivateKey privateKey = transientKey == null ? Engines.privateKey(ram.scratch) : transientKey;
    ephemeral = new KeyPair(Engines.publicKey(ram.scratch), privateKey);
    agreement = Engines.agreement();
    key = Engines.aesKey();
    cipher = Engines.aesCbc();
    cmac = new Cmac(cipher, ram);
    opened = Engines.ram((short) (1 + CHALLENGE_LENGTH));
  }

  /** PIN SESSION: answers the ephemeral key (65) and the card's signature over TLYE. */
  short open(byte[] buffer, short length) {
    if (length != CHALLENGE_LENGTH) ISOException.throwIt(Status.WRONG_LENGTH);
    card.requireInUse();
    opened[0] = 0;
    Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, opened, (short) 1, CHALLENGE_LENGTH);
    // A transient key has lost its curve with the selection before.
    if (transientKey != null) Curve.setParameters(transientKey, ram.scratch);
    ephemeral.genKeyPair();
    short end = putSessionMessage((short) 0);
    short signature = signer.sign(ram.scratch, (short) 0, end);
    short at = Util.arrayCopyNonAtomic(ram.scratch, (short) (end - Curve.POINT_LENGTH), buffer, (short) 0, Curve.POINT_LENGTH);
    opened[0] = 1;
    return Util.arrayCopyNonAtomic(ram.der, Ram.DER, buffer, at, signature);
  }

  /**
   * Takes the open session for one command, whatever becomes of it, and agrees on its secret. 6985: no session; 6A80: the
   * terminal's key is no point of the curve.
   */
  void take(byte[] buffer) {
    if (opened[0] == 0) ISOException.throwIt(Status.CONDITION);
    opened[0] = 0;
    boolean isPoint = agree(buffer);
    forgetEphemeral();
    if (!isPoint) ISOException.throwIt(Status.WRONG_VALUE);
  }

  /** One session, one agreement: the scalar 1 takes the place of the private key, and the curve stays set. */
  private void forgetEphemeral() {
    short at = (short) (KEY_INPUT + SECRET_LENGTH);
    Util.arrayFillNonAtomic(ram.scratch, at, Curve.FIELD_LENGTH, (byte) 0);
    ram.scratch[(short) (at + Curve.FIELD_LENGTH - 1)] = 1;
    ((ECPrivateKey) ephemeral.getPrivate()).setS(ram.scratch, at, Curve.FIELD_LENGTH);
  }

  /**
   * Checks the MAC (6982) and decrypts the block (16) to the start of {@link Ram#scratch}.
   *
   * @param clear bytes between the terminal's key and the cryptogram that the MAC covers (0, or 32 of request hash)
   */
  void receive(byte[] buffer, short clear) {
    short cryptogram = (short) (PROTECTED + clear);
    deriveKey(buffer, LABEL_MAC);
    ram.scratch[0] = buffer[ISO7816.OFFSET_INS];
    Util.arrayCopyNonAtomic(buffer, PROTECTED, ram.scratch, (short) 1, (short) (clear + BLOCK_LENGTH));
    cmac.compute(key, (short) (1 + clear + BLOCK_LENGTH));
    if (!Bytes.sameSecret(ram.hash, (short) 0, buffer, (short) (cryptogram + BLOCK_LENGTH), MAC_LENGTH)) {
      forget();
      ISOException.throwIt(Status.NO_RIGHT);
    }
    deriveKey(buffer, LABEL_ENCRYPTION);
    cipher.init(key, Cipher.MODE_DECRYPT);
    cipher.doFinal(buffer, cryptogram, BLOCK_LENGTH, ram.scratch, (short) 0);
    forgetSecret();
  }

  /** Wipes the clear block and what it came from. */
  void forget() {
    Util.arrayFillNonAtomic(ram.scratch, (short) 0, BLOCK_LENGTH, (byte) 0);
    forgetSecret();
  }

  private void forgetSecret() {
    key.clearKey();
    Util.arrayFillNonAtomic(ram.scratch, KEY_INPUT, SECRET_LENGTH, (byte) 0);
    Util.arrayFillNonAtomic(ram.hash, (short) 0, Ram.HASH_LENGTH, (byte) 0);
  }

  /**
   * The x coordinate goes to {@link #KEY_INPUT}; false if the terminal's key is no point. Every other refusal of the
   * platform's is no word about that key: an agreement that does not work at all must not look like a check of points.
   */
  private boolean agree(byte[] buffer) {
    try {
      agreement.init(ephemeral.getPrivate());
      agreement.generateSecret(buffer, TERMINAL_KEY, Curve.POINT_LENGTH, ram.scratch, KEY_INPUT);
      return true;
    } catch (CryptoException refused) {
      if (refused.getReason() != CryptoException.ILLEGAL_VALUE) throw refused;
      return false;
    }
  }

  /** The first 16 bytes of SHA-256(x ‖ TLYE ‖ terminal's key ‖ label). */
  private void deriveKey(byte[] buffer, byte label) {
    short at = putSessionMessage((short) (KEY_INPUT + SECRET_LENGTH));
    at = Util.arrayCopyNonAtomic(buffer, TERMINAL_KEY, ram.scratch, at, Curve.POINT_LENGTH);
    ram.scratch[at] = label;
    signer.hash(ram.scratch, KEY_INPUT, (short) (at + 1 - KEY_INPUT), ram.hash, (short) 0);
    key.setKey(ram.hash, (short) 0);
  }

  /** Writes TLYE (113) into the scratch buffer; answers the offset after it. */
  private short putSessionMessage(short offset) {
    short at = Bytes.putTag(ram.scratch, offset, TAG);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, ram.scratch, at, Persistent.DOMAIN_LENGTH);
    at = Util.arrayCopyNonAtomic(opened, (short) 1, ram.scratch, at, CHALLENGE_LENGTH);
    return (short) (at + ((ECPublicKey) ephemeral.getPublic()).getW(ram.scratch, at));
  }
}
