package org.tallystick.cardhost.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.latency.CountedCommand.Work;
import org.tallystick.cardhost.runtime.Operation;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.ShortForms;
import org.tallystick.cardhost.testing.TestCard;

/** What a tap asks of a card, counted, and what the model makes of it. */
class LatencyTest {
  private static final byte[] SELECT = hex("00a4040008f054414c4c59000100");

  private static byte[] pay(TestCard card) {
    return join(hex("8010000043"), RequestFields.of(card.tag(), 1, 250).encode(), hex("00"));
  }

  /** What each of these commands counted; each must succeed. */
  private static List<CountedCommand> count(TestCard card, byte[]... commands) {
    LatencyMeter meter = new LatencyMeter(card.card().runtime());
    List<CountedCommand> counted = new ArrayList<>();
    for (byte[] command : commands) {
      meter.begin();
      byte[] response = card.card().transmit(command);
      assertEquals((byte) 0x90, response[response.length - 2]);
      counted.add(meter.end(command, response));
    }
    return counted;
  }

  private static List<CountedCommand> tap() {
    TestCard card = TestCard.personalized();
    return count(card, SELECT, pay(card));
  }

  /** A tap at which a newer allowance reaches the card (spec §5.10): SELECT, UPDATE ALLOWANCE, SELECT, PAY. */
  private static List<CountedCommand> tapWithUpdate() {
    TestCard card = TestCard.personalized();
    byte[] update = join(hex("801400007E"), card.allowance(AllowanceFields.standard().withSeq(2)));
    return count(card, SELECT, update, SELECT, pay(card));
  }

  private static List<Work> works(List<CountedCommand> commands) {
    return commands.stream().flatMap(command -> command.works().stream()).toList();
  }

  private static long bytes(List<CountedCommand> commands) {
    return commands.stream().mapToLong(command -> command.commandBytes() + command.responseBytes()).sum();
  }

  private static Range sum(List<CountedCommand> commands, LatencyProfile chip, Medium medium) {
    return commands.stream().map(command -> CountedCommand.sum(command.price(chip, Link.of(medium)))).reduce(Range.ZERO, Range::plus);
  }

  /** Bounds of what is asked, which no doubt about a chip can move. */
  @Test
  void aTapAsksForOneSignatureTwoHashesAndFewWrites() {
    List<CountedCommand> tap = tap();
    List<Work> works = works(tap);
    assertEquals(2, works.stream().filter(work -> work.operation() == Operation.HASH).count());
    assertEquals(1, works.stream().filter(work -> work.operation() == Operation.SIGN).count());
    assertEquals(0, works.stream().filter(work -> work.operation() == Operation.SIGNATURE_INIT).count());
    assertEquals(List.of(2), works.stream().filter(work -> work.operation() == Operation.COMMIT).map(Work::amount).toList());
    assertTrue(works.stream().filter(work -> work.operation() == Operation.PERSISTENT_WRITE).count() <= 1);
    assertTrue(bytes(tap) <= 446, () -> bytes(tap) + " bytes");
  }

  @Test
  void anUpdateAsksForOneMoreSelectionAndOneVerification() {
    List<CountedCommand> update = tapWithUpdate();
    List<Work> works = works(update);
    assertEquals(1, works.stream().filter(work -> work.operation() == Operation.VERIFY).count());
    assertEquals(1, works.stream().filter(work -> work.operation() == Operation.SIGN).count());
    assertTrue(works.stream().filter(work -> work.operation() == Operation.SIGNATURE_INIT).count() <= 1);
    assertEquals(2, works.stream().filter(work -> work.operation() == Operation.HASH).count());
    assertTrue(works.stream().filter(work -> work.operation() == Operation.COMMIT).count() <= 2);
    assertTrue(bytes(update) <= 829, () -> bytes(update) + " bytes");
    long bytecodes = update.stream().mapToLong(CountedCommand::bytecodes).sum();
    assertTrue(bytecodes <= 2_590, () -> bytecodes + " bytecodes");
  }

  /** The model's own sums of today's applet: what a change makes slower shows here. */
  @Test
  void theModelKnowsHowLongAHandIsHeld() {
    assertWithin(132, sum(tap(), LatencyProfile.JCOP4, Medium.NFC106));
    assertWithin(102, sum(tap(), LatencyProfile.JCOP4, Medium.NFC424));
    assertWithin(174, sum(tap(), LatencyProfile.JCOP3, Medium.NFC106));
    assertWithin(144, sum(tap(), LatencyProfile.JCOP3, Medium.NFC424));
    assertWithin(254, sum(tapWithUpdate(), LatencyProfile.JCOP4, Medium.NFC106));
    assertWithin(198, sum(tapWithUpdate(), LatencyProfile.JCOP4, Medium.NFC424));
    assertWithin(324, sum(tapWithUpdate(), LatencyProfile.JCOP3, Medium.NFC106));
  }

