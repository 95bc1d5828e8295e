package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.PinTerminal.CHANGE;
import static org.tallystick.cardhost.testing.PinTerminal.UNBLOCK;
import static org.tallystick.cardhost.testing.PinTerminal.VERIFY;
import static org.tallystick.cardhost.testing.TestCard.PIN;
import static org.tallystick.cardhost.testing.TestCard.PUK;

import javacard.framework.APDU;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** PIN SESSION, VERIFY, CHANGE, UNBLOCK (spec §4.9): what a PIN opens, what it is bound to, and how tries are counted. */
class PinTest {
  private static final byte CONTACTLESS = (byte) (APDU.PROTOCOL_MEDIA_CONTACTLESS_TYPE_A | APDU.PROTOCOL_T1);
  private final TestCard card = TestCard.withPin();

  private int verify(String pin, RequestFields request) {
    return card.send(VERIFY, 0, 0, PinTerminal.open(card).verify(pin, request)).statusWord();
  }

  private int replace(int instruction, String secret, String pin) {
    return card.send(instruction, 0, 0, PinTerminal.open(card).replace(instruction, secret, pin)).statusWord();
  }

  @Test
  void aPinPaysWhatNeedsOneAndResetsTheSums() {
    card.update(AllowanceFields.standard().withSeq(2).withPin(50, 80, 5));
    card.expect(0x9000, card.pay(card.request(50)));
    RequestFields request = card.request(60);
    assertEquals(0x9E07, card.pay(request).statusWord());
    assertEquals(0x9000, verify(PIN, request));
    VoucherFields voucher = VoucherFields.of(request, card.pay(request).data());
    assertEquals(1, voucher.cvm());
    assertTrue(voucher.verifies(card.publicKey));
    byte[] select = card.select().data();
    assertArrayEquals(new byte[7], Bytes.slice(select, 195, 7), "no-PIN sum and count start again");
    assertArrayEquals(join(Bytes.sha256(voucher.message())), Bytes.slice(select, 202, 32));
  }

  @Test
  void aPinIsForOneRequestOnly() {
    card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
    RequestFields request = card.request(60);
    assertEquals(0x9000, verify(PIN, request));
    assertEquals(0x9E07, card.pay(request.withAmount(61)).statusWord(), "amount changed on the way");
    assertEquals(0x9E07, card.pay(request.withPayee(Bytes.fill(3, 20))).statusWord(), "payee changed on the way");
    assertEquals(0x9000, card.pay(request).statusWord());
    assertEquals(0x9000, card.pay(request).statusWord(), "its replay needs none");
    assertEquals(0x9E07, card.send(0x10, 0, 0, RequestFields.of(card.tag(), 2, 60).encode()).statusWord(), "used up");
  }

  @Test
  void aPinEndsWithTheSelection() {
    card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
    RequestFields request = card.request(60);
    assertEquals(0x9000, verify(PIN, request));
    card.select();
    assertEquals(0x9E07, card.pay(request).statusWord());
  }

  @Test
  void aPinOpensTheWholeLog() {
    card.expect(0x9000, card.pay(card.request(5)));
    assertEquals(0x6982, card.send(0x16, 0, 0, new byte[0]).statusWord());
    assertEquals(0x9000, verify(PIN, card.request(1)));
    assertEquals(0x9000, card.send(0x16, 0, 0, new byte[0]).statusWord());
    card.select();
    assertEquals(0x6982, card.send(0x16, 0, 0, new byte[0]).statusWord());
  }

  @Test
  void threeWrongPinsBlockAndThePukUnblocks() {
    RequestFields request = card.request(1);
    assertEquals(0x63C2, verify("0000", request));
    assertEquals(0x9000, verify(PIN, request));
    assertEquals(0x63C2, verify("0000", request));
    assertEquals(0x63C1, verify("47110", request));
    assertEquals(0x6A80, verify("471", request), "no PIN at all: costs no try");
    assertEquals(0x63C0, verify("1234", request));
    assertEquals(0x6983, verify(PIN, request));
    assertEquals(0x6983, replace(CHANGE, PIN, "9999"));
    assertEquals(0x63C4, replace(UNBLOCK, "00000000", "9999"));
    assertEquals(0x9000, replace(UNBLOCK, PUK, "9999"));
    assertEquals(0x63C2, verify(PIN, request));
    assertEquals(0x9000, verify("9999", request));
  }

  @Test
  void fiveWrongPuksAreTheEnd() {
    for (int left = 4; left >= 0; left--) assertEquals(0x63C0 + left, replace(UNBLOCK, "00000000", "9999"));
    assertEquals(0x6983, replace(UNBLOCK, PUK, "9999"));
    assertEquals(0x9000, verify(PIN, card.request(1)), "the PIN itself still works");
  }

