package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.TestCard;

/** Several instances on one card (spec §2.3): each with memory, sessions and an end of its own. */
class InstancesTest {
  private static final byte[] SECOND = hex("f054414c4c590002");
  private static final byte[] BLANK_SECOND = hex("6f0e8408f054414c4c59000285020101");
  private static final byte[] NONE = new byte[0];

  private static TestCard withSecond(TestCard card) {
    card.expect(0x9000, card.install(SECOND));
    card.select();
    return card;
  }

  private static byte[] delete(byte[] aid) {
    return join(new byte[] {0x4F, (byte) aid.length}, aid);
  }

  @Test
  void leavingAnInstanceForAnotherForgetsItsSessions() {
    TestCard card = withSecond(TestCard.withPin());
    card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
    RequestFields request = card.request(60);
    card.expect(0x9000, card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request)));
    card.expect(0x9000, card.select(SECOND));
    card.select();
    assertEquals(0x9E07, card.pay(request).statusWord());
    assertEquals(0x6982, card.send(0x16, 0, 0, NONE).statusWord());
  }

  @Test
  void aChannelToOneIsNoneToTheOther() {
    TestCard card = withSecond(TestCard.stored());
    HostChannel host = card.channel();
    card.select(SECOND);
    assertEquals(0x6982, host.send(0x46, 0, 0, NONE).statusWord());
    assertArrayEquals(BLANK_SECOND, card.select(SECOND).data());
  }

  @Test
  void oneMayEndWhileTheOtherPays() {
    TestCard card = withSecond(TestCard.personalized());
    card.select(SECOND);
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, hex("7f"))));
    assertEquals(0x7F, card.select(SECOND).data()[15]);
    assertEquals(0x9000, card.pay(card.request(5)).statusWord());
  }

  @Test
  void oneMayBeDeletedAndMadeAnewBesideTheOther() {
    TestCard card = withSecond(TestCard.personalized());
    card.select(NONE);
    card.expect(0x9000, card.channel().send(0xE4, 0, 0, delete(TestCard.AID)));
    card.expect(0x9000, card.install(TestCard.AID));
    assertArrayEquals(hex("6f0e8408f054414c4c59000185020101"), card.select().data(), "nothing is left of the first");
    card.expect(0x9000, card.select(SECOND));
    card.select(NONE);
    card.expect(0x9000, card.channel().send(0xE4, 0, 0, delete(SECOND)));
    card.select();
    assertEquals(0x6A82, card.select(SECOND).statusWord());
  }

  @Test
  void bothAreThereAfterThePowerWasCut() {
    TestCard card = withSecond(TestCard.personalized());
    card.expect(0x9000, card.pay(card.request(7)));
    card.select(SECOND);
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, TestCard.DOMAIN)));
    TestCard again = card.copyAsIs();
    assertEquals(1, again.counter());
    again.select(SECOND);
    assertArrayEquals(TestCard.DOMAIN, again.send(0xCA, 0xDF, 0x03, NONE).data());
  }
}
