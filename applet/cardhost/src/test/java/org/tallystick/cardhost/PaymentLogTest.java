package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.slice;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** GET LOG (spec §4.2): a merchant reads what it was paid, and nobody reads what another merchant was paid. */
class PaymentLogTest {
  private static final byte[] OTHER_PAYEE = fill(0xCD, 20);

  @Test
  void aPayeeReadsItsOwnRecordsOnly() {
    TestCard card = TestCard.personalized();
    RequestFields mine = card.request(10);
    byte[] answer = card.pay(mine).data();
    card.expect(0x9000, card.pay(card.request(20).withPayee(OTHER_PAYEE)));
    assertEquals(0x6A83, card.send(0x16, 0, 0, TestCard.PAYEE).statusWord());
    Response log = card.send(0x16, 1, 0, TestCard.PAYEE);
    assertEquals(0x9000, log.statusWord());
    byte[] record = slice(log.data(), 0, 143);
    byte[] der = slice(log.data(), 143, log.data().length - 143);
    assertArrayEquals(mine.encode(), slice(record, 0, 67));
    VoucherFields voucher = VoucherFields.of(mine, answer);
    assertArrayEquals(voucher.der(), der);
    assertArrayEquals(Bytes.sha256(voucher.message()), slice(record, 111, 32));
    assertTrue(voucher.verifies(card.publicKey));
  }

  @Test
  void theIssuerReadsAllInsideTheChannel() {
    TestCard card = TestCard.personalized();
    for (int i = 1; i <= 18; i++) card.expect(0x9000, card.pay(card.request(i).withPayee(fill(i, 20))));
    HostChannel host = card.channel();
    for (int age = 0; age < 16; age++) {
      Response log = host.send(0x16, age, 0, new byte[0]);
      assertEquals(0x9000, log.statusWord());
      assertEquals(18 - age, Bytes.number(log.data(), 8, 4));
      assertArrayEquals(fill(18 - age, 20), slice(log.data(), 12, 20));
    }
    assertEquals(0x6A83, host.send(0x16, 16, 0, new byte[0]).statusWord());
    assertEquals(0x6A83, host.send(0x16, 255, 0, new byte[0]).statusWord());
  }

  @Test
  void refusesInOrder() {
    TestCard fresh = TestCard.stored();
    assertEquals(0x6A86, fresh.send(0x16, 0, 1, TestCard.PAYEE).statusWord());
    assertEquals(0x6700, fresh.send(0x16, 0, 0, new byte[19]).statusWord());
    assertEquals(0x6982, fresh.send(0x16, 0, 0, new byte[0]).statusWord());
    assertEquals(0x9E01, fresh.send(0x16, 0, 0, TestCard.PAYEE).statusWord());
    TestCard card = TestCard.personalized();
    assertEquals(0x6A83, card.send(0x16, 0, 0, TestCard.PAYEE).statusWord(), "no payment yet");
    card.pay(card.request(1));
    assertEquals(0x9000, card.send(0x16, 0, 0, TestCard.PAYEE).statusWord());
    assertEquals(0x6A83, card.send(0x16, 1, 0, TestCard.PAYEE).statusWord());
  }
}
