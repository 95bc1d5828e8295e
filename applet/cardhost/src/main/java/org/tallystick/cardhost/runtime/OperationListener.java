package org.tallystick.cardhost.runtime;

/** Hears of every operation that the applet asks the card for. */
public interface OperationListener {
  /**
   * An operation is about to run.
   *
   * @param bytes how many bytes go in, or are written
   */
  void on(Operation operation, int bytes);

  /** The card's own key is about to sign this message. */
  default void onSigning(byte[] message) {}
}
