package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** STORE DATA, GENERATE KEY, OPEN, GET DATA, PROVE (spec §4.2, §4.7, §4.8). */
class PersonalizationTest {
  private static final byte[] NONE = new byte[0];

  @Test
  void aFreshInstanceShowsOnlyItsState() {
    TestCard card = TestCard.installed();
    assertArrayEquals(hex("6f0e8408f054414c4c590001850201 01"), card.select().data());
    assertArrayEquals(hex("0100"), slice(card.send(0xCA, 0xDF, 0x01, NONE).data(), 0, 2));
    assertArrayEquals(hex("0001"), card.send(0xCA, 0xDF, 0x02, NONE).data());
    for (int tag = 0x03; tag <= 0x07; tag++) assertEquals(0x6A88, card.send(0xCA, 0xDF, tag, NONE).statusWord());
    assertEquals(0x6A88, card.send(0xCA, 0xDF, 0x08, NONE).statusWord());
    assertEquals(0x6985, card.send(0x12, 0, 0, new byte[16]).statusWord());
  }

  @Test
  void everythingStoredCanBeReadBack() {
    TestCard card = TestCard.stored();
    HostChannel host = card.channel();
    assertArrayEquals(TestCard.DOMAIN, host.send(0xCA, 0xDF, 0x03, NONE).data());
    assertArrayEquals(join(number(1, 1), card.issuer.publicKey()), host.send(0xCA, 0xDF, 0x04, NONE).data());
    assertArrayEquals(TestCard.OWNER, host.send(0xCA, 0xDF, 0x05, NONE).data());
    assertArrayEquals(card.address, host.send(0xCA, 0xDF, 0x06, NONE).data());
    assertArrayEquals(card.publicKey, host.send(0xCA, 0xDF, 0x07, NONE).data());
    assertArrayEquals(hex("1f01"), host.send(0xCA, 0xDF, 0x02, NONE).data());
    assertArrayEquals(card.publicKey, card.send(0xCA, 0xDF, 0x07, NONE).data(), "in clear too");
  }

  @Test
  void needsTheWholeChannel() {
    TestCard card = TestCard.installed();
    byte[] domain = TestCard.dgi(0x7F02, TestCard.DOMAIN);
    for (String command : new String[] {"84e2880008", "8446000008", "841e000008"}) {
      assertEquals(0x6982, card.send(join(hex(command), new byte[8])).statusWord(), "no channel");
    }
    for (int level : new int[] {0x01, 0x03, 0x11}) {
      assertEquals(0x6982, card.channel(level).send(0xE2, 0x88, 0, domain).statusWord(), "level " + level);
      assertEquals(0x6982, card.channel(level).send(0x46, 0, 0, NONE).statusWord(), "level " + level);
    }
    assertEquals(0x9000, card.channel(0x33).send(0xE2, 0x88, 0, domain).statusWord());
  }

  @Test
  void whatIsWrittenOnceMayBeRepeatedButNotChanged() {
    TestCard card = TestCard.stored();
    HostChannel host = card.channel();
    byte[][] same = {TestCard.dgi(0x7F02, TestCard.DOMAIN), TestCard.dgi(0x7F04, card.address), TestCard.dgi(0x7F05, TestCard.OWNER)};
    byte[][] other = {TestCard.dgi(0x7F02, fill(1, 28)), TestCard.dgi(0x7F04, fill(1, 20)), TestCard.dgi(0x7F05, fill(1, 20))};
    for (byte[] dgi : same) assertEquals(0x9000, host.send(0xE2, 0x88, 0, dgi).statusWord());
    for (byte[] dgi : other) assertEquals(0x6985, host.send(0xE2, 0x88, 0, dgi).statusWord());
    assertEquals(0x6985, host.send(0x46, 0, 0, NONE).statusWord());
    assertArrayEquals(TestCard.DOMAIN, host.send(0xCA, 0xDF, 0x03, NONE).data());
  }

