package org.tallystick.cardhost.gp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES as GlobalPlatform uses it: one block, CBC without padding, CMAC (RFC 4493). */
public final class Aes {
  public static final int BLOCK = 16;

  private Aes() {}

  public static byte[] encryptBlock(byte[] key, byte[] block) {
    return run("AES/ECB/NoPadding", Cipher.ENCRYPT_MODE, key, null, block);
  }

  public static byte[] encrypt(byte[] key, byte[] iv, byte[] data) {
    return run("AES/CBC/NoPadding", Cipher.ENCRYPT_MODE, key, iv, data);
  }

  public static byte[] decrypt(byte[] key, byte[] iv, byte[] data) {
    return run("AES/CBC/NoPadding", Cipher.DECRYPT_MODE, key, iv, data);
  }

  /** RFC 4493 section 2.4. */
  public static byte[] cmac(byte[] key, byte[] message) {
    byte[] k1 = twice(encryptBlock(key, new byte[BLOCK]));
    int blocks = Math.max(1, (message.length + BLOCK - 1) / BLOCK);
    boolean complete = message.length == blocks * BLOCK;
    byte[] padded = Arrays.copyOf(message, blocks * BLOCK);
    if (!complete) padded[message.length] = (byte) 0x80;
    byte[] last = complete ? k1 : twice(k1);
    for (int i = 0; i < BLOCK; i++) padded[(blocks - 1) * BLOCK + i] ^= last[i];
    byte[] chained = encrypt(key, new byte[BLOCK], padded);
    return Arrays.copyOfRange(chained, chained.length - BLOCK, chained.length);
  }

  /** ISO 9797-1 padding method 2. */
  public static byte[] pad(byte[] data) {
    byte[] padded = Arrays.copyOf(data, (data.length / BLOCK + 1) * BLOCK);
    padded[data.length] = (byte) 0x80;
    return padded;
  }

  /** Takes padding method 2 off; null if there is none. */
  public static byte[] unpad(byte[] padded) {
    int end = padded.length - 1;
    while (end >= 0 && padded[end] == 0) end--;
    return end >= 0 && padded[end] == (byte) 0x80 ? Arrays.copyOf(padded, end) : null;
  }

  private static byte[] twice(byte[] block) {
    byte[] doubled = new byte[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      int next = i + 1 < BLOCK ? block[i + 1] & 0xFF : 0;
      doubled[i] = (byte) (block[i] << 1 | next >> 7);
    }
    if (block[0] < 0) doubled[BLOCK - 1] ^= (byte) 0x87;
    return doubled;
  }

  private static byte[] run(String algorithm, int mode, byte[] key, byte[] iv, byte[] data) {
    try {
      Cipher cipher = Cipher.getInstance(algorithm);
      SecretKeySpec secret = new SecretKeySpec(key, "AES");
      if (iv == null) cipher.init(mode, secret);
      else cipher.init(mode, secret, new IvParameterSpec(iv));
      return cipher.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm, e);
    }
  }
}
