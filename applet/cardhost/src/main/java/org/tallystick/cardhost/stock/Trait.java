package org.tallystick.cardhost.stock;

/** What sets one maker's cards apart from another's. The order is that of the flags in a card's image: new ones come last. */
public enum Trait {
  /** SCP03 in S16 mode: challenges, cryptograms and MACs of 16 bytes. */
  WIDE,
  /** SCP02: answers INITIALIZE UPDATE as such a card does, and can do nothing more here. */
  OLD,
  /** PUT KEY of AES keys takes the versions 30 to 3F alone. */
  AES_VERSIONS_APART,
  /** PUT KEY answers check values; else the version alone. */
  CONFIRMS_KEYS,
  /** The ten diversification bytes are zeros. */
  NAMELESS,
  /** No transient EC private keys. */
  NO_TRANSIENT_KEYS,
  /** Speaks T=0, as over contact. */
  T0,
  /** No ECDH without a hash: the applet's installation fails. */
  NO_AGREEMENT,
  /** SCP03's command counter stands still at commands without data, against GP Amendment D v1.1.2 §6.2.6. */
  COUNTER_FAULT;

  int flag() {
    return 1 << ordinal();
  }
}
