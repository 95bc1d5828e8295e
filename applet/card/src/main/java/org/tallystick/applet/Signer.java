package org.tallystick.applet;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPublicKey;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.Signature;

/** The card's own key, and SHA-256. The private key is made here and has no way out. */
final class Signer {
  private static final byte COMPRESSED_EVEN = 0x02;

  private final Persistent card;
  private final Ram ram;
  private final KeyPair pair;
  private final Signature signature;
  private final MessageDigest sha256;

  Signer(Persistent card, Ram ram) {
    this.card = card;
    this.ram = ram;
    pair = new KeyPair(Engines.publicKey(ram.scratch), Engines.privateKey(ram.scratch));
    signature = Engines.signature();
    sha256 = Engines.sha256();
  }

  void hash(byte[] from, short offset, short length, byte[] to, short toOffset) {
    sha256.doFinal(from, offset, length, to, toOffset);
  }

  /** Makes the key pair. Only when the public half is on record does it count: a tear before that just makes another. */
  void generate() {
    pair.genKeyPair();
    ((ECPublicKey) pair.getPublic()).getW(ram.scratch, (short) 0);
    JCSystem.beginTransaction();
    Util.arrayCopy(ram.scratch, (short) 0, card.publicKey, (short) 0, Curve.POINT_LENGTH);
    card.mark(Persistent.HAS_KEY_PAIR);
    completeCardTag();
    JCSystem.commitTransaction();
    initialize();
  }

  /** Records the domain, written once. */
  void recordDomain(byte[] from, short offset) {
    JCSystem.beginTransaction();
    Util.arrayCopy(from, offset, card.domain, (short) 0, Persistent.DOMAIN_LENGTH);
    card.mark(Persistent.HAS_DOMAIN);
    completeCardTag();
    JCSystem.commitTransaction();
  }

  /** Signs SHA-256 of a message in RAM; length and DER go to {@link Ram#der}, the length is answered. */
  short sign(byte[] message, short offset, short length) {
    short made;
    try {
      made = signature.sign(message, offset, length, ram.der, Ram.DER);
    } catch (CryptoException notInitialized) {
      initialize();
      made = signature.sign(message, offset, length, ram.der, Ram.DER);
    }
    ram.der[0] = (byte) made;
    return made;
  }

  /**
   * Takes several milliseconds on a chip, and lasts: a tear or a reset takes an engine back to where init left it, and so
   * does sign (JavaCard API 3.0.4, Signature). It never holds an older key, because a pair that is on record is never made
   * again and nothing is signed before. What a tear before it, or a chip that forgets, left undone is done by sign.
   */
  private void initialize() {
    signature.init(pair.getPrivate(), Signature.MODE_SIGN);
  }

  /** Writes the compressed public key (33); answers the offset after it. */
  short putCompressedKey(byte[] to, short offset) {
    to[offset] = (byte) (COMPRESSED_EVEN + (card.publicKey[64] & 0x01));
    return Util.arrayCopyNonAtomic(card.publicKey, (short) 1, to, (short) (offset + 1), Curve.FIELD_LENGTH);
  }

  /** cardTag is the first 8 bytes of SHA-256(domain ‖ compressed key): written with whichever of the two comes second. */
  private void completeCardTag() {
    if (!card.has((byte) (Persistent.HAS_DOMAIN | Persistent.HAS_KEY_PAIR))) return;
    short at = Util.arrayCopyNonAtomic(card.domain, (short) 0, ram.scratch, (short) 0, Persistent.DOMAIN_LENGTH);
    short end = putCompressedKey(ram.scratch, at);
    hash(ram.scratch, (short) 0, end, ram.hash, (short) 0);
    Util.arrayCopy(ram.hash, (short) 0, card.cardTag, (short) 0, Persistent.TAG_LENGTH);
  }
}
