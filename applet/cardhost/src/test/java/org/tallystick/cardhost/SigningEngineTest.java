package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tallystick.cardhost.runtime.Operation;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/**
 * The engine that signs is given its key once: a reset or a tear takes it back to there (JavaCard API, Signature). What may
 * take the key from it, or give it another, must not leave a signature that does not verify.
 */
class SigningEngineTest {
  private static final byte[] SECOND = hex("f054414c4c590002");
  private static final byte[] NONE = new byte[0];

  private int initialized;

  /** The verifying engine is given a key too, so counting begins where nothing is verified. */
  private void count(TestCard card) {
    initialized = 0;
    card.card().runtime().observe((operation, bytes) -> {
      if (operation == Operation.SIGNATURE_INIT) initialized++;
    });
  }

  private static void assertPays(TestCard card) {
    RequestFields request = card.request(3);
    Response answer = card.pay(request);
    card.expect(0x9000, answer);
    assertTrue(VoucherFields.of(request, answer.data()).verifies(card.publicKey));
  }

  private static boolean proves(TestCard card, byte[] publicKey) {
    byte[] challenge = fill(0x77, 16);
    byte[] answer = card.send(0x12, 0, 0, challenge).data();
    return Secp256k1.verifies(publicKey, slice(answer, 47, answer.length - 47), join(ascii("TLYP"), TestCard.DOMAIN, challenge, slice(answer, 0, 47)));
  }

  @Test
  void aCardsLifeNeedsOne() {
    TestCard card = TestCard.installed();
    count(card);
    card.store();
    assertEquals(1, initialized, "GENERATE KEY");
    card.expect(0x9000, card.channel().send(0x1E, 0, 0, NONE));
    assertTrue(proves(card, card.publicKey));
    assertEquals(1, initialized, "OPEN and PROVE");
  }

  @Test
  void neitherResetNorDeselectionNorATearAsksForAnother() {
    TestCard card = TestCard.personalized();
    card.expect(0x9000, card.install(SECOND));
    count(card);
    assertPays(card);
    card.powerOn();
    assertPays(card);
    card.select(NONE);
    assertPays(card);
    card.expect(0x9000, card.select(SECOND));
    assertPays(card);
    for (int write = 1; write <= 2; write++) {
      for (boolean before : new boolean[] {true, false}) {
        RequestFields request = card.request(3);
        card.tearAt(write, before);
        assertNull(card.pay(request));
        card.powerOn();
        assertTrue(VoucherFields.of(request, card.pay(request).data()).verifies(card.publicKey));
      }
    }
    assertEquals(0, initialized);
  }

  /**
   * What a process of the simulation forgets when it ends, and what a chip may that does not keep to the API. It is no work
   * of a chip that does, so nobody hears of it.
   */
  @Test
  void anEngineThatForgotItsKeyGetsItBack() {
    TestCard card = TestCard.personalized().copy();
    count(card);
    assertPays(card);
    assertPays(card);
    assertTrue(proves(card, card.publicKey));
    assertEquals(0, initialized);
    TestCard blank = TestCard.installed().copy();
    count(blank);
    blank.store();
    assertEquals(1, initialized, "GENERATE KEY of a card that was put away before");
  }

  @ParameterizedTest
  @CsvSource({"1, true", "1, false", "2, true", "2, false"})
  void aTornGenerationLeavesTheEngineWithTheKeyOnRecord(int write, boolean before) {
    TestCard card = TestCard.installed();
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, TestCard.DOMAIN)));
    var host = card.channel();
    card.tearAt(write, before);
    assertNull(host.send(0x46, 0, 0, NONE));
    card.powerOn();
    card.storeMissing();
    assertTrue(proves(card, card.publicKey));
    card.expect(0x9000, card.channel().send(0x14, 0, 0, card.allowance(AllowanceFields.standard())));
    assertPays(card);
    assertTrue(proves(card.copyAsIs(), card.publicKey));
  }

  /** A session's key is another pair, made while the engine holds the card's. */
  @Test
  void aPinSessionLeavesTheKeyWhereItIs() {
    TestCard card = TestCard.withPin();
    count(card);
    for (int i = 0; i < 2; i++) {
      RequestFields request = card.request(3);
      card.expect(0x9000, card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request)));
      assertTrue(VoucherFields.of(request, card.pay(request).data()).verifies(card.publicKey));
    }
    assertEquals(0, initialized);
  }

  @Test
  void eachInstanceSignsWithItsOwnKey() {
    TestCard card = TestCard.personalized();
    byte[] first = card.publicKey;
    card.expect(0x9000, card.install(SECOND));
    card.select(SECOND);
    card.store();
    byte[] second = card.publicKey;
    count(card);
    for (int i = 0; i < 2; i++) {
      card.select();
      assertTrue(proves(card, first));
      card.select(SECOND);
      assertTrue(proves(card, second));
      card.card().reset();
    }
    assertEquals(0, initialized);
  }
}