  @Test
  void refusesObjectsThatAreNotOne() {
    TestCard card = TestCard.installed();
    HostChannel host = card.channel();
    assertEquals(0x6700, host.send(0xE2, 0x88, 0, hex("7f0200")).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, fill(1, 27))).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, fill(1, 29))).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, join(TestCard.dgi(0x7F02, TestCard.DOMAIN), NONE, number(0, 1))).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F03, join(number(1, 1), fill(2, 65)))).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F05, new byte[20])).statusWord());
    assertEquals(0x6985, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F04, fill(1, 20))).statusWord(), "no key pair yet");
    assertEquals(0x6A88, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F99, fill(1, 20))).statusWord());
    assertEquals(0x6A86, host.send(0xE2, 0x80, 0, TestCard.dgi(0x7F02, TestCard.DOMAIN)).statusWord());
    assertEquals(0x6A86, host.send(0xE2, 0x88, 1, TestCard.dgi(0x7F02, TestCard.DOMAIN)).statusWord());
  }

  @Test
  void provesWhereItStands() {
    TestCard card = TestCard.personalized();
    card.pay(card.request(300));
    byte[] challenge = fill(0x5C, 16);
    Response proof = card.send(0x12, 0, 0, challenge);
    byte[] shown = slice(proof.data(), 0, 47);
    byte[] der = slice(proof.data(), 47, proof.data().length - 47);
    assertArrayEquals(join(number(1, 4), number(300, 6), number(1, 4), number(7, 1), slice(card.select().data(), 202, 32)), shown);
    assertTrue(Secp256k1.verifies(card.publicKey, der, ascii("TLYP"), TestCard.DOMAIN, challenge, shown));
    assertEquals(0x6700, card.send(0x12, 0, 0, new byte[15]).statusWord());
  }

  @Test
  void provesItsKeyBeforeItIsPersonalized() {
    TestCard card = TestCard.stored();
    Response proof = card.send(0x12, 0, 0, new byte[16]);
    byte[] shown = slice(proof.data(), 0, 47);
    assertArrayEquals(join(new byte[14], number(1, 1), new byte[32]), shown);
    assertTrue(Secp256k1.verifies(card.publicKey, slice(proof.data(), 47, proof.data().length - 47), ascii("TLYP"), TestCard.DOMAIN, new byte[16], shown));
  }

  @Test
  void signsItsOpeningOnlyBeforeTheFirstAllowance() {
    TestCard card = TestCard.stored();
    byte[] der = card.channel().send(0x1E, 0, 0, NONE).data();
    assertTrue(Secp256k1.verifies(card.publicKey, der, ascii("TLYO"), TestCard.DOMAIN, TestCard.OWNER));
    TestCard done = TestCard.personalized();
    assertEquals(0x9E01, done.channel().send(0x1E, 0, 0, NONE).statusWord());
    assertEquals(0x9E01, done.channel().send(0x46, 0, 0, NONE).statusWord());
    assertEquals(0x6985, TestCard.installed().channel().send(0x1E, 0, 0, NONE).statusWord());
  }

  @Test
  void theStateObjectMovesOnlyWhereItMay() {
    TestCard card = TestCard.stored();
    HostChannel host = card.channel();
    for (int target : new int[] {0x07, 0x0B, 0x01, 0x55}) {
      assertEquals(0x9E01, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(target, 1))).statusWord());
    }
    card.expect(0x9000, host.send(0x14, 0, 0, card.allowance(org.tallystick.cardhost.testing.AllowanceFields.standard())));
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x01, 1))).statusWord());
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x0707, 2))).statusWord());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x0B, 1))).statusWord());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x07, 1))).statusWord());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x7F, 1))).statusWord());
    assertEquals(0x9E01, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x07, 1))).statusWord());
    assertEquals(0x9E01, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F03, join(number(1, 1), card.issuer.publicKey()))).statusWord());
    assertEquals(0x9000, card.send(0x12, 0, 0, new byte[16]).statusWord(), "a terminated card still proves its state");
  }

  @Test
  void anInstanceMayBeTerminatedAtBirth() {
    TestCard card = TestCard.stored();
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x7F, 1))));
    assertArrayEquals(hex("6f0e8408f054414c4c59000185020 17f".replace(" ", "")), card.select().data());
    assertEquals(0x9E09, card.send(0x10, 0, 0, org.tallystick.cardhost.testing.RequestFields.of(new byte[8], 1, 1).encode()).statusWord());
  }

  @Test
  void severalInstancesShareNothing() {
    TestCard card = TestCard.personalized();
    byte[] second = hex("f054414c4c590002");
    card.expect(0x9000, card.install(second));
    assertArrayEquals(hex("6f0e8408f054414c4c59000285020101"), card.select(second).data());
    byte[] otherKey = card.channel().send(0x46, 0, 0, NONE).data();
    assertNotEquals(Bytes.hex(card.publicKey), Bytes.hex(otherKey));
    assertEquals(234, card.select().data().length);
    assertEquals(0x6A82, card.select(hex("f054414c4c590003")).statusWord());
    assertEquals(0x9000, card.pay(card.request(1)).statusWord());
  }
}
