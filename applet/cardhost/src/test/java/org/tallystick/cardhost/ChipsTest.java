package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.PinTerminal.CHANGE;
import static org.tallystick.cardhost.testing.PinTerminal.VERIFY;
import static org.tallystick.cardhost.testing.TestCard.PIN;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tallystick.cardhost.card.Card;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.stock.Birth;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** What the imitated chips do otherwise (README, "The security domain"), met by the applet's own commands. */
class ChipsTest {
  /** INSTALL for install and make selectable of the first instance. */
  private static final String INSTALL = "07f054414c4c590008f054414c4c59000108f054414c4c5900010100" + "02c90000";

  private static int verify(TestCard card, String pin, RequestFields request) {
    return card.send(VERIFY, 0, 0, PinTerminal.open(card).verify(pin, request)).statusWord();
  }

  /** On jcop3 the key of a session lies in persistent memory; h19cr speaks T=0. */
  @ParameterizedTest
  @ValueSource(strings = {"jcop3", "h19cr"})
  void aPinWorksOverPowerOffAndAgain(String chip) {
    TestCard card = TestCard.withPin(Birth.of(chip));
    card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
    for (int payment = 1; payment <= 3; payment++) {
      card.card().reset();
      card.select();
      RequestFields request = card.request(60);
      assertEquals(0x9E07, card.pay(request).statusWord());
      assertEquals(0x63C2, verify(card, "0000", request));
      assertEquals(0x9000, verify(card, PIN, request));
      Response answer = card.pay(request);
      card.expect(0x9000, answer);
      assertTrue(VoucherFields.of(request, answer.data()).verifies(card.publicKey));
    }
    byte[] change = PinTerminal.open(card).replace(CHANGE, PIN, "9999");
    assertEquals(0x9000, card.send(CHANGE, 0, 0, change).statusWord());
    card.card().reset();
    card.select();
    assertEquals(0x9000, verify(card, "9999", card.request(1)));
  }

  @Test
  void aSessionsKeyDoesNotStayInMemory() {
    TestCard card = TestCard.withPin(Birth.of("jcop3"));
    String one = "00".repeat(31) + "01";
    RequestFields request = card.request(1);
    PinTerminal session = PinTerminal.open(card);
    assertFalse(sessionKeyOf(card).endsWith(one), "the key of an open session is there");
    assertEquals(0x9000, card.send(VERIFY, 0, 0, session.verify(PIN, request)).statusWord());
    assertTrue(sessionKeyOf(card).endsWith(one), "and 1 takes its place");
    PinTerminal left = PinTerminal.open(card);
    card.card().reset();
    card.select();
    assertEquals(0x6985, card.send(VERIFY, 0, 0, left.verify(PIN, request)).statusWord(), "a session ends with the power");
  }

  /** The private half of the persistent session key, as the card's image has it. */
  private static String sessionKeyOf(TestCard card) {
    return card.card().image().instances().get(0).entrySet().stream()
        .filter(part -> part.getKey().contains("ephemeral") && part.getKey().toLowerCase(java.util.Locale.ROOT).contains("priv"))
        .map(part -> hex(part.getValue()))
        .filter(bytes -> bytes.length() >= 64)
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  @Test
  void theLogIsReadOverTEqualsZero() {
    TestCard card = TestCard.withPin(Birth.of("h19cr"));
    for (int payment = 0; payment < 3; payment++) card.expect(0x9000, card.pay(card.request(10)));
    LogTerminal terminal = LogTerminal.of(card);
    Response newest = terminal.open(0);
    card.expect(0x9000, newest);
    assertArrayEquals(terminal.readSigned(1).data(), terminal.read(1).data());
    assertEquals(0x6A83, terminal.read(3).statusWord());
    card.select();
    // Without data the fifth byte is Le, and nothing may be received.
    byte[] whole = Bytes.hex("8016000000");
    assertEquals(0x6982, card.send(whole).statusWord());
    assertEquals(0x9000, verify(card, PIN, card.request(1)));
    assertArrayEquals(newest.data(), card.send(whole).data());
  }

  @Test
  void aMissingEngineIsNamedAndLeavesNothing() {
    Card card = Card.fresh(new SecureRandom(), Birth.of("a22"));
    HostChannel channel = new HostChannel(card::transmit, KeySet.initial(), 0x13).open();
    byte[] install = Bytes.hex(INSTALL);
    assertEquals(0x9F04, channel.send(0xE6, 0x0C, 0, install).statusWord());
    assertEquals(0x9F04, channel.send(0xE6, 0x0C, 0, install).statusWord());
    assertEquals(0x6A88, channel.send(0xF2, 0x40, 0x02, Bytes.hex("4f00")).statusWord());
  }
}
