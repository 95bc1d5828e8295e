package org.tallystick.cardhost.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.TestCard;

/**
 * Random, mutated, truncated, chained and extended commands in every state. {@code -Dtallystick.fuzz.count} (50,000)
 * and {@code -Dtallystick.fuzz.seed} choose how many and which.
 */
class FuzzTest {
  private static final int COUNT = Integer.getInteger("tallystick.fuzz.count", 50_000);
  private static final long SEED = Long.getLong("tallystick.fuzz.seed", 20_261_121L);
  private static final int COMMANDS_A_CARD = 500;

  private record Start(String state, Supplier<TestCard> card) {}

  private static final List<Start> STARTS = List.of(
      new Start("INSTALLED, blank", TestCard::installed),
      new Start("INSTALLED, stored", TestCard::stored),
      new Start("PERSONALIZED", FuzzTest::wide),
      new Start("PERSONALIZED, PIN", () -> withRules(TestCard.withPin())),
      new Start("SUSPENDED", () -> inState(0x0B)),
      new Start("TERMINATED", () -> inState(0x7F)));

  private static TestCard wide() {
    return withRules(TestCard.personalized());
  }

  private static TestCard withRules(TestCard card) {
    card.update(AllowanceFields.standard().withSeq(5).withPin(50, 2_000, 100));
    for (int i = 0; i < 3; i++) card.expect(0x9000, card.pay(card.request(7)));
    return card;
  }

  private static TestCard inState(int state) {
    TestCard card = wide();
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, Bytes.number(state, 1))));
    card.select();
    return card;
  }

  @TestFactory
  Stream<DynamicTest> everyState() {
    return STARTS.stream().map(start -> DynamicTest.dynamicTest(start.state() + ", seed " + SEED, () -> run(start)));
  }

  private static void run(Start start) {
    Random random = new Random(SEED ^ start.state().hashCode());
    TestCard origin = start.card().get();
    int left = COUNT / STARTS.size();
    int done = 0;
    long signatures = 0;
    while (left > 0) {
      FuzzRun run = new FuzzRun(origin.copy(), random);
      int commands = Math.min(left, COMMANDS_A_CARD);
      run.go(commands);
      left -= commands;
      done += run.accepted();
      signatures += run.signatures();
    }
    assertTrue(done > 0, "not one command was accepted");
    if (!start.state().contains("blank")) assertTrue(signatures > 0, "not one signature was made");
    assertEquals(0, left);
  }
}
