package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.number;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tallystick.cardhost.stock.Birth;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.ShortForms;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** SELECT with P2 04 and PAY with P2 01 (spec §4.4, §4.5): less on the wire, and nothing else that differs. */
class ShortFormTest {
  private static final byte[] SECOND = hex("f054414c4c590002");
  private static final byte[] BLANK = hex("6f0e8408f054414c4c59000185020101");

  private static TestCard inState(int state) {
    TestCard card = TestCard.personalized();
    card.expect(0x9000, card.pay(card.request(3)));
    if (state != 0x07) card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(state, 1))));
    card.select();
    return card;
  }

  @Test
  void theCardSaysThatItHasThem() {
    assertArrayEquals(hex("010001001f"), TestCard.installed().send(0xCA, 0xDF, 0x01, new byte[0]).data());
  }

  @ParameterizedTest
  @ValueSource(ints = {0x07, 0x0B, 0x7F})
  void selectShowsWhatChangesFromTapToTap(int state) {
    TestCard card = inState(state);
    Response answer = ShortForms.select(card);
    assertEquals(0x9000, answer.statusWord());
    assertEquals(67, answer.data().length);
    assertArrayEquals(ShortForms.ofLongSelect(card.select().data()), answer.data());
    assertEquals(state, answer.data()[5]);
  }

  @Test
  void beforeTheFirstAllowanceSelectHasOneForm() {
    TestCard card = TestCard.stored();
    assertArrayEquals(BLANK, ShortForms.select(card).data());
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, hex("7f"))));
    byte[] ended = BLANK.clone();
    ended[15] = 0x7F;
    assertArrayEquals(ended, ShortForms.select(card).data());
    assertArrayEquals(ended, card.select().data());
  }

  @Test
  void shortAnswersAloneMakeVouchers() {
    TestCard card = TestCard.personalized();
    for (int i = 1; i <= 20; i++) {
      byte[] select = ShortForms.select(card).data();
      RequestFields request = RequestFields.of(card.tag(), i, i);
      Response answer = ShortForms.pay(card, request);
      assertEquals(0x9000, answer.statusWord());
      assertTrue(answer.data().length <= 74, "length: " + answer.data().length);
      assertTrue(ShortForms.voucher(request, select, answer.data()).verifies(card.publicKey), "payment " + i);
    }
    assertEquals(210, card.spent());
  }

  @Test
  void eitherFormReplaysTheOthersPayment() {
    TestCard card = TestCard.personalized();
    RequestFields first = card.request(5);
    Response shortFirst = ShortForms.pay(card, first);
    Response longReplay = card.pay(first);
    assertTrue(VoucherFields.of(first, longReplay.data()).verifies(card.publicKey));
    assertArrayEquals(ShortForms.ofLongPay(longReplay.data()), shortFirst.data());
    RequestFields second = card.request(6);
    Response longFirst = card.pay(second);
    assertArrayEquals(ShortForms.ofLongPay(longFirst.data()), ShortForms.pay(card, second).data());
    assertEquals(11, card.spent());
    assertEquals(2, card.counter());
  }

  @Test
  void otherParametersAreRefusedBeforeAnythingElse() {
    TestCard card = TestCard.personalized();
    TestCard blank = TestCard.stored();
    RequestFields paid = card.request(5);
    card.expect(0x9000, card.pay(paid));
    byte[] next = card.request(6).encode();
    byte[] before = card.memory();
    for (int p2 = 2; p2 < 256; p2++) {
      assertEquals(0x6A86, card.send(0x10, 0, p2, next).statusWord(), "P2 " + p2);
      assertEquals(0x6A86, card.send(0x10, 0, p2, paid.encode()).statusWord(), "a replay with P2 " + p2);
      assertEquals(0x6A86, card.send(0x10, 0, p2, new byte[1]).statusWord(), "a wrong length with P2 " + p2);
      assertEquals(0x6A86, blank.send(0x10, 0, p2, next).statusWord(), "a blank card, P2 " + p2);
    }
    assertEquals(0x6A86, card.send(0x10, 1, 1, next).statusWord());
    assertArrayEquals(before, card.memory());
  }

  /** What names no instance that this card selects comes to the instance that is selected, whose session goes on. */
  @Test
  void selectWithAnotherP2SelectsNothing() {
    TestCard card = TestCard.withPin();
    card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
    RequestFields request = card.request(60);
    card.expect(0x9000, card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request)));
    for (int p2 = 1; p2 < 256; p2++) {
      if (p2 != 2 && p2 != ShortForms.SELECT_P2) assertEquals(0x6A82, ShortForms.select(card, TestCard.AID, p2).statusWord(), "P2 " + p2);
    }
    assertEquals(0x6A82, ShortForms.select(card, SECOND, ShortForms.SELECT_P2).statusWord());
    card.expect(0x9000, card.pay(request));
    ShortForms.select(card);
    assertEquals(0x6982, card.send(0x16, 0, 0, new byte[0]).statusWord(), "a short SELECT ends the session like a long one");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0B, 0x7F})
  void aCardOutOfUseReplaysAndPaysNothing(int state) {
    TestCard card = TestCard.personalized();
    RequestFields request = card.request(3);
    byte[] voucher = card.pay(request).data();
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(state, 1))));
    ShortForms.select(card);
    assertArrayEquals(ShortForms.ofLongPay(voucher), ShortForms.pay(card, request).data());
    assertEquals(0x9E01, ShortForms.pay(card, RequestFields.of(card.tag(), 2, 1)).statusWord());
    assertEquals(3, card.spent());
  }

  @Test
  void refusesWhatTheLongFormRefuses() {
    TestCard blank = TestCard.stored();
    assertEquals(0x9E01, blank.send(0x10, 0, 1, new byte[67]).statusWord());
    TestCard card = TestCard.personalized();
    byte[] before = card.memory();
    RequestFields[] requests = {card.request(0), card.request(50_001), card.request(1).withTime(1), card.request(1).withCounter(2),
        card.request(1).withCategory(64), card.request(1).withCardTag(new byte[8]), card.request(1).withPayee(new byte[20])};
    for (RequestFields request : requests) assertEquals(card.pay(request).statusWord(), ShortForms.pay(card, request).statusWord(), request.toString());
    assertEquals(0x6700, card.send(0x10, 0, 1, new byte[66]).statusWord());
    assertArrayEquals(before, card.memory());
  }

  @Test
  void aTornShortTapIsNothingOrIsReadAgainInEitherForm() {
    TestCard origin = TestCard.personalized();
    origin.expect(0x9000, origin.pay(origin.request(5)));
    byte[] select = ShortForms.select(origin).data();
    RequestFields request = RequestFields.of(origin.tag(), 2, 9);
    TestCard whole = origin.copy();
    long start = whole.card().events().count();
    whole.expect(0x9000, ShortForms.pay(whole, request));
    long writes = whole.card().events().count() - start;
    for (int write = 1; write <= writes; write++) {
      for (boolean before : new boolean[] {true, false}) {
        TestCard card = origin.copy();
        card.tearAt(write, before);
        assertNull(ShortForms.pay(card, request));
        card.powerOn();
        assertEquals(write == 1 && before ? 5 : 14, card.spent());
        byte[] again = ShortForms.pay(card, request).data();
        assertTrue(ShortForms.voucher(request, select, again).verifies(card.publicKey));
        assertArrayEquals(again, ShortForms.ofLongPay(card.pay(request).data()));
        assertEquals(14, card.spent(), "exactly one debit");
      }
    }
  }

  @Test
  void theShortAnswerSaysThatThePinWasThere() {
    TestCard card = TestCard.withPin();
    card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
    byte[] select = ShortForms.select(card).data();
    RequestFields request = RequestFields.of(card.tag(), 1, 60);
    assertEquals(0x9E07, ShortForms.pay(card, request).statusWord());
    card.expect(0x9000, card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request)));
    byte[] answer = ShortForms.pay(card, request).data();
    assertEquals(1, answer[0]);
    assertTrue(ShortForms.voucher(request, select, answer).verifies(card.publicKey));
  }

  @Test
  void eachInstanceAnswersForItself() {
    TestCard card = TestCard.personalized();
    card.expect(0x9000, card.install(SECOND));
    byte[] blank = BLANK.clone();
    blank[11] = 0x02;
    assertArrayEquals(blank, ShortForms.select(card, SECOND, ShortForms.SELECT_P2).data());
    assertEquals(0x9E01, card.send(0x10, 0, 1, new byte[67]).statusWord());
    byte[] select = ShortForms.select(card).data();
    RequestFields request = RequestFields.of(card.tag(), 1, 60);
    ShortForms.select(card, SECOND, ShortForms.SELECT_P2);
    ShortForms.select(card);
    assertTrue(ShortForms.voucher(request, select, ShortForms.pay(card, request).data()).verifies(card.publicKey));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h19cr", "jcop3"})
  void everyKindOfChipHasThem(String chip) {
    TestCard card = TestCard.withPin(Birth.of(chip));
    card.card().reset();
    byte[] select = ShortForms.select(card).data();
    RequestFields request = RequestFields.of(card.tag(), 1, 60);
    assertTrue(ShortForms.voucher(request, select, ShortForms.pay(card, request).data()).verifies(card.publicKey));
    assertArrayEquals(ShortForms.ofLongSelect(card.select().data()), ShortForms.select(card).data());
  }
}
