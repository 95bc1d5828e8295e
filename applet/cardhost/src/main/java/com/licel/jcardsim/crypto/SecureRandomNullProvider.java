package com.licel.jcardsim.crypto;

import java.security.SecureRandom;

/**
 * Stands in front of the simulator's class of this name, which is seeded with zeros: with it every fresh card makes the
 * same key and every signature uses the same nonce, and the private key follows. This one is the platform's own.
 */
class SecureRandomNullProvider extends SecureRandom {
  private static final long serialVersionUID = 1L;

  public SecureRandomNullProvider() {
    super();
  }
}
