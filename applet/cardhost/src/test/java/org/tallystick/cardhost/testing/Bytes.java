package org.tallystick.cardhost.testing;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Byte strings as tests write them. */
public final class Bytes {
  private Bytes() {}

  public static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", "").replaceFirst("^0x", ""));
  }

  public static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) out.writeBytes(part);
    return out.toByteArray();
  }

  /** Big-endian, {@code length} bytes. */
  public static byte[] number(long value, int length) {
    byte[] bytes = new byte[length];
    for (int i = length - 1; i >= 0; i--) {
      bytes[i] = (byte) value;
      value >>>= 8;
    }
    return bytes;
  }

  public static long number(byte[] from, int offset, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) value = value << 8 | from[offset + i] & 0xFF;
    return value;
  }

  public static byte[] fill(int value, int length) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  public static byte[] slice(byte[] from, int offset, int length) {
    return java.util.Arrays.copyOfRange(from, offset, offset + length);
  }

  public static byte[] ascii(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }

  public static byte[] sha256(byte[]... parts) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(join(parts));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
