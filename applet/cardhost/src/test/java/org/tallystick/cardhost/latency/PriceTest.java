package org.tallystick.cardhost.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.latency.CountedCommand.Work;
import org.tallystick.cardhost.runtime.Operation;

/** Each price of the model at its bounds. */
class PriceTest {
  private static final double EXACT = 1e-9;
  private static final LatencyProfile JCOP4 = LatencyProfile.JCOP4;
  private static final LatencyProfile JCOP3 = LatencyProfile.JCOP3;
  private static final double BYTE_106 = 9 * 128 / 13_560.0;

  private static void assertRange(double low, double high, Range range) {
    assertEquals(low, range.low(), EXACT);
    assertEquals(high, range.high(), EXACT);
  }

  @Test
  void aWriteCostsTheSameForFewBytesAsForMany() {
    for (int bytes : new int[] {1, 16, 256}) assertRange(2.8, 2.8, JCOP4.timeMs(Operation.PERSISTENT_WRITE, bytes));
    assertRange(1.2, 1.2, JCOP3.timeMs(Operation.PERSISTENT_WRITE, 16));
  }

  @Test
  void aCommitOverThreeArraysIsOneWriteAtBestAndFiveAtWorst() {
    assertRange(2.8, 5 * 2.8, JCOP4.timeMs(Operation.COMMIT, 3));
    assertRange(1.2, 5 * 1.2, JCOP3.timeMs(Operation.COMMIT, 3));
    assertRange(2.8, 3 * 2.8, JCOP4.timeMs(Operation.COMMIT, 1));
    assertRange(0, 0, JCOP4.timeMs(Operation.COMMIT, 0));
  }

  @Test
  void aSignatureCostsByTheLengthOfItsMessage() {
    assertRange(29, 29, JCOP4.timeMs(Operation.SIGN, 64));
    assertRange(29, 30, JCOP4.timeMs(Operation.SIGN, 65));
    assertRange(29, 30, JCOP4.timeMs(Operation.SIGN, 127));
    assertRange(30, 30, JCOP4.timeMs(Operation.SIGN, 128));
    assertRange(30, 32, JCOP4.timeMs(Operation.SIGN, 129));
    assertRange(32, 32, JCOP4.timeMs(Operation.SIGN, 256));
    assertRange(32, 32, JCOP4.timeMs(Operation.SIGN, 300));
    assertRange(29, 29, JCOP4.timeMs(Operation.SIGN, 1));
    assertRange(52, 53, JCOP3.timeMs(Operation.SIGN, 82));
  }

  @Test
  void preparingASignatureTellsTheChipsApart() {
    assertRange(8.1, 8.9, JCOP4.timeMs(Operation.SIGNATURE_INIT, 0));
    assertRange(5.8, 5.8, JCOP3.timeMs(Operation.SIGNATURE_INIT, 0));
    assertRange(38.5, 38.5, LatencyProfile.JCOP3_SCP03.timeMs(Operation.SIGNATURE_INIT, 0));
  }

  @Test
  void hashesFollowTheMeasuredLine() {
    assertRange(3.6, 3.6, JCOP4.timeMs(Operation.HASH, 64));
    assertRange(7.9, 7.9, JCOP4.timeMs(Operation.HASH, 256));
    assertRange(8.6, 8.6, JCOP3.timeMs(Operation.HASH, 256));
  }

  @Test
  void everyOperationHasAPriceOnEveryChip() {
    for (LatencyProfile chip : LatencyProfile.ALL) {
      for (Operation operation : Operation.values()) assertTrue(chip.timeMs(operation, 64).low() > 0, chip.name() + " " + operation);
    }
  }

  @Test
  void aFrameOf64BytesHolds61OfData() {
    assertEquals(1, Link.frames(60, 61), "63 bytes of frame");
    assertEquals(1, Link.frames(61, 61), "64");
    assertEquals(3, Link.frames(62, 61), "65: two blocks and the R-block between them");
    assertEquals(3, Link.frames(122, 61));
    assertEquals(5, Link.frames(123, 61));
    assertEquals(1, Link.frames(0, 61), "an empty block is a block");
  }