  @Test
  void theCardholderChangesThePin() {
    assertEquals(0x63C2, replace(CHANGE, "0000", "998877"));
    assertEquals(0x9000, replace(CHANGE, PIN, "998877665544"));
    assertEquals(0x63C2, verify(PIN, card.request(1)));
    assertEquals(0x9000, verify("998877665544", card.request(1)));
    assertEquals(0x6A80, replace(CHANGE, "998877665544", "123"));
    assertEquals(0x6A80, replace(CHANGE, "998877665544", "1234567890123"));
    assertEquals(0x9000, verify("998877665544", card.request(1)), "a PIN of another form changes nothing and costs no try");
  }

  @Test
  void theLastTryIsForContactOnly() {
    RequestFields request = card.request(1);
    card.card().runtime().changeProtocol(CONTACTLESS);
    card.select();
    assertEquals(0x63C2, verify("0000", request));
    assertEquals(0x63C1, verify("0000", request));
    byte[] guess = PinTerminal.open(card).verify(PIN, request);
    byte[] opened = card.memory();
    assertEquals(0x6985, card.send(VERIFY, 0, 0, guess).statusWord());
    assertArrayEquals(opened, card.memory(), "no try was used");
    byte[] change = PinTerminal.open(card).replace(CHANGE, PIN, "9999");
    opened = card.memory();
    assertEquals(0x6985, card.send(CHANGE, 0, 0, change).statusWord());
    assertArrayEquals(opened, card.memory(), "no try was used");
    card.card().runtime().changeProtocol(APDU.PROTOCOL_T1);
    assertEquals(0x9000, verify(PIN, request));
  }

  @Test
  void theLastPukTryIsForContactOnly() {
    for (int left = 4; left >= 1; left--) assertEquals(0x63C0 + left, replace(UNBLOCK, "00000000", "9999"));
    card.card().runtime().changeProtocol(CONTACTLESS);
    card.select();
    assertEquals(0x6985, replace(UNBLOCK, PUK, "9999"));
    card.card().runtime().changeProtocol(APDU.PROTOCOL_T1);
    assertEquals(0x9000, replace(UNBLOCK, PUK, "9999"));
  }

  @Test
  void aSessionServesOneCommand() {
    RequestFields request = card.request(1);
    PinTerminal terminal = PinTerminal.open(card);
    byte[] data = terminal.verify(PIN, request);
    assertEquals(0x9000, card.send(VERIFY, 0, 0, data).statusWord());
    assertEquals(0x6985, card.send(VERIFY, 0, 0, data).statusWord(), "a recorded PIN is worth nothing");
    PinTerminal.open(card);
    assertEquals(0x6982, card.send(VERIFY, 0, 0, data).statusWord(), "nor in another session");
    assertEquals(0x6985, card.send(VERIFY, 0, 0, data).statusWord());
    assertEquals(0x9000, verify(PIN, request), "none of it cost a try");
  }

  @Test
  void aManInTheMiddleChangesNothing() {
    RequestFields request = card.request(1);
    byte[] genuine = PinTerminal.open(card).verify(PIN, request);
    for (int at : new int[] {70, 96, 97, 112, 113, 120}) {
      byte[] data = PinTerminal.open(card).verify(PIN, request);
      data[at] ^= 0x01;
      assertEquals(0x6982, card.send(VERIFY, 0, 0, data).statusWord(), "byte " + at);
    }
    assertEquals(121, genuine.length);
    byte[] asChange = PinTerminal.open(card).replace(VERIFY, PIN, "9999");
    assertEquals(0x6982, card.send(CHANGE, 0, 0, asChange).statusWord(), "made for another instruction");
    byte[] unbound = PinTerminal.open(card).protect(VERIFY, Bytes.sha256(request.encode()), join(PinTerminal.block(PIN), new byte[8]));
    assertEquals(0x6A80, card.send(VERIFY, 0, 0, unbound).statusWord(), "the block names another request");
    assertEquals(0x63C2, verify("0000", request), "all tries are still there");
  }

  @Test
  void aTerminalKeyThatIsNoPointIsRefused() {
    RequestFields request = card.request(1);
    for (int at : new int[] {0, 32, 64}) {
      byte[] data = PinTerminal.open(card).verify(PIN, request);
      data[at] ^= 0x01;
      assertEquals(0x6A80, card.send(VERIFY, 0, 0, data).statusWord());
      assertEquals(0x6985, card.send(VERIFY, 0, 0, data).statusWord());
    }
  }

