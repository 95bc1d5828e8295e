package org.tallystick.cardhost.fuzz;

import java.util.Arrays;
import java.util.Random;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.TestCard;

/** One card under fire, and what must hold after every single command. */
final class FuzzRun {
  private final TestCard card;
  private final CommandGenerator generator;
  private final SignatureWatch watch;
  private final int ram;
  private int accepted;

  FuzzRun(TestCard card, Random random) {
    this.card = card;
    generator = new CommandGenerator(random, card);
    watch = new SignatureWatch(card);
    ram = card.card().runtime().ramBytes();
    card.card().runtime().observe(watch);
  }

  int accepted() {
    return accepted;
  }

  long signatures() {
    return watch.signatures();
  }

  void go(int commands) {
    for (int i = 0; i < commands; i++) {
      byte[] command = generator.next();
      try {
        step(command);
      } catch (AssertionError | RuntimeException fault) {
        throw new AssertionError("command " + i + ": " + Bytes.hex(command), fault);
      }
    }
  }

  private void step(byte[] command) {
    byte[] money = card.money();
    byte[] before = card.fingerprint();
    long writes = card.card().events().count();
    byte[] answer = card.card().transmit(command);
    int statusWord = (answer[answer.length - 2] & 0xFF) << 8 | answer[answer.length - 1] & 0xFF;
    require(statusWord != 0x6F00, "6F00");
    require(isKnown(statusWord), String.format("the status word %04X", statusWord));
    require(answer.length <= 258, "an answer of " + answer.length);
    byte[] after = card.fingerprint();
    boolean same = Arrays.equals(before, after);
    if (statusWord == 0x9000) accepted++;
    else require(answer.length == 2 && same, String.format("a change by a refused command, %04X", statusWord));
    require(same || card.card().events().count() > writes, "a change without a counted write");
    requireGrowth(money, card.money(), command, statusWord);
    require(card.card().runtime().largestTransactionBytes() < 384, "a transaction of " + card.card().runtime().largestTransactionBytes());
    require(card.card().runtime().ramBytes() == ram && ram <= 1_400, "RAM of " + card.card().runtime().ramBytes());
  }

  /** Counter and spent only grow, and only by a PAY that was answered. */
  private static void requireGrowth(byte[] before, byte[] after, byte[] command, int statusWord) {
    long payments = Bytes.number(after, 0, 4) - Bytes.number(before, 0, 4);
    long spent = Bytes.number(after, 4, 6) - Bytes.number(before, 4, 6);
    if (payments == 0) {
      require(spent == 0, "spent without a payment");
      return;
    }
    boolean paid = command[1] == 0x10 && statusWord == 0x9000;
    require(payments == 1 && paid && spent == Bytes.number(command, 5 + 32, 6), "a debit that nobody asked for");
  }

  private static boolean isKnown(int statusWord) {
    if (statusWord >= 0x9E01 && statusWord <= 0x9E0C || statusWord >= 0x63C0 && statusWord <= 0x63C4) return true;
    return switch (statusWord) {
      case 0x9000, 0x6700, 0x6A80, 0x6A82, 0x6A83, 0x6A86, 0x6A88, 0x6D00, 0x6E00, 0x6982, 0x6983, 0x6985, 0x6300 -> true;
      case 0x6A84, 0x6881, 0x6999 -> true;
      default -> false;
    };
  }

  private static void require(boolean good, String fault) {
    if (!good) throw new AssertionError("the card showed " + fault);
  }
}
