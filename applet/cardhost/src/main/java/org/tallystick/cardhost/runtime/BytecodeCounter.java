package org.tallystick.cardhost.runtime;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the bytecodes that the applet's own classes execute. The runtime's are not in it: the JavaCard API, the engines
 * and the dispatch before {@code process}. One instruction of the class file is one, which is what a converter makes of it
 * but for the casts to short that it can spare.
 */
public final class BytecodeCounter {
  private long total;
  private Map<String, Long> byMethod;

  /** Executed since the card was made; the difference of two readings is what ran between them. */
  public long total() {
    return total;
  }

  /** Begins to count by method too, which takes longer; what was counted by method before is forgotten. */
  public void countByMethod() {
    byMethod = new TreeMap<>();
  }

  /** By method, such as {@code Bytes.compare}, since {@link #countByMethod}. */
  public Map<String, Long> byMethod() {
    return byMethod == null ? Map.of() : Map.copyOf(byMethod);
  }

  void add(String method, int executed) {
    total += executed;
    if (byMethod != null) byMethod.merge(method, (long) executed, Long::sum);
  }
}
