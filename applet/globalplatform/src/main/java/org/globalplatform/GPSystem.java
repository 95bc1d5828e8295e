package org.globalplatform;

/**
 * The applet's way to its security domain. On a real card this class belongs to the platform; here the host of the
 * simulated card says which channel belongs to the thread that runs the applet.
 */
public final class GPSystem {
  private static final ThreadLocal<SecureChannel> CHANNEL = new ThreadLocal<SecureChannel>();

  private GPSystem() {}

  /** The secure channel of the calling applet's security domain. */
  public static SecureChannel getSecureChannel() {
    return CHANNEL.get();
  }

  /** For the host only: sets the channel that {@link #getSecureChannel} answers on this thread. */
  public static void bind(SecureChannel channel) {
    CHANNEL.set(channel);
  }
}
