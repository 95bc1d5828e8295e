package org.tallystick.applet;

/** Everything that ends with the power or the selection. One scratch buffer is shared by turns, never across calls. */
final class Ram {
  /** Room for M (82), a ring record (143) and the money state (49); or for what PIN keys are derived from (64 + 211). */
  static final short SCRATCH_LENGTH = 288;
  static final short HASH_LENGTH = 32;
  /** The longest DER signature: 30 46 02 21 … 02 21 …. */
  static final short DER_LENGTH = 72;

  final byte[] scratch;
  final byte[] hash;
  final byte[] der;

  Ram() {
    scratch = Engines.ram(SCRATCH_LENGTH);
    hash = Engines.ram(HASH_LENGTH);
    der = Engines.ram(DER_LENGTH);
  }
}
