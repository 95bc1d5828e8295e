package org.tallystick.cardhost.runtime;

/** Hears of every operation that the applet asks the card for. */
public interface OperationListener {
  /**
   * An operation is about to run.
   *
   * @param amount how many bytes go in or are written; for {@link Operation#COMMIT} how many writes the transaction has
   */
  void on(Operation operation, int amount);

  /** The card's own key is about to sign this message. */
  default void onSigning(byte[] message) {}
}
