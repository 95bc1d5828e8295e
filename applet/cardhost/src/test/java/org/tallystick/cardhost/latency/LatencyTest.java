package org.tallystick.cardhost.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.runtime.Operation;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.TestCard;

/** The model of a chip's time: what a tap is made of, and how long it takes on two known chips. */
class LatencyTest {
  private static final byte[] SELECT = hex("00a4040008f054414c4c59000100");

  private static Map<String, Double> tap(LatencyProfile profile, LatencyProfile.Medium medium) {
    TestCard card = TestCard.personalized();
    LatencyMeter meter = new LatencyMeter(profile, medium);
    send(card, meter, SELECT, pay(card));
    return meter.tap();
  }

  /** A tap at which a newer allowance reaches the card (spec §5.10): SELECT, UPDATE ALLOWANCE, SELECT, PAY. */
  private static double tapWithUpdate(LatencyProfile profile) {
    TestCard card = TestCard.personalized();
    LatencyMeter meter = new LatencyMeter(profile, LatencyProfile.Medium.NFC);
    byte[] update = join(hex("801400007E"), card.allowance(AllowanceFields.standard().withSeq(2)));
    return send(card, meter, SELECT, update, SELECT, pay(card));
  }

  private static byte[] pay(TestCard card) {
    return join(hex("8010000043"), RequestFields.of(card.tag(), 1, 250).encode(), hex("00"));
  }

  /** Milliseconds of all commands, each of which must succeed. */
  private static double send(TestCard card, LatencyMeter meter, byte[]... commands) {
    card.card().runtime().observe(meter);
    double sum = 0;
    for (byte[] command : commands) {
      meter.begin();
      byte[] response = card.card().transmit(command);
      assertEquals((byte) 0x90, response[response.length - 2]);
      sum += LatencyMeter.sum(meter.end(command, response));
    }
    return sum;
  }

  @Test
  void aTapIsOneSignatureTwoHashesAndTwoTransfers() {
    Map<String, Double> account = tap(LatencyProfile.JCOP4, LatencyProfile.Medium.NFC);
    assertEquals(18, account.get("base"));
    assertEquals(32, account.get("sign"));
    assertEquals(LatencyProfile.JCOP4.timeMs(Operation.HASH, 77) + LatencyProfile.JCOP4.timeMs(Operation.HASH, 82), account.get("hash"), 1e-9);
    assertEquals(java.util.Set.of("base", "transfer", "hash", "persistent_write", "sign"), account.keySet());
  }

  @Test
  void fitsTheTimeOfAHandOverAReader() {
    double jcop4 = LatencyMeter.sum(tap(LatencyProfile.JCOP4, LatencyProfile.Medium.NFC));
    double jcop3 = LatencyMeter.sum(tap(LatencyProfile.JCOP3, LatencyProfile.Medium.NFC));
    assertTrue(jcop4 <= 110, "jcop4: " + jcop4);
    assertTrue(jcop3 <= 200, "jcop3: " + jcop3);
    assertTrue(LatencyMeter.sum(tap(LatencyProfile.JCOP4, LatencyProfile.Medium.CONTACT)) < jcop4);
  }

  @Test
  void anUpdateOnTheWayFitsTheSameHand() {
    double jcop4 = tapWithUpdate(LatencyProfile.JCOP4);
    assertTrue(jcop4 <= 200, "jcop4: " + jcop4);
    assertTrue(tapWithUpdate(LatencyProfile.JCOP3) <= 260, "jcop3");
  }

  @Test
  void theSimulationsOwnWorkIsPartOfTheChipsTime() {
    Map<String, Double> account = Map.of("base", 9.0, "sign", 32.0);
    assertEquals(41_000_000, LatencyMeter.dueNanos(account, 0));
    assertEquals(-1_000_000, LatencyMeter.dueNanos(account, -42_000_000), "the clock has no zero of its own");
  }

  @Test
  void hashesFollowTheMeasuredLine() {
    assertEquals(3.6, LatencyProfile.JCOP4.timeMs(Operation.HASH, 64), 1e-9);
    assertEquals(7.9, LatencyProfile.JCOP4.timeMs(Operation.HASH, 256), 1e-9);
    assertEquals(2.9, LatencyProfile.JCOP4.timeMs(Operation.PERSISTENT_WRITE, 256), 1e-9);
    assertThrows(IllegalArgumentException.class, () -> LatencyProfile.of("jcop5"));
  }
}
