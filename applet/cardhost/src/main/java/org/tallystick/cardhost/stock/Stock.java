package org.tallystick.cardhost.stock;

/**
 * How a card left its maker, apart from its keys; kept with the card.
 *
 * @param wide SCP03 in S16 mode: challenges, cryptograms and MACs of 16 bytes
 * @param isOld SCP02: answers INITIALIZE UPDATE as such a card does, and can do nothing more here
 * @param keepsAesVersionsApart PUT KEY of AES keys takes the versions 30 to 3F alone
 * @param confirmsKeys PUT KEY answers check values; else the version alone
 * @param isNameless the ten diversification bytes are zeros
 * @param lacksTransientKeys no transient EC private keys
 * @param usesT0 speaks T=0, as over contact
 * @param lacksAgreement no ECDH without a hash: the applet's installation fails
 * @param memory free persistent bytes that GET DATA FF21 shows; below an instance's need INSTALL answers 6A84
 */
public record Stock(
    boolean wide,
    boolean isOld,
    boolean keepsAesVersionsApart,
    boolean confirmsKeys,
    boolean isNameless,
    boolean lacksTransientKeys,
    boolean usesT0,
    boolean lacksAgreement,
    int memory) {
  /** Persistent bytes of one instance on the chips that were measured. */
  public static final int INSTANCE_BYTES = 6_900;
  private static final int PLENTY = 65_536;

  /** The card that this host has always been. */
  public static Stock ofDevelopment() {
    return new Stock(false, false, false, true, false, false, false, false, PLENTY);
  }

  private static final int WIDE = 0x01;
  private static final int OLD = 0x02;
  private static final int AES_VERSIONS = 0x04;
  private static final int CONFIRMS = 0x08;
  private static final int NAMELESS = 0x10;
  private static final int NO_TRANSIENT_KEYS = 0x20;
  private static final int T0 = 0x40;
  private static final int NO_AGREEMENT = 0x80;

  /** The flags as one byte, for the card's image. */
  public int flags() {
    return (wide ? WIDE : 0) | (isOld ? OLD : 0) | (keepsAesVersionsApart ? AES_VERSIONS : 0) | (confirmsKeys ? CONFIRMS : 0)
        | (isNameless ? NAMELESS : 0) | (lacksTransientKeys ? NO_TRANSIENT_KEYS : 0) | (usesT0 ? T0 : 0)
        | (lacksAgreement ? NO_AGREEMENT : 0);
  }

  public static Stock of(int flags, int memory) {
    return new Stock((flags & WIDE) != 0, (flags & OLD) != 0, (flags & AES_VERSIONS) != 0, (flags & CONFIRMS) != 0,
        (flags & NAMELESS) != 0, (flags & NO_TRANSIENT_KEYS) != 0, (flags & T0) != 0,
        (flags & NO_AGREEMENT) != 0, memory);
  }

  Stock withMode(boolean isWide) {
    return new Stock(isWide, isOld, keepsAesVersionsApart, confirmsKeys, isNameless, lacksTransientKeys, usesT0, lacksAgreement, memory);
  }

  Stock withMemory(int bytes) {
    return new Stock(wide, isOld, keepsAesVersionsApart, confirmsKeys, isNameless, lacksTransientKeys, usesT0, lacksAgreement, bytes);
  }
}
