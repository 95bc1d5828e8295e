package org.tallystick.cardhost.testing;

/** An answer, split into data and status word. */
public record Response(byte[] data, int statusWord) {
  public static Response of(byte[] bytes) {
    int end = bytes.length - 2;
    return new Response(Bytes.slice(bytes, 0, end), (bytes[end] & 0xFF) << 8 | bytes[end + 1] & 0xFF);
  }
}
