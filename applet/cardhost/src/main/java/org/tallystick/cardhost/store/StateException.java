package org.tallystick.cardhost.store;

/** The state directory cannot be used: locked by another process, damaged, or written by someone else meanwhile. */
public final class StateException extends Exception {
  private static final long serialVersionUID = 1L;

  public StateException(String message) {
    super(message);
  }

  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