  @Test
  void refusesInOrder() {
    assertEquals(0x6700, card.send(0x1A, 0, 0, new byte[15]).statusWord());
    assertEquals(0x6700, card.send(VERIFY, 0, 0, new byte[120]).statusWord());
    assertEquals(0x6700, card.send(CHANGE, 0, 0, new byte[88]).statusWord());
    assertEquals(0x6700, card.send(UNBLOCK, 0, 0, new byte[90]).statusWord());
    assertEquals(0x6985, card.send(VERIFY, 0, 0, new byte[121]).statusWord(), "no session");
    TestCard stored = TestCard.stored();
    for (int instruction : new int[] {VERIFY, CHANGE, UNBLOCK}) {
      assertEquals(0x9E01, stored.send(instruction, 0, 0, new byte[instruction == VERIFY ? 121 : 89]).statusWord());
    }
    assertEquals(0x9E01, stored.send(0x1A, 0, 0, new byte[16]).statusWord());
    TestCard without = TestCard.personalized();
    assertEquals(0x9000, without.send(0x1A, 0, 0, new byte[16]).statusWord());
    assertEquals(0x6985, without.send(VERIFY, 0, 0, new byte[121]).statusWord(), "no PIN on this card");
  }

  @Test
  void thePinObjectIsChecked() {
    HostChannel host = card.channel();
    String[][] wrong = {{"123", PUK}, {PIN, "1234567"}, {PIN, "123456789"}};
    for (String[] pair : wrong) {
      assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, card.encryptedPins(pair[0], pair[1]))).statusWord());
    }
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, new byte[15])).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, new byte[16])).statusWord());
    assertEquals(0x7F, host.send(0xCA, 0xDF, 0x02, new byte[0]).data()[0]);
    card.expect(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, card.encryptedPins("0123", PUK))));
    card.select();
    assertEquals(0x9000, verify("0123", card.request(1)));
  }

  @Test
  void everySessionHasAKeyOfItsOwn() {
    byte[] first = card.send(0x1A, 0, 0, new byte[16]).data();
    byte[] second = card.send(0x1A, 0, 0, new byte[16]).data();
    assertTrue(!Bytes.hex(Bytes.slice(first, 0, 65)).equals(Bytes.hex(Bytes.slice(second, 0, 65))));
  }

  @Test
  void triesSurviveATear() {
    RequestFields request = card.request(1);
    for (boolean before : new boolean[] {true, false}) {
      for (String pin : new String[] {"0000", PIN}) {
        for (int write = 1; write <= (pin.equals(PIN) ? 2 : 1); write++) {
          TestCard torn = card.copy();
          byte[] data = PinTerminal.open(torn).verify(pin, request);
          torn.tearAt(write, before);
          assertNull(torn.send(VERIFY, 0, 0, data));
          torn.powerOn();
          boolean tryIsGone = write == 2 ? before : !before;
          Response next = torn.send(VERIFY, 0, 0, PinTerminal.open(torn).verify("0000", request));
          assertEquals(tryIsGone ? 0x63C1 : 0x63C2, next.statusWord(), pin + " write " + write + " before " + before);
        }
      }
    }
  }

  @Test
  void aTornPinObjectIsTheOldPairOrTheNewOrNone() {
    for (int write = 1; write <= 4; write++) {
      for (boolean before : new boolean[] {true, false}) {
        TestCard torn = card.copy();
        HostChannel host = torn.channel();
        torn.tearAt(write, before);
        assertNull(host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, torn.encryptedPins("0123", "87654321"))));
        torn.powerOn();
        boolean isOld = write == 1 && before;
        boolean isNew = write == 4 && !before;
        if (!isOld && !isNew) {
          // Neither: the card has no PIN until the object is sent again.
          assertEquals(0x6985, torn.send(VERIFY, 0, 0, PinTerminal.open(torn).verify(PIN, torn.request(1))).statusWord());
          torn.expect(0x9000, torn.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, torn.encryptedPins("0123", "87654321"))));
          torn.powerOn();
        }
        String pin = isOld ? PIN : "0123";
        String puk = isOld ? PUK : "87654321";
        RequestFields request = torn.request(1);
        assertEquals(0x9000, torn.send(VERIFY, 0, 0, PinTerminal.open(torn).verify(pin, request)).statusWord());
        assertEquals(0x9000, torn.send(UNBLOCK, 0, 0, PinTerminal.open(torn).replace(UNBLOCK, puk, "5555")).statusWord());
      }
    }
  }
}
