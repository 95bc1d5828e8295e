package org.tallystick.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;
import javacard.security.AESKey;
import javacard.security.CryptoException;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * Everything that the applet asks of its chip, at installation and never later. Each answer that a chip may refuse has a
 * status word of its own (spec §4.6): the exception of a constructor reaches nobody, and "6F00" would name no engine.
 */
final class Engines {
  private Engines() {}

  static byte[] ram(short length) {
    try {
      return JCSystem.makeTransientByteArray(length, JCSystem.CLEAR_ON_DESELECT);
    } catch (SystemException tooLittle) {
      ISOException.throwIt(Status.LACKS_RAM);
      return null;
    }
  }

  /** A public key of secp256k1; {@code scratch} (65 bytes, RAM) is overwritten. */
  static ECPublicKey publicKey(byte[] scratch) {
    try {
      ECPublicKey key = (ECPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
      Curve.setParameters(key, scratch);
      return key;
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_CURVE);
      return null;
    }
  }

  /** A private key of secp256k1 in persistent memory; {@code scratch} (65 bytes, RAM) is overwritten. */
  static ECPrivateKey privateKey(byte[] scratch) {
    try {
      ECPrivateKey key = (ECPrivateKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PRIVATE, KeyBuilder.LENGTH_EC_FP_256, false);
      Curve.setParameters(key, scratch);
      return key;
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_CURVE);
      return null;
    }
  }

  /** A private key that ends with the selection, without parameters; null on a chip that has no such keys. */
  static ECPrivateKey transientPrivateKey() {
    try {
      return (ECPrivateKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PRIVATE_TRANSIENT_DESELECT, KeyBuilder.LENGTH_EC_FP_256, false);
    } catch (CryptoException notOnThisChip) {
      return null;
    }
  }

  static Signature signature() {
    try {
      return Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_ECDSA);
      return null;
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_SHA_256);
      return null;
    }
  }

  static KeyAgreement agreement() {
    try {
      return KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN, false);
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_ECDH);
      return null;
    }
  }

  static AESKey aesKey() {
    try {
      return (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES_TRANSIENT_DESELECT, KeyBuilder.LENGTH_AES_128, false);
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_AES_KEY);
      return null;
    }
  }

  static Cipher aesCbc() {
    try {
      return Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_AES_CBC);
      return null;
    }
  }

  static RandomData random() {
    try {
      return RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    } catch (CryptoException missing) {
      ISOException.throwIt(Status.LACKS_RANDOM);
      return null;
    }
  }
}
