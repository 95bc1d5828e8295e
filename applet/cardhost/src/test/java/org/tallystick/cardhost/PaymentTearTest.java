package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** Promise 3 (spec §1): a tap torn anywhere is either nothing, or a voucher that the same terminal can read again. */
class PaymentTearTest {
  /** Transaction, and the signature with its length. */
  private static final int WRITES = 2;

  private static TestCard withHistory() {
    TestCard card = TestCard.personalized();
    for (int i = 0; i < 17; i++) card.pay(card.request(5));
    return card;
  }

  @Test
  void aPaymentHasTwoDurableWrites() {
    TestCard card = withHistory();
    RequestFields request = card.request(9);
    long before = card.card().events().count();
    card.pay(request);
    assertEquals(WRITES, card.card().events().count() - before);
    card.pay(request);
    assertEquals(WRITES, card.card().events().count() - before, "a replay with its signature stored writes nothing");
  }

  @Test
  void aTornPaymentIsNothingOrCanBeReadAgain() {
    TestCard origin = withHistory();
    RequestFields request = origin.request(9);
    long spentBefore = origin.spent();
    for (int write = 1; write <= WRITES; write++) {
      for (boolean before : new boolean[] {true, false}) {
        TestCard card = origin.copy();
        byte[] memory = card.memory();
        card.tearAt(write, before);
        assertNull(card.pay(request));
        boolean nothing = write == 1 && before;
        card.powerOn();
        assertEquals(nothing ? 17 : 18, card.counter());
        if (nothing) assertArrayEquals(memory, card.memory());
        assertEquals(spentBefore + (nothing ? 0 : 9), card.spent());
        Response again = card.pay(request);
        assertEquals(0x9000, again.statusWord());
        assertTrue(VoucherFields.of(request, again.data()).verifies(card.publicKey));
        assertEquals(spentBefore + 9, card.spent(), "exactly one debit");
        assertArrayEquals(again.data(), card.pay(request).data());
      }
    }
  }

  @Test
  void twoTearsInARowAndATearInTheReplayChangeNothing() {
    TestCard origin = withHistory();
    RequestFields request = origin.request(9);
    byte[] head = null;
    for (int first = 1; first <= WRITES; first++) {
      for (int second = 1; second <= WRITES; second++) {
        for (int cases = 0; cases < 4; cases++) {
          TestCard card = origin.copy();
          card.tearAt(first, (cases & 1) == 0);
          assertNull(card.pay(request));
          card.powerOn();
          card.tearAt(second, (cases & 2) == 0);
          Response replay = card.pay(request);
          if (replay == null) card.powerOn();
          card.card().events().plan(null);
          VoucherFields voucher = VoucherFields.of(request, card.pay(request).data());
          assertTrue(voucher.verifies(card.publicKey));
          assertEquals(18, card.counter());
          if (head == null) head = Bytes.sha256(voucher.message());
          assertArrayEquals(head, Bytes.sha256(voucher.message()), "one message, whatever happened");
        }
      }
    }
  }

  @Test
  void anotherTerminalCannotReadATornPayment() {
    TestCard card = withHistory();
    RequestFields request = card.request(9);
    card.tearAt(1, false);
    assertNull(card.pay(request));
    card.powerOn();
    assertEquals(0x9E08, card.pay(RequestFields.of(card.tag(), 18, 9)).statusWord());
    assertEquals(0x9000, card.pay(card.request(1)).statusWord(), "the card is not stuck");
    assertEquals(0x9000, card.pay(request).statusWord(), "and the first terminal still reads its voucher");
  }

  @Test
  void aTornUpdateIsTheOldOrTheNewAllowance() {
    TestCard origin = withHistory();
    byte[] update = origin.allowance(AllowanceFields.standard().withSeq(2).withPerTap(0));
    byte[] before = origin.memory();
    TestCard done = origin.copy();
    long count = done.card().events().count();
    done.expect(0x9000, done.send(0x14, 0, 0, update));
    assertEquals(1, done.card().events().count() - count);
    byte[] after = done.memory();
    for (boolean torn : new boolean[] {true, false}) {
      TestCard card = origin.copy();
      card.tearAt(1, torn);
      assertNull(card.send(0x14, 0, 0, update));
      card.powerOn();
      assertArrayEquals(torn ? before : after, card.memory());
      assertEquals(torn ? 0x9000 : 0x9E0A, card.send(0x14, 0, 0, update).statusWord());
    }
  }

  @Test
  void aTearInTheLogHealsLikeOneInTheReplay() {
    TestCard origin = withHistory();
    RequestFields request = origin.request(9);
    origin.tearAt(1, false);
    assertNull(origin.pay(request));
    origin.powerOn();
    for (boolean before : new boolean[] {true, false}) {
      TestCard card = origin.copy();
      LogTerminal terminal = LogTerminal.of(card);
      assertEquals(0x6A83, terminal.open(200).statusWord());
      card.tearAt(1, before);
      assertNull(terminal.read(0));
      card.powerOn();
      assertEquals(0x9000, terminal.open(0).statusWord());
      assertTrue(VoucherFields.of(request, card.pay(request).data()).verifies(card.publicKey));
    }
  }

  @Test
  void personalizationTornAnywhereCanBeSentAgain() {
    TestCard blank = TestCard.installed();
    TestCard whole = blank.copy();
    long start = whole.card().events().count();
    whole.store();
    long writes = whole.card().events().count() - start;
    for (int write = 1; write <= writes; write++) {
      for (boolean before : new boolean[] {true, false}) {
        TestCard card = blank.copy();
        card.tearAt(write, before);
        boolean torn = false;
        try {
          card.store();
        } catch (AssertionError | NullPointerException | IllegalStateException expected) {
          torn = true;
        }
        assertTrue(torn, "write " + write);
        card.powerOn();
        card.storeMissing();
        card.expect(0x9000, card.channel().send(0x14, 0, 0, card.allowance(AllowanceFields.standard())));
        card.select();
        RequestFields request = card.request(3);
        assertTrue(VoucherFields.of(request, card.pay(request).data()).verifies(card.publicKey), "write " + write);
      }
    }
  }
}