  /** SELECT and PAY in their short forms, as a terminal sends them that has met the card before. */
  @Test
  void aKnownCardIsFaster() {
    TestCard card = TestCard.personalized();
    byte[] shortPay = pay(card);
    shortPay[3] = ShortForms.PAY_P2;
    List<CountedCommand> tap = count(card, hex("00a4040408f054414c4c59000100"), shortPay);
    assertTrue(bytes(tap) <= 14 + 69 + 73 + 76, () -> bytes(tap) + " bytes");
    assertWithin(113, sum(tap, LatencyProfile.JCOP4, Medium.NFC106));
    assertWithin(97, sum(tap, LatencyProfile.JCOP4, Medium.NFC424));
    assertWithin(137, sum(tap, LatencyProfile.JCOP3, Medium.NFC424));
    assertTrue(sum(tap, LatencyProfile.JCOP4, Medium.NFC424).low() <= 72);
  }

  /** The promise for a card that the terminal knows, asked in the short forms (spec §4.4, §4.5). */
  @Test
  void aKnownCardPaysBeforeAHandTires() {
    TestCard card = TestCard.personalized();
    byte[] shortSelect = SELECT.clone();
    shortSelect[3] = 0x04;
    byte[] shortPay = pay(card);
    shortPay[3] = 0x01;
    List<CountedCommand> known = count(card, shortSelect, shortPay);
    assertTrue(known.get(0).responseBytes() <= 70 && known.get(1).responseBytes() <= 76, () -> known.toString());
    assertTrue(sum(known, LatencyProfile.JCOP4, Medium.NFC424).low() <= 80);
    assertWithin(110, sum(known, LatencyProfile.JCOP4, Medium.NFC424));
    assertWithin(125, sum(known, LatencyProfile.JCOP4, Medium.NFC106));
    assertWithin(160, sum(known, LatencyProfile.JCOP3, Medium.NFC424));
  }

  /**
   * A card that a terminal meets first where it began with the short SELECT: one command more, and the tap no longer
   * than the high end of the model for the applet before the short forms.
   */
  @Test
  void aFirstMeetingAfterAShortQuestionIsNoSlowerThanBefore() {
    TestCard card = TestCard.personalized();
    byte[] shortSelect = SELECT.clone();
    shortSelect[3] = 0x04;
    byte[] shortPay = pay(card);
    shortPay[3] = ShortForms.PAY_P2;
    List<CountedCommand> first = count(card, shortSelect, SELECT, shortPay);
    assertWithin(162, sum(first, LatencyProfile.JCOP4, Medium.NFC106));
    assertWithin(222, sum(first, LatencyProfile.JCOP3, Medium.NFC106));
    assertWithin(133, sum(first, LatencyProfile.JCOP4, Medium.NFC424));
    assertWithin(193, sum(first, LatencyProfile.JCOP3, Medium.NFC424));
  }

  private static void assertWithin(double mostMs, Range range) {
    assertTrue(range.low() < range.high() && range.high() <= mostMs, () -> range + " above " + mostMs);
  }

  @Test
  void itsAccountNamesEveryCause() {
    Map<String, Range> pay = tap().get(1).price(LatencyProfile.JCOP4, Link.of(Medium.NFC106));
    assertEquals(Set.of("base", "bytecode", "hash", "sign", "writes", "transfer"), pay.keySet());
    Map<String, Range> select = tap().get(0).price(LatencyProfile.JCOP4, Link.of(Medium.NFC106));
    assertEquals(Set.of("base", "select", "bytecode", "transfer"), select.keySet());
  }

  @Test
  void theClockOfATapBeginsWithItsSelect() {
    ChipClock clock = new ChipClock(LatencyProfile.JCOP4, Link.of(Medium.NFC424));
    List<CountedCommand> tap = tap();
    tap.forEach(clock::add);
    Range whole = CountedCommand.sum(clock.tap());
    tap.forEach(clock::add);
    assertEquals(whole, CountedCommand.sum(clock.tap()));
    assertEquals(sum(tap, LatencyProfile.JCOP4, Medium.NFC424).high(), whole.high(), 1e-9);
  }

  @Test
  void theSimulationsOwnWorkIsPartOfTheChipsTime() {
    Map<String, Range> account = Map.of("base", new Range(8, 10), "sign", new Range(30, 34));
    assertEquals(41_000_000, ChipClock.dueNanos(account, 0), "the middle of the range");
    assertEquals(-1_000_000, ChipClock.dueNanos(account, -42_000_000), "the clock has no zero of its own");
  }
}
