package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.slice;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** What GET LOG shows to whoever may read (spec §4.13); who may is {@link LogRightTest}. */
class PaymentLogTest {
  private static final byte[] OTHER_PAYEE = fill(0xCD, 20);
  private static final byte[] NONE = new byte[0];

  @Test
  void aPayeeReadsItsOwnRecordsOnly() {
    TestCard card = TestCard.personalized();
    RequestFields mine = card.request(10);
    byte[] answer = card.pay(mine).data();
    card.expect(0x9000, card.pay(card.request(20).withPayee(OTHER_PAYEE)));
    LogTerminal terminal = LogTerminal.of(card);
    assertEquals(0x6A83, terminal.open(0).statusWord());
    Response log = terminal.read(1);
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
  void aPayeeReadsEveryAgeWithOneSignature() {
    TestCard card = TestCard.personalized();
    for (int i = 1; i <= 18; i++) card.expect(0x9000, card.pay(card.request(i)));
    LogTerminal terminal = LogTerminal.of(card);
    assertEquals(18, Bytes.number(terminal.open(0).data(), 8, 4));
    for (int age = 0; age < 16; age++) assertEquals(18 - age, Bytes.number(terminal.read(age).data(), 8, 4));
    assertEquals(0x6A83, terminal.read(16).statusWord());
    assertEquals(0x6A83, terminal.read(255).statusWord());
  }

  @Test
  void theIssuerReadsAllInsideTheChannel() {
    TestCard card = TestCard.personalized();
    for (int i = 1; i <= 18; i++) card.expect(0x9000, card.pay(card.request(i).withPayee(fill(i, 20))));
    HostChannel host = card.channel();
    for (int age = 0; age < 16; age++) {
      Response log = host.send(0x16, age, 0, NONE);
      assertEquals(0x9000, log.statusWord());
      assertEquals(18 - age, Bytes.number(log.data(), 8, 4));
      assertArrayEquals(fill(18 - age, 20), slice(log.data(), 12, 20));
    }
    assertEquals(0x6A83, host.send(0x16, 16, 0, NONE).statusWord());
    assertEquals(0x6A83, host.send(0x16, 255, 0, NONE).statusWord());
    assertEquals(0x9000, host.send(0x16, 3, 0, fill(1, 20)).statusWord(), "a payee narrows nothing for who may read all");
  }

  @Test
  void refusesInOrder() {
    TestCard fresh = TestCard.stored();
    assertEquals(0x6A86, fresh.send(0x16, 0, 1, TestCard.PAYEE).statusWord());
    for (int length : new int[] {1, 19, 21, 83, 85}) assertEquals(0x6700, fresh.send(0x16, 0, 0, new byte[length]).statusWord());
    assertEquals(0x6982, fresh.send(0x16, 0, 0, NONE).statusWord());
    assertEquals(0x9E01, fresh.send(0x16, 0, 0, TestCard.PAYEE).statusWord());
    assertEquals(0x9E01, fresh.send(0x16, 0, 0, new byte[84]).statusWord());
    TestCard card = TestCard.personalized();
    LogTerminal terminal = LogTerminal.of(card);
    assertEquals(0x6A83, terminal.open(0).statusWord(), "no payment yet");
    card.pay(card.request(1));
    assertEquals(0x6982, terminal.read(0).statusWord());
    assertEquals(0x9000, terminal.open(0).statusWord());
    assertEquals(0x6A83, terminal.read(1).statusWord());
  }
}
