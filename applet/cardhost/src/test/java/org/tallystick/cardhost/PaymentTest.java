package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** PAY (spec §4.5): what it answers, what it refuses and in which order, and what it never does twice. */
class PaymentTest {
  private static final long U48 = (1L << 48) - 1;

  @Test
  void signsWhatTheTerminalRebuilds() {
    TestCard card = TestCard.personalized();
    RequestFields request = card.request(250);
    Response answer = card.pay(request);
    assertEquals(0x9000, answer.statusWord());
    assertTrue(answer.data().length <= 120);
    VoucherFields voucher = VoucherFields.of(request, answer.data());
    assertTrue(voucher.verifies(card.publicKey));
    assertEquals(1, voucher.counter());
    assertEquals(250, voucher.spent());
    assertEquals(1, voucher.seq());
    assertEquals(0, voucher.cvm());
    assertEquals(0, voucher.flags());
    assertArrayEquals(new byte[32], voucher.link());
    byte[] select = card.select().data();
    assertEquals(234, select.length);
    assertArrayEquals(Bytes.sha256(voucher.message()), slice(select, 202, 32));
  }

  @Test
  void chainsEveryVoucherToTheOneBefore() {
    TestCard card = TestCard.personalized();
    byte[] link = new byte[32];
    long spent = 0;
    for (int counter = 1; counter <= 40; counter++) {
      RequestFields request = card.request(counter * 10L);
      VoucherFields voucher = VoucherFields.of(request, card.pay(request).data());
      spent += counter * 10L;
      assertTrue(voucher.verifies(card.publicKey));
      assertEquals(counter, voucher.counter());
      assertEquals(spent, voucher.spent());
      assertArrayEquals(link, voucher.link());
      link = Bytes.sha256(voucher.message());
    }
    assertEquals(40, card.counter());
    assertEquals(spent, card.spent());
  }

  @Test
  void answersTheSameVoucherToTheSameRequestWithoutASecondDebit() {
    TestCard card = TestCard.personalized();
    RequestFields request = card.request(100);
    Response first = card.pay(request);
    assertArrayEquals(first.data(), card.pay(request).data());
    assertEquals(100, card.spent());
  }

