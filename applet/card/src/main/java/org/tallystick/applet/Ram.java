package org.tallystick.applet;

/** Everything that ends with the power or the selection. One scratch buffer is shared by turns, never across calls. */
final class Ram {
  /** Room for M (82), a ring record that is not signed (144) and the money state (49); or for what PIN keys are derived from (64 + 211). */
  static final short SCRATCH_LENGTH = 288;
  static final short HASH_LENGTH = 32;
  /** Where a card's signature begins in {@link #der}, behind its length. */
  static final short DER = 1;
  /** A length byte, and the longest DER signature: 30 46 02 21 … 02 21 …. */
  static final short DER_LENGTH = (short) (DER + 72);

  final byte[] scratch;
  final byte[] hash;
  /** Length and DER of a signature by this card, laid out as the ring keeps them; or the DER of one to verify. */
  final byte[] der;

  Ram() {
    scratch = Engines.ram(SCRATCH_LENGTH);
    hash = Engines.ram(HASH_LENGTH);
    der = Engines.ram(DER_LENGTH);
  }
}
