package org.tallystick.applet;

import javacard.framework.Util;
import javacard.security.AESKey;
import javacardx.crypto.Cipher;

/** AES-CMAC (RFC 4493) from AES-CBC: several chips have no engine for it, and its constant came after API 3.0.4. */
final class Cmac {
  static final short BLOCK = 16;

  private final Cipher cipher;
  private final Ram ram;

  Cmac(Cipher cipher, Ram ram) {
    this.cipher = cipher;
    this.ram = ram;
  }

  /**
   * Computes the MAC of {@code length} bytes (at least 1) at the start of the scratch buffer, which is overwritten; the
   * MAC goes to {@link Ram#hash}.
   */
  void compute(AESKey key, short length) {
    byte[] message = ram.scratch;
    short end = (short) ((short) ((short) (length + BLOCK - 1) / BLOCK) * BLOCK);
    boolean padded = end != length;
    if (padded) {
      Util.arrayFillNonAtomic(message, length, (short) (end - length), (byte) 0);
      message[length] = (byte) 0x80;
    }
    subkey(key, padded);
    for (short i = 0; i < BLOCK; i++) message[(short) (end - BLOCK + i)] ^= ram.hash[i];
    cipher.init(key, Cipher.MODE_ENCRYPT);
    cipher.doFinal(message, (short) 0, end, message, (short) 0);
    Util.arrayCopyNonAtomic(message, (short) (end - BLOCK), ram.hash, (short) 0, BLOCK);
  }

  /** K1, or K2 for a padded last block, at the start of {@link Ram#hash} (section 2.3). */
  private void subkey(AESKey key, boolean second) {
    Util.arrayFillNonAtomic(ram.hash, (short) 0, BLOCK, (byte) 0);
    cipher.init(key, Cipher.MODE_ENCRYPT);
    cipher.doFinal(ram.hash, (short) 0, BLOCK, ram.hash, (short) 0);
    twice();
    if (second) twice();
  }

  private void twice() {
    byte[] block = ram.hash;
    boolean reduces = block[0] < 0;
    for (short i = 0; i < (short) (BLOCK - 1); i++) {
      block[i] = (byte) ((byte) (block[i] << 1) | (byte) ((byte) (block[(short) (i + 1)] >> 7) & 0x01));
    }
    block[(short) (BLOCK - 1)] = (byte) (block[(short) (BLOCK - 1)] << 1);
    if (reduces) block[(short) (BLOCK - 1)] ^= (byte) 0x87;
  }
}
