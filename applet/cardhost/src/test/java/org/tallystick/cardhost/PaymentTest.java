package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

class PaymentTest {
  @Test
  void paysAndSignsWhatTheTerminalRebuilds() {
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
    assertArrayEquals(new byte[32], voucher.link());
    byte[] select = card.select().data();
    assertEquals(234, select.length);
    assertArrayEquals(Bytes.sha256(voucher.message()), Bytes.slice(select, 202, 32));
  }
}
