package org.tallystick.cardhost.gp;

import java.nio.ByteBuffer;

/** Key derivation of SCP03 (GP Amendment D v1.1.2 §4.1.5 and §6.2): one function, five constants. */
public final class Scp03 {
  public static final byte CARD_CRYPTOGRAM = 0x00;
  public static final byte HOST_CRYPTOGRAM = 0x01;
  public static final byte CARD_CHALLENGE = 0x02;
  public static final byte S_ENC = 0x04;
  public static final byte S_MAC = 0x06;
  public static final byte S_RMAC = 0x07;
  private static final int LABEL_LENGTH = 12;

  private Scp03() {}

  /** NIST SP 800-108 in counter mode with CMAC: label (11 zeros, constant) ‖ 00 ‖ L ‖ i ‖ context; a block for each i. */
  public static byte[] derive(byte[] key, byte constant, int bits, byte[]... context) {
    int length = 0;
    for (byte[] part : context) length += part.length;
    byte[] derived = new byte[0];
    for (byte block = 1; derived.length * 8 < bits; block++) {
      ByteBuffer input = ByteBuffer.allocate(LABEL_LENGTH + 4 + length);
      input.put(LABEL_LENGTH - 1, constant);
      input.position(LABEL_LENGTH + 1);
      input.putShort((short) bits).put(block);
      for (byte[] part : context) input.put(part);
      byte[] next = Aes.cmac(key, input.array());
      int before = derived.length;
      derived = java.util.Arrays.copyOf(derived, before + next.length);
      System.arraycopy(next, 0, derived, before, next.length);
    }
    return java.util.Arrays.copyOf(derived, bits / 8);
  }

  /** The key check value of PUT KEY: AES over 16 × 01, first three bytes (GP Amendment D §7.2). */
  public static byte[] keyCheckValue(byte[] key) {
    byte[] ones = new byte[Aes.BLOCK];
    java.util.Arrays.fill(ones, (byte) 1);
    return java.util.Arrays.copyOf(Aes.encryptBlock(key, ones), 3);
  }
}
