package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** UPDATE ALLOWANCE (spec §4.2, §4.6): who may send the first, which one replaces which, and what a signature must be. */
class AllowanceUpdateTest {
  private static final AllowanceFields FIRST = AllowanceFields.standard();

  @Test
  void theFirstOneNeedsThePersonalizationChannel() {
    TestCard card = TestCard.stored();
    assertEquals(0x6982, card.send(0x14, 0, 0, card.allowance(FIRST)).statusWord());
    assertEquals(0x6982, card.channel(0x01).send(0x14, 0, 0, card.allowance(FIRST)).statusWord(), "a MAC alone is not enough");
    assertEquals(0x9000, card.channel().send(0x14, 0, 0, card.allowance(FIRST)).statusWord());
    assertEquals(7, card.select().data()[17]);
  }

  @Test
  void theFirstOneNeedsEveryPart() {
    TestCard card = TestCard.installed();
    HostChannel host = card.channel();
    byte[] anything = new byte[126];
    assertEquals(0x6985, host.send(0x14, 0, 0, anything).statusWord());
    card.expect(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, TestCard.DOMAIN)));
    card.expect(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F03, join(new byte[] {1}, card.issuer.publicKey()))));
    assertEquals(0x6985, host.send(0x14, 0, 0, anything).statusWord());
    card.publicKey = host.send(0x46, 0, 0, new byte[0]).data();
    card.address = TestCard.addressOf(card.publicKey);
    assertEquals(0x6985, host.send(0x14, 0, 0, anything).statusWord());
    card.expect(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F04, card.address)));
    assertEquals(0x6985, host.send(0x14, 0, 0, anything).statusWord());
    card.expect(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F05, TestCard.OWNER)));
    assertEquals(0x9E0A, host.send(0x14, 0, 0, anything).statusWord());
    assertEquals(0x9000, host.send(0x14, 0, 0, card.allowance(FIRST)).statusWord());
  }

  @Test
  void onlyANewerSequenceIsTaken() {
    TestCard card = TestCard.personalized();
    card.update(FIRST.withSeq(0x80000000L));
    assertEquals(0x9E0A, card.send(0x14, 0, 0, card.allowance(FIRST.withSeq(0x80000000L))).statusWord());
    assertEquals(0x9E0A, card.send(0x14, 0, 0, card.allowance(FIRST.withSeq(0x7FFFFFFFL))).statusWord());
    card.update(FIRST.withSeq(0xFFFFFFFFL));
    assertEquals(0x9E0A, card.send(0x14, 0, 0, card.allowance(FIRST.withSeq(0))).statusWord());
    byte[] stored = slice(card.select().data(), 59, 62);
    assertArrayEquals(FIRST.withSeq(0xFFFFFFFFL).encode(), stored);
  }

  @Test
  void checksValuesThenSequenceThenSignature() {
    TestCard card = TestCard.personalized();
    assertEquals(0x6700, card.send(0x14, 0, 0, new byte[125]).statusWord());
    byte[] old = card.allowance(FIRST.withSeq(1).withFlags(16));
    assertEquals(0x6A80, card.send(0x14, 0, 0, old).statusWord());
    byte[] unsignedOld = join(FIRST.withSeq(1).encode(), new byte[64]);
    assertEquals(0x9E0A, card.send(0x14, 0, 0, unsignedOld).statusWord());
    byte[] unsignedNew = join(FIRST.withSeq(2).encode(), new byte[64]);
    assertEquals(0x9E0B, card.send(0x14, 0, 0, unsignedNew).statusWord());
    card.update(FIRST.withSeq(2).withFlags(15));
  }

  @Test
  void aSignatureMustBeThisIssuersOverThisCardAndStrict() {
    TestCard card = TestCard.personalized();
    byte[] body = FIRST.withSeq(2).encode();
    byte[] good = card.issuer.sign(ascii("TLYA"), TestCard.DOMAIN, card.address, body);
    BigInteger r = new BigInteger(1, slice(good, 0, 32));
    BigInteger s = new BigInteger(1, slice(good, 32, 32));
    byte[] zero = new byte[32];
    byte[] n = Secp256k1.scalarBytes(Secp256k1.N);
    byte[][] wrong = {
        Secp256k1.KeyPair.random(new SecureRandom()).sign(ascii("TLYA"), TestCard.DOMAIN, card.address, body),
        card.issuer.sign(ascii("TLYA"), TestCard.DOMAIN, new byte[20], body),
        card.issuer.sign(ascii("TLYA"), new byte[28], card.address, body),
        card.issuer.sign(ascii("TLYM"), TestCard.DOMAIN, card.address, body),
        join(Secp256k1.scalarBytes(r), Secp256k1.scalarBytes(Secp256k1.N.subtract(s))),
        join(zero, Secp256k1.scalarBytes(s)),
        join(Secp256k1.scalarBytes(r), zero),
        join(n, Secp256k1.scalarBytes(s)),
        join(Secp256k1.scalarBytes(r), n),
        Bytes.fill(0xFF, 64),
    };
    for (byte[] signature : wrong) {
      assertEquals(0x9E0B, card.send(0x14, 0, 0, join(body, signature)).statusWord(), Bytes.hex(signature));
    }
    assertEquals(0x9E0B, card.send(0x14, 0, 0, card.allowance(FIRST.withSeq(2).withKeyId(2))).statusWord());
    assertEquals(0x9000, card.send(0x14, 0, 0, join(body, good)).statusWord());
  }

  @Test
  void everyChangedByteOfTheBodyBreaksTheSignature() {
    TestCard card = TestCard.personalized();
    byte[] signed = card.allowance(FIRST.withSeq(0x01010101));
    for (int i = 0; i < 62; i++) {
      byte[] changed = signed.clone();
      changed[i] ^= 0x01;
      int expected = i == 60 ? 0x6A80 : 0x9E0B;
      assertEquals(expected, card.send(0x14, 0, 0, changed).statusWord(), "byte " + i);
    }
  }

  @Test
  void manySignaturesOfEveryShapeAreVerified() {
    TestCard card = TestCard.personalized();
    for (int seq = 2; seq < 130; seq++) card.update(FIRST.withSeq(seq));
  }

  @Test
  void perTapZeroSuspendsAndANewerOneBringsBack() {
    TestCard card = TestCard.personalized();
    card.update(FIRST.withSeq(2).withPerTap(0));
    assertEquals(0x0B, card.select().data()[17]);
    assertEquals(0x9E01, card.pay(card.request(1)).statusWord());
    card.update(FIRST.withSeq(3));
    assertEquals(0x07, card.select().data()[17]);
    assertEquals(0x9000, card.pay(card.request(1)).statusWord());
  }

  /** Without bit 3 a thief could start the sums anew by a deposit of dust, which brings a newer allowance. */
  @Test
  void onlyFlagBitThreeStartsTheSumsWithoutPinAnew() {
    TestCard card = TestCard.personalized();
    card.expect(0x9000, card.pay(card.request(5)));
    card.expect(0x9000, card.pay(card.request(7)));
    byte[] used = join(new byte[] {0, 0, 0, 0, 0, 12}, new byte[] {2});
    assertArrayEquals(used, slice(card.select().data(), 195, 7));
    card.update(FIRST.withSeq(2).withFlags(7));
    assertArrayEquals(used, slice(card.select().data(), 195, 7));
    card.update(FIRST.withSeq(3).withPerTap(0));
    assertArrayEquals(used, slice(card.select().data(), 195, 7));
    card.update(FIRST.withSeq(4).withFlags(8));
    assertArrayEquals(new byte[7], slice(card.select().data(), 195, 7));
  }

  @Test
  void aReplacedIssuerKeyEndsTheOldOne() {
    TestCard card = TestCard.personalized();
    Secp256k1.KeyPair next = Secp256k1.KeyPair.random(new SecureRandom());
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F03, join(new byte[] {2}, next.publicKey()))));
    assertEquals(0x9E0B, card.send(0x14, 0, 0, card.allowance(FIRST.withSeq(2))).statusWord());
    byte[] body = FIRST.withSeq(2).withKeyId(2).encode();
    assertEquals(0x9000, card.send(0x14, 0, 0, join(body, next.sign(ascii("TLYA"), TestCard.DOMAIN, card.address, body))).statusWord());
  }

  @Test
  void aTornReplacementLeavesTheOldKeyOrTheNewInForce() {
    TestCard origin = TestCard.personalized();
    Secp256k1.KeyPair next = Secp256k1.KeyPair.random(new SecureRandom());
    byte[] dgi = TestCard.dgi(0x7F03, join(new byte[] {2}, next.publicKey()));
    byte[] byOld = origin.allowance(FIRST.withSeq(2));
    byte[] body = FIRST.withSeq(2).withKeyId(2).encode();
    byte[] byNew = join(body, next.sign(ascii("TLYA"), TestCard.DOMAIN, origin.address, body));
    for (int write = 1; write <= 2; write++) {
      for (boolean before : new boolean[] {true, false}) {
        TestCard card = origin.copy();
        HostChannel host = card.channel();
        card.tearAt(write, before);
        assertNull(host.send(0xE2, 0x88, 0, dgi));
        card.powerOn();
        boolean replaced = write == 2 && !before;
        assertEquals(replaced ? 2 : 1, card.send(0xCA, 0xDF, 0x04, new byte[0]).data()[0]);
        assertEquals(replaced ? 0x9E0B : 0x9000, card.copy().send(0x14, 0, 0, byOld).statusWord());
        assertEquals(replaced ? 0x9000 : 0x9E0B, card.copy().send(0x14, 0, 0, byNew).statusWord());
      }
    }
  }

  @Test
  void aTerminatedCardTakesNone() {
    TestCard card = TestCard.personalized();
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, new byte[] {0x7F})));
    assertEquals(0x9E01, card.send(0x14, 0, 0, card.allowance(FIRST.withSeq(2))).statusWord());
  }
}