  @Test
  void replaysAnyOfTheLastSixteenAndNoOlder() {
    TestCard card = TestCard.personalized();
    List<RequestFields> requests = new ArrayList<>();
    List<byte[]> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      requests.add(card.request(1 + i));
      answers.add(card.pay(requests.get(i)).data());
    }
    for (int i = 0; i < 4; i++) assertEquals(0x9E08, card.pay(requests.get(i)).statusWord(), "payment " + (i + 1));
    for (int i = 4; i < 20; i++) assertArrayEquals(answers.get(i), card.pay(requests.get(i)).data(), "payment " + (i + 1));
    assertEquals(20, card.counter());
    assertEquals(210, card.spent());
  }

  @Test
  void aRequestThatDiffersInAnyByteIsNoReplay() {
    TestCard card = TestCard.personalized();
    byte[] request = card.request(100).encode();
    assertEquals(0x9000, card.send(0x10, 0, 0, request).statusWord());
    for (int i = 0; i < request.length; i++) {
      byte[] other = request.clone();
      other[i] ^= 0x01;
      int expected = i < 8 ? 0x9E09 : i == 11 ? 0x9E08 : 0x9E08;
      assertEquals(expected, card.send(0x10, 0, 0, other).statusWord(), "byte " + i);
    }
    assertEquals(100, card.spent());
  }

  @Test
  void replaysEvenWhenNothingNewWouldBeAllowed() {
    TestCard card = TestCard.personalized();
    RequestFields request = card.request(100);
    byte[] voucher = card.pay(request).data();
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, new byte[] {0x0B})));
    assertArrayEquals(voucher, card.pay(request).data());
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, new byte[] {0x7F})));
    assertArrayEquals(voucher, card.pay(request).data());
    assertEquals(0x9E01, card.pay(card.request(1)).statusWord());
    assertEquals(0x9E08, card.pay(card.request(1).withCounter(7)).statusWord());
  }

  @Test
  void refusesBeforeItIsPersonalized() {
    TestCard card = TestCard.stored();
    assertEquals(0x9E01, card.pay(RequestFields.of(card.tag(), 1, 0)).statusWord());
    assertEquals(0x6700, card.send(0x10, 0, 0, new byte[66]).statusWord());
    assertEquals(0x6700, card.send(0x10, 0, 0, new byte[68]).statusWord());
    assertEquals(0x6700, card.send(0x10, 0, 0, new byte[0]).statusWord());
  }

  @Test
  void checksFormBeforeTheCardAndTheCardBeforeTheTurn() {
    TestCard card = TestCard.personalized();
    byte[] otherTag = Bytes.fill(0x77, 8);
    assertEquals(0x6A80, card.pay(card.request(0).withCardTag(otherTag)).statusWord());
    assertEquals(0x6A80, card.pay(card.request(5).withPayee(new byte[20]).withCardTag(otherTag)).statusWord());
    assertEquals(0x9E09, card.pay(card.request(5).withCardTag(otherTag).withCounter(9)).statusWord());
    assertEquals(0x9E08, card.pay(card.request(5).withCounter(0)).statusWord());
    assertEquals(0x9E08, card.pay(card.request(5).withCounter(2)).statusWord());
    assertEquals(0, card.counter());
  }

  @Test
  void namesTheFirstRuleThatIsBroken() {
    TestCard card = TestCard.personalized();
    card.update(AllowanceFields.standard().withSeq(2).withValidity(1_000, 2_000).withCategories(1L << 5).withPerTap(100)
        .withFlags(1).withPin(50, 60, 3).withMaxCounter(0).withMaxSpent(10));
    RequestFields good = card.request(10).withTime(1_500);
    RequestFields all = good.withTime(999).withCategory(6).withAmount(101);
    assertEquals(0x9E02, card.pay(all).statusWord());
    assertEquals(0x9E02, card.pay(all.withTime(2_001)).statusWord());
    assertEquals(0x9E03, card.pay(all.withTime(1_000)).statusWord());
    assertEquals(0x9E03, card.pay(all.withTime(1_500).withCategory(64)).statusWord());
    assertEquals(0x9E03, card.pay(all.withTime(1_500).withCategory(255)).statusWord());
    assertEquals(0x9E04, card.pay(all.withTime(2_000).withCategory(5)).statusWord());
    assertEquals(0x9E0C, card.pay(good.withAmount(100)).statusWord());
    card.update(AllowanceFields.standard().withSeq(3).withPin(50, 60, 3).withMaxCounter(0).withMaxSpent(10));
    assertEquals(0x9E07, card.pay(card.request(51)).statusWord());
    assertEquals(0x9E05, card.pay(card.request(50)).statusWord());
    card.update(AllowanceFields.standard().withSeq(4).withMaxSpent(10));
    assertEquals(0x9E06, card.pay(card.request(11)).statusWord());
    assertEquals(0x9000, card.pay(card.request(10)).statusWord());
    assertEquals(0x9E06, card.pay(card.request(1)).statusWord());
  }

  @Test
  void everyCategoryHasItsBit() {
    TestCard card = TestCard.personalized();
    for (int category = 0; category < 64; category++) {
      card.update(AllowanceFields.standard().withSeq(2 * category + 2).withCategories(~(1L << category)));
      assertEquals(0x9E03, card.pay(card.request(1).withCategory(category)).statusWord(), "category " + category);
      card.update(AllowanceFields.standard().withSeq(2 * category + 3).withCategories(1L << category));
      assertEquals(0x9000, card.pay(card.request(1).withCategory(category)).statusWord(), "category " + category);
    }
  }

  @Test
  void capsAreInclusive() {
    TestCard card = TestCard.personalized();
    card.update(AllowanceFields.standard().withSeq(2).withPerTap(100).withMaxSpent(300).withMaxCounter(4));
    assertEquals(0x9E04, card.pay(card.request(101)).statusWord());
    for (int i = 0; i < 3; i++) assertEquals(0x9000, card.pay(card.request(100)).statusWord());
    assertEquals(0x9E06, card.pay(card.request(1)).statusWord());
    card.update(AllowanceFields.standard().withSeq(3).withMaxSpent(1_000).withMaxCounter(4));
    assertEquals(0x9000, card.pay(card.request(1)).statusWord());
    assertEquals(0x9E05, card.pay(card.request(1)).statusWord());
  }

  @Test
  void aSumBeyondFortyEightBitsIsOverTheCap() {
    TestCard card = TestCard.personalized();
    card.update(AllowanceFields.standard().withSeq(2).withPerTap(U48).withMaxSpent(U48).withPin(U48, U48, 255));
    assertEquals(0x9000, card.pay(card.request(U48 - 1)).statusWord());
    assertEquals(0x9E07, card.pay(card.request(2)).statusWord());
    card.update(AllowanceFields.standard().withSeq(3).withPerTap(U48).withMaxSpent(U48).withPin(U48, U48, 255).withFlags(8));
    assertEquals(0x9E06, card.pay(card.request(2)).statusWord());
    assertEquals(0x9000, card.pay(card.request(1)).statusWord());
    assertEquals(U48, card.spent());
  }

  @Test
  void countsWhatIsPaidWithoutPin() {
    TestCard card = TestCard.personalized();
    card.update(AllowanceFields.standard().withSeq(2).withPin(50, 120, 3));
    assertEquals(0x9000, card.pay(card.request(50)).statusWord());
    assertEquals(0x9E07, card.pay(card.request(51)).statusWord());
    assertEquals(0x9000, card.pay(card.request(50)).statusWord());
    byte[] select = card.select().data();
    assertEquals(100, Bytes.number(select, 195, 6));
    assertEquals(2, Bytes.number(select, 201, 1));
    assertEquals(0x9E07, card.pay(card.request(21)).statusWord());
    assertEquals(0x9000, card.pay(card.request(1)).statusWord());
    assertEquals(0x9E07, card.pay(card.request(1)).statusWord(), "the fourth without PIN");
    card.update(AllowanceFields.standard().withSeq(3).withPin(50, 120, 3));
    assertEquals(0x9E07, card.pay(card.request(1)).statusWord(), "a newer allowance alone starts nothing anew");
    card.update(AllowanceFields.standard().withSeq(4).withPin(50, 120, 3).withFlags(8));
    assertEquals(0, Bytes.number(card.select().data(), 195, 6));
    assertEquals(0x9000, card.pay(card.request(50)).statusWord());
  }

  @Test
  void twoHundredFiftyFourTapsWithoutPinAreTheMostThatCanBeALimit() {
    TestCard card = TestCard.personalized();
    card.update(AllowanceFields.standard().withSeq(2).withPin(50, 1_000, 254));
    for (int i = 0; i < 254; i++) assertEquals(0x9000, card.pay(card.request(1)).statusWord());
    assertEquals(0x9E07, card.pay(card.request(1)).statusWord());
    assertEquals(254, card.counter());
  }

  /** 255 is no limit by count; the count stays there and does not begin anew, so that a later limit finds it. */
  @Test
  void withoutALimitByCountTheSumStillHolds() {
    TestCard card = TestCard.personalized();
    card.update(AllowanceFields.standard().withSeq(2).withPin(50, 300, 255));
    for (int i = 1; i <= 300; i++) {
      assertEquals(0x9000, card.pay(card.request(1)).statusWord());
      if (i > 253) assertEquals(Math.min(i, 255), Bytes.number(card.select().data(), 201, 1));
    }
    assertEquals(0x9E07, card.pay(card.request(1)).statusWord());
    assertEquals(300, card.counter());
  }

  @Test
  void aRefusalChangesNothing() {
    TestCard card = TestCard.personalized();
    assertEquals(0x9000, card.pay(card.request(7)).statusWord());
    byte[] before = card.memory();
    card.pay(card.request(0));
    card.pay(card.request(999_999));
    card.pay(card.request(1).withTime(1));
    card.pay(card.request(1).withCounter(99));
    card.pay(card.request(1).withCategory(200));
    assertArrayEquals(before, card.memory());
  }

  @Test
  void staysWithinTheSmallestCommitBufferAndRam() {
    TestCard card = TestCard.personalized();
    card.pay(card.request(7));
    assertTrue(card.card().runtime().largestTransactionBytes() < 384, "bytes: " + card.card().runtime().largestTransactionBytes());
    assertEquals(616, card.card().runtime().ramBytes(), "what applet/README.md states");
  }
}
