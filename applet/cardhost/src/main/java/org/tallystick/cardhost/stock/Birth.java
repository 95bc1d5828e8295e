package org.tallystick.cardhost.stock;

/**
 * What a new card is made as: its stock, its first keys and whether the applet's package is on it.
 *
 * @param keyVersion version of the keys it comes with
 * @param keyLength bytes of each of them: 16, 24 or 32
 */
public record Birth(Stock stock, byte keyVersion, int keyLength, boolean packageLoaded) {
  /** GlobalPlatform's version of keys that nobody has replaced. */
  private static final byte INITIAL_VERSION = (byte) 0xFF;

  /** Fresh from a development's factory. */
  public static Birth ofDevelopment() {
    return new Birth(Stock.ofDevelopment(), INITIAL_VERSION, 16, true);
  }

  /**
   * A chip as its buyers found it (public issues and scans).
   *
   * @throws IllegalArgumentException for a chip that is not known
   */
  public static Birth of(String chip) {
    return switch (chip) {
      case "jcop4" -> new Birth(Stock.with(115_000, Trait.AES_VERSIONS_APART, Trait.CONFIRMS_KEYS), (byte) 0x31, 16, true);
      case "jcop3" -> new Birth(Stock.with(100_000, Trait.AES_VERSIONS_APART, Trait.NO_TRANSIENT_KEYS), INITIAL_VERSION, 16, true);
      case "jcop3-scp02" -> new Birth(Stock.with(100_000, Trait.OLD, Trait.AES_VERSIONS_APART, Trait.CONFIRMS_KEYS, Trait.NO_TRANSIENT_KEYS), INITIAL_VERSION, 16, true);
      case "h19cr" -> new Birth(Stock.with(60_000, Trait.CONFIRMS_KEYS, Trait.NAMELESS, Trait.T0), INITIAL_VERSION, 16, true);
      case "a22" -> new Birth(Stock.with(80_000, Trait.CONFIRMS_KEYS, Trait.NO_TRANSIENT_KEYS, Trait.NO_AGREEMENT), INITIAL_VERSION, 16, true);
      default -> throw new IllegalArgumentException("unknown chip " + chip + ": jcop4, jcop3, jcop3-scp02, h19cr and a22 are known");
    };
  }

  /** The same without the applet's package. */
  public Birth blank() {
    return new Birth(stock, keyVersion, keyLength, false);
  }

  public Birth withKeys(byte version, int length) {
    return new Birth(stock, version, length, packageLoaded);
  }

  public Birth wide() {
    return new Birth(stock.and(Trait.WIDE), keyVersion, keyLength, packageLoaded);
  }

  /** The same with SCP03's counter at fault. */
  public Birth withCounterFault() {
    return new Birth(stock.and(Trait.COUNTER_FAULT), keyVersion, keyLength, packageLoaded);
  }

  public Birth withMemory(int bytes) {
    return new Birth(stock.withMemory(bytes), keyVersion, keyLength, packageLoaded);
  }
}
