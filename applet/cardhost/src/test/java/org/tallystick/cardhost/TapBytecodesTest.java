package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.BytecodeCount;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.ShortForms;
import org.tallystick.cardhost.testing.TestCard;

/**
 * How many bytecodes a tap takes: a chip needs 5 to 21 µs for each, so 1,000 of them are felt. The figures are those of
 * the day they were written down, and 5 % more is a regression; whoever makes a command cheaper writes the new one.
 */
class TapBytecodesTest {
  private static final int MOST_OF_A_PAYMENT = 1_600;
  private static final int LONG_SELECT = 212;
  private static final int SHORT_SELECT = 107;
  /** 12.50 of a currency with six decimals, and rules of the size that go with it. */
  private static final long AMOUNT = 12_500_000;
  private static final int PAYMENTS_BEFORE = 17;
  private static final long SUM = AMOUNT * (PAYMENTS_BEFORE + 1);
  private static final AllowanceFields RULES = AllowanceFields.standard().withSeq(2).withPerTap(50_000_000).withMaxSpent(2_000_000_000)
      .withPin(25_000_000, 1_000_000_000, 100);

  /** A card whose ring has gone round once, and then met an allowance. */
  private static TestCard used(AllowanceFields rules) {
    TestCard card = TestCard.withPin();
    card.update(RULES);
    for (int i = 0; i < PAYMENTS_BEFORE; i++) card.expect(0x9000, card.pay(card.request(AMOUNT)));
    card.update(rules.withSeq(3));
    return card;
  }

  private static long pay(TestCard card, RequestFields request, int p2) {
    return BytecodeCount.of(card, join(hex("801000"), number(p2, 1), hex("43"), request.encode(), hex("00"))).total();
  }

  private static void assertNotAbove(long recorded, long counted, String what) {
    assertTrue(counted <= recorded + recorded / 20, what + ": " + counted + " bytecodes, recorded " + recorded);
  }

  @Test
  void selectIsShortForACardThatIsKnown() {
    TestCard card = used(RULES);
    assertNotAbove(LONG_SELECT, BytecodeCount.of(card, hex("00a4040008f054414c4c59000100")).total(), "SELECT");
    assertNotAbove(SHORT_SELECT, BytecodeCount.of(card, hex("00a4040408f054414c4c59000100")).total(), "short SELECT");
  }

  enum Payment {
    /** Every day's: no rule near its bound, a full ring. */
    PLAIN(RULES, AMOUNT),
    /** 1.28: the last byte is zero, so that looking for one that is not takes longer. */
    SMALL(RULES, 1_280_000),
    /** 5,000: an amount of five bytes. */
    LARGE(RULES.withPerTap(1L << 40).withMaxSpent(1L << 41).withPin(1L << 40, 1L << 41, 255), 5_000_000_000L),
    CERTIFIED(RULES.withFlags(1), AMOUNT),
    WITH_PIN(RULES.withPin(0, 0, 0), AMOUNT),
    /** The most that these amounts can take: certified, and every value equal to its bound, so that no comparison ends early. */
    AT_EVERY_BOUND(RULES.withFlags(1).withPerTap(AMOUNT).withMaxSpent(SUM).withPin(AMOUNT, SUM, PAYMENTS_BEFORE + 1)
        .withMaxCounter(PAYMENTS_BEFORE + 1).withValidity(RequestFields.TIME, RequestFields.TIME), AMOUNT);

    private final AllowanceFields rules;
    private final long amount;

    Payment(AllowanceFields rules, long amount) {
      this.rules = rules;
      this.amount = amount;
    }

    long count(int p2) {
      TestCard card = used(rules);
      RequestFields request = card.request(amount);
      boolean certified = (rules.flags() & 1) != 0;
      if (certified) card.expect(0x9000, LogTerminal.present(card, LogTerminal.of(card).certificate().withValidity(RequestFields.TIME, RequestFields.TIME)));
      if (this == WITH_PIN) card.expect(0x9000, card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request)));
      return pay(card, request, p2);
    }
  }

  /** Each with its full and with its short answer. */
  @ParameterizedTest
  @CsvSource({"PLAIN, 1371, 1360", "SMALL, 1383, 1372", "LARGE, 1380, 1369", "CERTIFIED, 1498, 1487", "WITH_PIN, 1169, 1158", "AT_EVERY_BOUND, 1597, 1586"})
  void aPaymentIsFewBytecodes(Payment payment, long full, long brief) {
    long counted = payment.count(0);
    long countedShort = payment.count(ShortForms.PAY_P2);
    assertNotAbove(full, counted, payment + ", full answer");
    assertNotAbove(brief, countedShort, payment + ", short answer");
    assertTrue(counted <= MOST_OF_A_PAYMENT && countedShort <= MOST_OF_A_PAYMENT, payment + ": " + counted + ", " + countedShort);
  }

  @Test
  void aReplayIsCheaperThanItsPayment() {
    TestCard card = used(RULES);
    RequestFields request = card.request(AMOUNT);
    long paid = pay(card, request, 0);
    assertTrue(pay(card, request, ShortForms.PAY_P2) * 3 < paid);
    assertEquals(18, card.counter());
  }
}
