package org.tallystick.cardhost.gp;

import java.util.HexFormat;

/**
 * Three static AES-128 keys of a security domain under one version number.
 *
 * @param version 01 … 7F, or FF for the keys a card is born with
 */
public record KeySet(byte version, byte[] enc, byte[] mac, byte[] dek) {
  public static final int KEY_LENGTH = 16;
  public static final byte INITIAL_VERSION = (byte) 0xFF;
  private static final byte[] INITIAL_KEY = HexFormat.of().parseHex("404142434445464748494a4b4c4d4e4f");

  /** The well-known keys of a card nobody has personalized: fit for development only. */
  public static KeySet initial() {
    return new KeySet(INITIAL_VERSION, INITIAL_KEY.clone(), INITIAL_KEY.clone(), INITIAL_KEY.clone());
  }
}
