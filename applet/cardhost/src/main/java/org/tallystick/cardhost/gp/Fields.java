package org.tallystick.cardhost.gp;

import java.util.Arrays;

/** Reads length-prefixed fields one after another; a field that is cut short is 6A80. */
final class Fields {
  private final byte[] data;
  private int at;

  Fields(byte[] data) {
    this.data = data;
  }

  boolean isAtEnd() {
    return at == data.length;
  }

  int number() {
    if (at >= data.length) throw new StatusException(0x6A80);
    return data[at++] & 0xFF;
  }

  byte[] bytes(int length) {
    if (at + length > data.length) throw new StatusException(0x6A80);
    at += length;
    return Arrays.copyOfRange(data, at - length, at);
  }

  byte[] prefixed() {
    return bytes(number());
  }

  void expect(int value) {
    if (number() != value) throw new StatusException(0x6A80);
  }

  void expectEnd() {
    if (!isAtEnd()) throw new StatusException(0x6A80);
  }
}
