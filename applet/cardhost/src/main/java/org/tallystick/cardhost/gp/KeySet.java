package org.tallystick.cardhost.gp;

/**
 * Three static AES keys of a security domain, of one length, under one version number.
 *
 * @param version 01 … 7F, or FF for the keys a card is born with
 */
public record KeySet(byte version, byte[] enc, byte[] mac, byte[] dek) {
  public static final byte INITIAL_VERSION = (byte) 0xFF;

  /** The well-known keys 40, 41 … of a card nobody has personalized: fit for development only. */
  public static KeySet wellKnown(byte version, int length) {
    byte[] key = new byte[length];
    for (int i = 0; i < length; i++) key[i] = (byte) (0x40 + i);
    return new KeySet(version, key, key.clone(), key.clone());
  }

  /** Those of a development card: AES-128 under version FF. */
  public static KeySet initial() {
    return wellKnown(INITIAL_VERSION, 16);
  }

  /** Bytes of each key: 16, 24 or 32. */
  public int length() {
    return enc.length;
  }
}
