package org.tallystick.cardhost.testing;

import java.util.Map;
import org.tallystick.cardhost.runtime.BytecodeCounter;

/**
 * What one command costs in bytecodes of the applet's own classes, without the runtime's.
 *
 * @param total all of them
 * @param byMethod of which in which method, such as {@code Bytes.compare}
 */
public record BytecodeCount(long total, Map<String, Long> byMethod) {
  /** Runs one command on the selected instance, and counts. */
  public static BytecodeCount of(TestCard card, byte[] command) {
    BytecodeCounter counter = card.card().runtime().bytecodes();
    counter.countByMethod();
    long before = counter.total();
    Response response = card.send(command);
    if (response == null || response.statusWord() != 0x9000) throw new AssertionError("the command was refused: " + response);
    return new BytecodeCount(counter.total() - before, counter.byMethod());
  }

  /** The bytecodes of one class's methods. */
  public long of(String type) {
    return byMethod.entrySet().stream().filter(entry -> entry.getKey().startsWith(type + ".")).mapToLong(Map.Entry::getValue).sum();
  }
}
