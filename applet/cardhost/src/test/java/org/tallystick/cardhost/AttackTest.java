package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.slice;

import javacard.framework.APDU;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** What a card alone does against a thief, one attack a test, with the loss it bounds. */
class AttackTest {
  private static final byte CONTACTLESS = (byte) (APDU.PROTOCOL_MEDIA_CONTACTLESS_TYPE_A | APDU.PROTOCOL_T1);

  /** A rogue reader in a crowd taps until the card says no: it gets noPinSum and not one unit more. */
  @Test
  void harvestingEndsAtTheSumWithoutPin() {
    TestCard card = TestCard.withPin();
    card.update(AllowanceFields.standard().withSeq(2).withPin(40, 100, 50));
    long stolen = 0;
    for (int amount = 40; amount >= 1; amount--) {
      while (card.pay(card.request(amount)).statusWord() == 0x9000) stolen += amount;
    }
    assertEquals(100, stolen);
    assertEquals(0x9E07, card.pay(card.request(1)).statusWord());
  }

  @Test
  void harvestingInSmallCoinEndsAtTheCountWithoutPin() {
    TestCard card = TestCard.withPin();
    card.update(AllowanceFields.standard().withSeq(2).withPin(40, 100, 7));
    long taps = 0;
    while (card.pay(card.request(1)).statusWord() == 0x9000) taps++;
    assertEquals(7, taps);
  }

  /** A challenge that comes twice buys nothing: equal requests are one voucher, others need the next counter. */
  @Test
  void aRepeatedChallengeIsNoSecondPayment() {
    TestCard card = TestCard.personalized();
    RequestFields request = card.request(10);
    byte[] voucher = card.pay(request).data();
    for (int i = 0; i < 5; i++) assertArrayEquals(voucher, card.pay(request).data());
    RequestFields next = request.withCounter(2);
    VoucherFields second = VoucherFields.of(next, card.pay(next).data());
    assertNotEquals(Bytes.hex(VoucherFields.of(request, voucher).message()), Bytes.hex(second.message()), "counter and link differ");
    assertEquals(20, card.spent());
  }

  /** What an attacker changes on the way is in the voucher, so that the terminal's own M does not verify. */
  @Test
  void whatIsChangedOnTheWayIsSeenInTheSignature() {
    TestCard card = TestCard.personalized();
    RequestFields asked = card.request(10);
    RequestFields[] changed = {asked.withAmount(11), asked.withPayee(fill(0x66, 20)), asked.withTime(asked.time() + 1), asked.withCategory(6)};
    for (RequestFields sent : changed) {
      TestCard twin = card.copy();
      byte[] answer = twin.pay(sent).data();
      assertTrue(VoucherFields.of(sent, answer).verifies(card.publicKey));
      assertEquals(false, VoucherFields.of(asked, answer).verifies(card.publicKey));
    }
  }

  /** Another currency is another domain, and another domain is another cardTag. */
  @Test
  void aRequestForAnotherCurrencyIsNotThisCards() {
    TestCard card = TestCard.personalized();
    byte[] otherTag = slice(Bytes.sha256(fill(0x02, 28), card.compressed()), 0, 8);
    assertEquals(0x9E09, card.pay(card.request(10).withCardTag(otherTag)).statusWord());
  }

  @Test
  void aRequestForAnotherCardIsRefusedByThisOne() {
    TestCard one = TestCard.personalized();
    TestCard other = TestCard.personalized();
    assertEquals(0x9E09, other.pay(one.request(10)).statusWord());
    assertEquals(0, other.counter());
  }

  /** Over the air a thief has two guesses and can never lock the cardholder out. */
  @Test
  void guessingOverTheAirStopsBeforeTheLastTry() {
    TestCard card = TestCard.withPin();
    RequestFields request = card.request(1);
    card.card().runtime().changeProtocol(CONTACTLESS);
    card.select();
    int guesses = 0;
    while (card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(String.format("%04d", guesses), request)).statusWord() >> 4 == 0x63C) guesses++;
    assertEquals(2, guesses);
    card.card().runtime().changeProtocol(APDU.PROTOCOL_T1);
    card.select();
    assertEquals(0x9000, card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request)).statusWord());
  }

  /** Two copies of one card convict it: one counter, two messages, one key. */
  @Test
  void aCopiedCardConvictsItself() {
    TestCard card = TestCard.personalized();
    TestCard copy = card.copy();
    RequestFields here = card.request(10);
    RequestFields there = copy.request(12);
    VoucherFields first = VoucherFields.of(here, card.pay(here).data());
    VoucherFields second = VoucherFields.of(there, copy.pay(there).data());
    assertEquals(first.counter(), second.counter());
    assertNotEquals(Bytes.hex(first.message()), Bytes.hex(second.message()));
    assertTrue(first.verifies(card.publicKey) && second.verifies(card.publicKey));
  }

  /** An allowance of another card, or one that is older, changes nothing. */
  @Test
  void anAllowanceIsForOneCardAndOnlyForward() {
    TestCard card = TestCard.personalized();
    TestCard rich = TestCard.personalized();
    byte[] stolen = rich.allowance(AllowanceFields.standard().withSeq(9).withMaxSpent(9_000_000));
    assertEquals(0x9E0B, card.send(0x14, 0, 0, stolen).statusWord());
    byte[] old = card.allowance(AllowanceFields.standard());
    card.update(AllowanceFields.standard().withSeq(2).withMaxSpent(5));
    assertEquals(0x9E0A, card.send(0x14, 0, 0, old).statusWord(), "a cap that was lowered stays lowered");
  }

  /**
   * A payee's address is public, and a certificate travels in clear. Whoever holds a reader to a pocket and has both
   * learns nothing of what the card paid there: not an amount, not a time, not whether there is a record.
   */
  @Test
  void aPublicAddressAndACopiedCertificateOpenNoLog() {
    TestCard card = TestCard.personalized();
    for (int amount = 1; amount <= 6; amount++) card.expect(0x9000, card.pay(card.request(amount)));
    LogTerminal merchant = LogTerminal.of(card);
    LogTerminal thief = LogTerminal.of(card);
    for (int age = 0; age < 20; age++) {
      Response asked = card.send(0x16, age, 0, TestCard.PAYEE);
      assertEquals(0x6982, asked.statusWord());
      assertEquals(0, asked.data().length);
    }
    assertEquals(0x9000, merchant.present().statusWord());
    assertEquals(0x6982, thief.readSigned(0).statusWord());
    byte[] overheard = merchant.proof(merchant.challenge());
    assertEquals(0x9000, card.send(0x16, 0, 0, overheard).statusWord());
    card.select();
    assertEquals(0x9000, merchant.present().statusWord());
    merchant.challenge();
    assertEquals(0x6982, card.send(0x16, 0, 0, overheard).statusWord(), "what was overheard answers no new challenge");
    assertEquals(0x6982, thief.read(0).statusWord());
  }

  /** The log shows a merchant its own payments; with a certificate of its own it learns nothing of another's. */
  @Test
  void anotherPayeeLearnsNothingFromTheLog() {
    TestCard card = TestCard.personalized();
    card.pay(card.request(10));
    LogTerminal other = LogTerminal.of(card, fill(0x55, 20));
    Response foreign = other.open(0);
    Response empty = other.read(5);
    assertEquals(empty.statusWord(), foreign.statusWord());
    assertEquals(0, foreign.data().length);
    assertEquals(0x9000, LogTerminal.of(card).open(0).statusWord());
  }
}
