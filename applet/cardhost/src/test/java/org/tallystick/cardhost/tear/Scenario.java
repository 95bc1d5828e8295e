package org.tallystick.cardhost.tear;

import java.util.function.Supplier;
import org.tallystick.cardhost.testing.TestCard;

/**
 * One command in one state, and how the terminal goes on after a torn answer.
 *
 * @param command as the specification names it, with what matters about its data
 * @param state the card's state before it
 * @param start makes a card in that state; the same card is copied for every tear
 * @param next one sentence for the terminal's manual
 * @param steps makes the steps for one copy of the card
 */
record Scenario(String command, String state, Supplier<TestCard> start, String next, StepsFor steps) {

  /** Makes fresh steps for one card, because requests and sessions belong to one run. */
  interface StepsFor {
    Steps on(TestCard card);
  }

  /** What happens on one card. */
  interface Steps {
    /** Whatever must precede the command in the same session; writes before the command are not torn. */
    default void prepare() {}

    /** The command itself; false when its answer was torn. */
    boolean send();

    /** Goes on after power came back; false when an answer was torn again, and then it is called once more. */
    boolean recover();

    /** The amounts of the vouchers that the terminal ended up with. */
    default long received() {
      return 0;
    }
  }
}
