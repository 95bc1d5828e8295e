package org.tallystick.cardhost.latency;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tallystick.cardhost.runtime.Operation;

/**
 * What one command asked of the card, before any price.
 *
 * @param selects whether it is a SELECT by name
 * @param commandBytes as sent
 * @param responseBytes with the status word; negative when it was torn
 * @param bytecodes of the applet's own classes
 * @param works in the order in which they were asked for
 */
public record CountedCommand(boolean selects, int commandBytes, int responseBytes, long bytecodes, List<Work> works) {
  /**
   * One operation.
   *
   * @param amount bytes that go in; for {@link Operation#COMMIT} the writes of the transaction
   */
  public record Work(Operation operation, int amount) {}

  /** What it takes on a chip and a link, by cause; causes that cost nothing are not named. */
  public Map<String, Range> price(LatencyProfile profile, Link link) {
    Map<String, Range> account = new LinkedHashMap<>();
    account.put("base", profile.base());
    if (selects) account.put("select", LatencyProfile.SELECT_EXTRA);
    if (bytecodes > 0) account.put("bytecode", profile.bytecode().times(bytecodes));
    for (Work work : works) account.merge(causeOf(work.operation), profile.timeMs(work.operation, work.amount), Range::plus);
    account.put("transfer", link.transfer(commandBytes, responseBytes, sum(account)));
    return account;
  }

  public static Range sum(Map<String, Range> account) {
    return account.values().stream().reduce(Range.ZERO, Range::plus);
  }

  private static String causeOf(Operation operation) {
    return switch (operation) {
      case SIGNATURE_INIT -> "init";
      case SIGN -> "sign";
      case VERIFY -> "verify";
      case KEY_GENERATION -> "keyGeneration";
      case KEY_AGREEMENT -> "keyAgreement";
      case HASH -> "hash";
      case AES -> "aes";
      case PERSISTENT_WRITE, COMMIT -> "writes";
    };
  }
}
