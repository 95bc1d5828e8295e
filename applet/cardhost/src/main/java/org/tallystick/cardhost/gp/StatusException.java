package org.tallystick.cardhost.gp;

/** A refusal of the security domain, as its status word. */
public final class StatusException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int statusWord;

  public StatusException(int statusWord) {
    super(String.format("%04X", statusWord), null, false, false);
    this.statusWord = statusWord;
  }

  public int statusWord() {
    return statusWord;
  }
}
