package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;

/** Tries under two tears in a row (spec §4.9): each may take one, none gives one back, and the secret is the old or the new. */
class PinTearTest {
  private static final String NEW_PIN = "998877";
  private static final String WRONG_PIN = "0000";
  private static final String WRONG_PUK = "00000000";
  /** A right CHANGE makes three durable writes: a try down, the tries restored, the new PIN. */
  private static final int WRITES = 3;

  private record Tear(int write, boolean before) {
    @Override
    public String toString() {
      return write + (before ? " before" : " after");
    }
  }

  private static List<Tear> tears() {
    List<Tear> tears = new ArrayList<>();
    for (int write = 1; write <= WRITES; write++) {
      tears.add(new Tear(write, true));
      tears.add(new Tear(write, false));
    }
    return tears;
  }

  @TestFactory
  Stream<DynamicTest> twoTearsOfAGuessWinNoTry() {
    TestCard origin = TestCard.withPin();
    return pairs((first, second) -> {
      TestCard card = origin.copy();
      int lost = guess(card, first) + guess(card, second);
      assertEquals(0x63C2 - lost, verify(card, WRONG_PIN, null).statusWord());
    });
  }

  @TestFactory
  Stream<DynamicTest> twoTearsOfAPukGuessWinNoTry() {
    TestCard origin = TestCard.withPin();
    return pairs((first, second) -> {
      TestCard card = origin.copy();
      int lost = 0;
      for (Tear tear : new Tear[] {first, second}) {
        boolean torn = torn(card, () -> replace(card, PinTerminal.UNBLOCK, WRONG_PUK, tear)) == null;
        if (!torn || !tear.before) lost++;
      }
      assertEquals(0x63C4 - lost, replace(card, PinTerminal.UNBLOCK, WRONG_PUK, null).statusWord());
    });
  }

  @TestFactory
  Stream<DynamicTest> twoTearsOfAChangeLeaveTheOldPinOrTheNew() {
    TestCard origin = TestCard.withPin();
    return pairs((first, second) -> {
      TestCard card = origin.copy();
      boolean changed = change(card, first, false);
      changed = change(card, second, changed);
      assertEquals(0x9000, verify(card, changed ? NEW_PIN : TestCard.PIN, null).statusWord());
      assertEquals(0x63C2, verify(card, changed ? TestCard.PIN : NEW_PIN, null).statusWord());
    });
  }

  private interface Run {
    void on(Tear first, Tear second);
  }

  private static Stream<DynamicTest> pairs(Run run) {
    return tears().stream().flatMap(first -> tears().stream()
        .map(second -> DynamicTest.dynamicTest(first + ", then " + second, () -> run.on(first, second))));
  }

  /** One guess with a tear; how many tries it cost. A guess makes one write, so later tears find nothing to tear. */
  private static int guess(TestCard card, Tear tear) {
    boolean torn = torn(card, () -> verify(card, WRONG_PIN, tear)) == null;
    return !torn || !tear.before ? 1 : 0;
  }

  private static boolean change(TestCard card, Tear tear, boolean changedBefore) {
    String current = changedBefore ? NEW_PIN : TestCard.PIN;
    Response answer = torn(card, () -> replace(card, PinTerminal.CHANGE, current, tear));
    if (answer != null) card.expect(0x9000, answer);
    return changedBefore || answer != null || tear.write == WRITES && !tear.before;
  }

  /** One command whose answer may be torn, null then; the power comes back. */
  private static Response torn(TestCard card, Supplier<Response> command) {
    Response answer = command.get();
    card.card().events().plan(null);
    card.powerOn();
    return answer;
  }

  private static Response verify(TestCard card, String pin, Tear tear) {
    RequestFields request = card.request(1);
    return send(card, PinTerminal.VERIFY, PinTerminal.open(card).verify(pin, request), tear);
  }

  private static Response replace(TestCard card, int instruction, String secret, Tear tear) {
    return send(card, instruction, PinTerminal.open(card).replace(instruction, secret, NEW_PIN), tear);
  }

  /** The tear counts from this command on: the session before it is not torn. */
  private static Response send(TestCard card, int instruction, byte[] data, Tear tear) {
    if (tear != null) card.tearAt(tear.write, tear.before);
    return card.send(instruction, 0, 0, data);
  }
}