  @Test
  void aReaderOfShortFramesIsAnsweredInMoreOfThem() {
    Link narrow = new Link(Medium.NFC106, 64);
    assertEquals(BYTE_106 * (5 + 61) + 2 * 0.3, narrow.transfer(5, 61, Range.ZERO).high(), EXACT);
    assertEquals(BYTE_106 * (5 + 62) + 4 * 0.3, narrow.transfer(5, 62, Range.ZERO).high(), EXACT);
    assertEquals(BYTE_106 * (5 + 62) + 2 * 0.3, Link.of(Medium.NFC106).transfer(5, 62, Range.ZERO).high(), EXACT);
    assertEquals(BYTE_106 * (100 + 2) + 2 * 0.3, narrow.transfer(100, 2, Range.ZERO).high(), EXACT, "what the card takes is the card's");
    assertEquals(BYTE_106 * (254 + 2) + 4 * 0.3, Link.of(Medium.NFC106).transfer(254, 2, Range.ZERO).high(), EXACT);
    assertThrows(IllegalArgumentException.class, () -> new Link(Medium.NFC106, 128));
  }

  @Test
  void aFasterRateIsFasterInEveryPart() {
    double at106 = Link.of(Medium.NFC106).transfer(73, 119, Range.ZERO).low();
    assertEquals(at106 / 2, Link.of(Medium.NFC212).transfer(73, 119, Range.ZERO).low(), EXACT);
    assertEquals(at106 / 4, Link.of(Medium.NFC424).transfer(73, 119, Range.ZERO).low(), EXACT);
    assertEquals(at106 / 8, Link.of(Medium.NFC848).transfer(73, 119, Range.ZERO).low(), EXACT);
    assertEquals(0.071 * (73 + 119 + 8), Link.of(Medium.CONTACT).transfer(73, 119, Range.ZERO).low(), EXACT);
  }

  @Test
  void aCardThatIsSilentLongAsksForTime() {
    double frameWaitMs = 524_288 / 13_560.0;
    double pair = 2 * (0.3 + BYTE_106);
    Link link = Link.of(Medium.NFC106);
    double plain = link.transfer(5, 2, Range.ZERO).high();
    assertRange(plain, plain, link.transfer(5, 2, Range.of(frameWaitMs - 0.001)));
    assertRange(plain, plain + pair, link.transfer(5, 2, Range.of(frameWaitMs)));
    assertRange(plain, plain + 2 * pair, link.transfer(5, 2, Range.of(2 * frameWaitMs)));
    double contact = Link.of(Medium.CONTACT).transfer(5, 2, Range.ZERO).high();
    assertRange(contact, contact, Link.of(Medium.CONTACT).transfer(5, 2, Range.of(1_000)));
  }

  /** An APDU of no data costs what was measured of one, its frames once. */
  @Test
  void anEmptyCommandCountsItsFramesOnce() {
    CountedCommand empty = new CountedCommand(false, 0, 0, 0, List.of());
    Map<String, Range> account = empty.price(JCOP4, Link.of(Medium.NFC106));
    assertEquals(List.of("base", "transfer"), List.copyOf(account.keySet()));
    assertRange(7.5 + 0.6, 9, CountedCommand.sum(account));
    Range torn = new CountedCommand(false, 0, -1, 0, List.of()).price(JCOP4, Link.of(Medium.NFC106)).get("transfer");
    assertRange(0.3, 0.3, torn);
  }

  @Test
  void selectAndBytecodeHaveAPriceOfTheirOwn() {
    CountedCommand select = new CountedCommand(true, 0, 0, 1_000, List.of());
    Map<String, Range> account = select.price(JCOP3, Link.of(Medium.NFC106));
    assertRange(0, 8, account.get("select"));
    assertRange(12, 21.4, account.get("bytecode"));
    CountedCommand plain = new CountedCommand(false, 0, 0, 0, List.of());
    assertFalse(plain.price(JCOP3, Link.of(Medium.NFC106)).containsKey("select"));
  }

  @Test
  void worksOfOneCauseAddUp() {
    List<Work> works = List.of(new Work(Operation.COMMIT, 3), new Work(Operation.PERSISTENT_WRITE, 72), new Work(Operation.PERSISTENT_WRITE, 1));
    assertRange(3 * 2.8, 7 * 2.8, new CountedCommand(false, 0, 0, 0, works).price(JCOP4, Link.of(Medium.CONTACT)).get("writes"));
  }

  @Test
  void refusesChipsAndMediaThatItDoesNotKnow() {
    assertThrows(IllegalArgumentException.class, () -> LatencyProfile.of("jcop5"));
    assertThrows(IllegalArgumentException.class, () -> Medium.of("nfc"));
    assertThrows(IllegalArgumentException.class, () -> new Range(2, 1));
    assertEquals(Medium.NFC848, Medium.of("nfc848"));
    assertEquals(LatencyProfile.JCOP3_SCP03, LatencyProfile.of("jcop3-scp03"));
  }
}
