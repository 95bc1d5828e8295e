package org.tallystick.cardhost.runtime;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import javacard.security.Signature;

/**
 * Which signing engines a chip would still hold initialized. It keeps that without power (JavaCard API 3.0.4, Signature);
 * this process does not when it ends, so the applet does it again, and nobody is to be told of work that a chip has not.
 */
final class KeptEngines {
  private final Set<Signature> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean isOfAnImage;

  /** The card has been given the memory of one that was used before. */
  void restored() {
    isOfAnImage = true;
  }

  /** A pair is made: no engine has had its key. */
  void onNewKey() {
    isOfAnImage = false;
  }

  /** Whether a chip would not have been asked for this: the first time for each engine after {@link #restored}. */
  boolean holds(Signature engine, byte mode) {
    return mode == Signature.MODE_SIGN && seen.add(engine) && isOfAnImage;
  }
}
