package org.tallystick.cardhost.runtime;

import com.licel.jcardsim.base.SimulatorSystem;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** What the rewritten applet calls wherever its own code would write to memory. Public because the applet calls it. */
public final class Hooks {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Hooks() {}

  static CardRuntime runtime() {
    return (CardRuntime) SimulatorSystem.instance();
  }

  /** So many of this method's instructions run. */
  public static void count(String method, int executed) {
    runtime().bytecodes().add(method, executed);
  }

  public static void storeByte(Object array, int index, int value) {
    byte[] bytes = (byte[]) array;
    Objects.checkIndex(index, bytes.length);
    runtime().writeArray(array, index, 1, () -> bytes[index] = (byte) value);
  }

  public static short arrayCopy(byte[] from, short fromOffset, byte[] to, short toOffset, short length) {
    Objects.checkFromIndexSize(toOffset, length, to.length);
    Objects.checkFromIndexSize(fromOffset, length, from.length);
    runtime().writeArray(to, toOffset, length, () -> System.arraycopy(from, fromOffset, to, toOffset, length));
    return (short) (toOffset + length);
  }

  public static short arrayCopyNonAtomic(byte[] from, short fromOffset, byte[] to, short toOffset, short length) {
    runtime().requireRam(to);
    return Util.arrayCopyNonAtomic(from, fromOffset, to, toOffset, length);
  }

  public static short arrayFillNonAtomic(byte[] to, short offset, short length, byte value) {
    runtime().requireRam(to);
    return Util.arrayFillNonAtomic(to, offset, length, value);
  }

  public static short setShort(byte[] to, short offset, short value) {
    Objects.checkFromIndexSize(offset, 2, to.length);
    runtime().writeArray(to, offset, 2, () -> Util.setShort(to, offset, value));
    return (short) (offset + 2);
  }

  public static void init(Signature signature, Key key, byte mode) {
    if (!runtime().engines.holds(signature, mode)) runtime().operations().on(Operation.SIGNATURE_INIT, 0);
    signature.init(key, mode);
  }

  public static short sign(Signature signature, byte[] message, short offset, short length, byte[] to, short toOffset) {
    runtime().requireRam(to);
    byte[] signed = Arrays.copyOfRange(message, offset, offset + length);
    // An engine without a key refuses, and has not signed.
    short made = signature.sign(message, offset, length, to, toOffset);
    runtime().operations().on(Operation.SIGN, length);
    runtime().operations().onSigning(signed);
    return made;
  }

  public static boolean verify(Signature signature, byte[] message, short offset, short length, byte[] der, short derOffset, short derLength) {
    runtime().operations().on(Operation.VERIFY, length);
    return signature.verify(message, offset, length, der, derOffset, derLength);
  }

  public static short hash(MessageDigest digest, byte[] message, short offset, short length, byte[] to, short toOffset) {
    runtime().requireRam(to);
    runtime().operations().on(Operation.HASH, length);
    return digest.doFinal(message, offset, length, to, toOffset);
  }

  public static short cipher(Cipher cipher, byte[] from, short offset, short length, byte[] to, short toOffset) {
    runtime().requireRam(to);
    runtime().operations().on(Operation.AES, length);
    return cipher.doFinal(from, offset, length, to, toOffset);
  }

  /** The simulator's own generator is seeded with zeros. */
  public static void random(RandomData generator, byte[] to, short offset, short length) {
    runtime().requireRam(to);
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    System.arraycopy(bytes, 0, to, offset, length);
  }

  public static void generate(KeyPair pair) {
    runtime().operations().on(Operation.KEY_GENERATION, 0);
    runtime().engines.onNewKey();
    runtime().writeKeys(pair::genKeyPair, pair.getPrivate(), pair.getPublic());
  }

  /** The simulator takes any pair of numbers; a card worth its name does not (JavaCard API, ECPublicKey.setW). */
  public static void setPoint(ECPublicKey key, byte[] from, short offset, short length) {
    if (!Secp256k1Point.isOnCurve(from, offset, length)) CryptoException.throwIt(CryptoException.ILLEGAL_VALUE);
    runtime().setKey(() -> key.setW(from, offset, length), key, length);
  }

  public static void setScalar(ECPrivateKey key, byte[] from, short offset, short length) {
    runtime().setKey(() -> key.setS(from, offset, length), key, length);
  }

  /** The simulator agrees with any pair of numbers; cards refuse what is no point (JavaCard API, KeyAgreement.generateSecret). */
  public static short agree(KeyAgreement agreement, byte[] point, short offset, short length, byte[] secret, short secretOffset) {
    if (!Secp256k1Point.isOnCurve(point, offset, length)) CryptoException.throwIt(CryptoException.ILLEGAL_VALUE);
    runtime().requireRam(secret);
    runtime().operations().on(Operation.KEY_AGREEMENT, length);
    return agreement.generateSecret(point, offset, length, secret, secretOffset);
  }

  /** The simulator lacks transient EC private keys: build a plain one and let the runtime clear it. */
  public static Key buildKey(byte type, short length, boolean encryption) {
    boolean onDeselect = type == KeyBuilder.TYPE_EC_FP_PRIVATE_TRANSIENT_DESELECT;
    if (!onDeselect && type != KeyBuilder.TYPE_EC_FP_PRIVATE_TRANSIENT_RESET) {
      Key key = KeyBuilder.buildKey(type, length, encryption);
      if (type == KeyBuilder.TYPE_AES_TRANSIENT_DESELECT) runtime().registerTransientKey(key, true);
      if (type == KeyBuilder.TYPE_AES_TRANSIENT_RESET) runtime().registerTransientKey(key, false);
      return key;
    }
    if (encryption || runtime().lacksTransientKeys()) CryptoException.throwIt(CryptoException.NO_SUCH_ALGORITHM);
    Key key = KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PRIVATE, length, false);
    runtime().registerTransientKey(key, onDeselect);
    return key;
  }

  /** The engine of a key agreement, which some chips lack. */
  public static KeyAgreement keyAgreement(byte algorithm, boolean externalAccess) {
    if (runtime().lacksAgreement()) CryptoException.throwIt(CryptoException.NO_SUCH_ALGORITHM);
    return KeyAgreement.getInstance(algorithm, externalAccess);
  }
}
