package org.tallystick.cardhost.runtime;

/** The field collapsed: nothing after this point happens, and no answer leaves. Not an exception an applet may catch. */
public final class TearError extends Error {
  private static final long serialVersionUID = 1L;

  public TearError() {
    super("power lost", null, false, false);
  }
}
