package org.tallystick.cardhost.gp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;

/** The issuer security domain: sessions, tries, keys, registry (GP Card Specification v2.3.1, Amendment D v1.1.2). */
class SecurityDomainTest {
  private static final byte[] NONE = new byte[0];
  private final TestCard card = TestCard.blank();

  private HostChannel host(KeySet keys, int level) {
    return new HostChannel(card.card()::transmit, keys, level);
  }

  private static KeySet keys(int version, int fill) {
    return new KeySet((byte) version, fill(fill, 16), fill(fill + 1, 16), fill(fill + 2, 16));
  }

  /** PUT KEY's data: each key under the current data encryption key, with its check value. */
  private static byte[] putKey(KeySet current, KeySet next) {
    byte[] data = {next.version()};
    for (byte[] key : new byte[][] {next.enc(), next.mac(), next.dek()}) {
      data = join(data, hex("881110"), Aes.encrypt(current.dek(), new byte[16], key), hex("03"), Scp03.keyCheckValue(key));
    }
    return data;
  }

  @Test
  void everyLevelOfSecurityWorks() {
    for (int level : new int[] {0x01, 0x03, 0x11, 0x13, 0x33}) {
      HostChannel channel = host(KeySet.initial(), level).open();
      assertTrue(channel.cardIsGenuine());
      Response status = channel.send(0xF2, 0x80, 0x02, hex("4f00"));
      assertEquals(0x9000, status.statusWord(), "level " + level);
      assertArrayEquals(hex("4f08a000000151000000"), slice(status.data(), 2, 10));
      assertEquals(0x6A88, channel.send(0xF2, 0x40, 0x02, hex("4f00")).statusWord(), "no instance yet");
      assertEquals(0x9000, channel.send(0xCA, 0x00, 0xE0, NONE).statusWord(), "and the session goes on after a refusal");
    }
    assertEquals(0x6A86, host(KeySet.initial(), 0x02).tryOpen());
  }

  @Test
  void initializeUpdateSaysWhichCardAndWhichKeys() {
    HostChannel first = host(KeySet.initial(), 0x13).open();
    HostChannel second = host(KeySet.initial(), 0x13).open();
    byte[] answer = first.initializeUpdate();
    assertEquals(32, answer.length);
    assertArrayEquals(hex("f0544c59"), slice(answer, 0, 4));
    assertArrayEquals(hex("ff0370"), slice(answer, 10, 3));
    assertEquals(1, Bytes.number(answer, 29, 3));
    assertEquals(2, Bytes.number(second.initializeUpdate(), 29, 3));
    byte[] challenge = Scp03.derive(KeySet.initial().enc(), Scp03.CARD_CHALLENGE, 64, number(1, 3), hex("a000000151000000"));
    assertArrayEquals(challenge, slice(answer, 13, 8), "the challenge is pseudo-random over counter and AID");
    byte[] other = new HostChannel(TestCard.blank().card()::transmit, KeySet.initial(), 0x13).open().initializeUpdate();
    assertNotEquals(Bytes.hex(slice(answer, 0, 10)), Bytes.hex(slice(other, 0, 10)), "diversification data are a card's own");
  }

  @Test
  void wrongKeysCostTriesAndTheRightOneGivesThemBack() {
    KeySet wrong = keys(0x01, 0x60);
    for (int i = 0; i < 9; i++) assertEquals(0x6300, host(wrong, 0x13).tryOpen());
    assertEquals(0x9000, host(KeySet.initial(), 0x13).tryOpen());
    for (int i = 0; i < 10; i++) assertEquals(0x6300, host(wrong, 0x13).tryOpen());
    assertEquals(0x6983, host(KeySet.initial(), 0x13).tryOpen(), "blocked permanently");
    assertEquals(0x6983, new HostChannel(card.copy().card()::transmit, KeySet.initial(), 0x13).tryOpen(), "also after power");
  }

  @Test
  void managementNeedsAChannel() {
    for (int ins : new int[] {0xD8, 0xE2, 0xE4, 0xE6, 0xE8, 0xF0, 0xF2}) {
      assertEquals(0x6982, card.send(ins, 0, 0, hex("4f00")).statusWord());
      assertEquals(0x6982, card.send(join(new byte[] {(byte) 0x84, (byte) ins, 0, 0, 8}, new byte[8])).statusWord());
    }
    assertEquals(0x6D00, card.send(0x99, 0, 0, NONE).statusWord());
    assertEquals(0x6E00, card.send(hex("b0ca9f7f00")).statusWord());
    assertEquals(0x6881, card.send(hex("81ca9f7f00")).statusWord());
    assertEquals(0x6982, card.send(join(hex("04ca00e008"), new byte[8])).statusWord());
  }

  @Test
  void replacedKeysTakeThePlaceOfTheFactoryKeys() {
    KeySet own = keys(0x01, 0x10);
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    Response put = channel.send(0xD8, 0x00, 0x81, putKey(KeySet.initial(), own));
    assertEquals(0x9000, put.statusWord());
    assertArrayEquals(join(hex("01"), Scp03.keyCheckValue(own.enc()), Scp03.keyCheckValue(own.mac()), Scp03.keyCheckValue(own.dek())), put.data());
    assertEquals(0x6300, host(KeySet.initial(), 0x13).tryOpen());
    assertEquals(0x9000, host(own, 0x13).tryOpen());
    assertArrayEquals(hex("e012c00401018810c00402018810c00403018810"), card.send(0xCA, 0x00, 0xE0, NONE).data());
    KeySet next = keys(0x02, 0x20);
    HostChannel again = host(own, 0x13).open();
    assertEquals(0x6A88, again.send(0xD8, 0x00, 0x81, putKey(own, next)).statusWord(), "no factory keys any more");
    assertEquals(0x9000, again.send(0xD8, 0x01, 0x81, putKey(own, next)).statusWord());
    assertEquals(0x9000, host(next, 0x13).tryOpen());
  }

  @Test
  void keysWithAWrongCheckValueOrUnderAWrongKeyAreRefused() {
    KeySet own = keys(0x01, 0x10);
    byte[] data = putKey(KeySet.initial(), own);
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    for (int i : new int[] {0, 1, 2, 3, 4, 20, 21, 24, data.length - 1}) {
      byte[] wrong = data.clone();
      wrong[i] ^= (byte) 0x81;
      assertEquals(0x6A80, channel.send(0xD8, 0x00, 0x81, wrong).statusWord(), "byte " + i);
    }
    assertEquals(0x6A80, channel.send(0xD8, 0x00, 0x81, join(data, NONE, hex("00"))).statusWord());
    assertEquals(0x6A80, channel.send(0xD8, 0x00, 0x81, slice(data, 0, data.length - 1)).statusWord());
    assertEquals(0x6A86, channel.send(0xD8, 0x00, 0x01, data).statusWord());
    assertEquals(0x9000, host(KeySet.initial(), 0x13).tryOpen(), "the old keys still hold");
  }

  @Test
  void aReplayedPutKeyIsRefused() {
    KeySet own = keys(0x01, 0x10);
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    byte[] put = channel.wrap(0xD8, 0x00, 0x81, putKey(KeySet.initial(), own));
    assertEquals(0x9000, card.send(put).statusWord());
    assertEquals(0x6982, card.send(put).statusWord());
  }

  @Test
  void instancesAreInstalledListedLockedAndDeleted() {
    assertEquals(0x9000, card.install(TestCard.AID).statusWord());
    assertEquals(0x6985, card.install(TestCard.AID).statusWord(), "twice");
    assertEquals(0x6A80, card.install(hex("f054414c4c5900")).statusWord(), "an AID the applet refuses");
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    byte[] listed = channel.send(0xF2, 0x40, 0x02, hex("4f00")).data();
    assertArrayEquals(hex("4f08f054414c4c5900019f700107"), slice(listed, 2, 14));
    assertEquals(0x9000, channel.send(0xF2, 0x10, 0x02, hex("4f00")).statusWord());
    assertEquals(0x9000, channel.send(0xF2, 0x20, 0x00, hex("4f00")).statusWord());
    assertEquals(0x6A88, channel.send(0xF2, 0x40, 0x02, hex("4f03a00000")).statusWord());
    assertEquals(0x9000, channel.send(0xF0, 0x40, 0x80, TestCard.AID).statusWord());
    assertEquals(0x6999, card.select().statusWord());
    channel = host(KeySet.initial(), 0x13).open();
    assertEquals(0x9000, channel.send(0xF0, 0x40, 0x00, TestCard.AID).statusWord());
    assertEquals(0x9000, card.select().statusWord());
    card.select(NONE);
    channel = host(KeySet.initial(), 0x13).open();
    assertEquals(0x9000, channel.send(0xE4, 0x00, 0x00, join(hex("4f08"), TestCard.AID)).statusWord());
    assertEquals(0x6A88, channel.send(0xE4, 0x00, 0x00, join(hex("4f08"), TestCard.AID)).statusWord());
    assertEquals(0x6A82, card.select().statusWord());
    assertEquals(0x9000, card.install(TestCard.AID).statusWord(), "and may come again");
  }

  @Test
  void aDeletedInstanceGivesItsMemoryBack() {
    card.expect(0x9000, card.install(TestCard.AID));
    int one = card.card().runtime().ramBytes();
    for (int i = 0; i < 5; i++) {
      card.select(NONE);
      card.expect(0x9000, host(KeySet.initial(), 0x13).open().send(0xE4, 0x00, 0x00, join(hex("4f08"), TestCard.AID)));
      assertEquals(0, card.card().runtime().ramBytes());
      card.expect(0x9000, card.install(TestCard.AID));
      assertEquals(one, card.card().runtime().ramBytes());
    }
    assertEquals(0x6A80, card.install(hex("f054414c4c5900")).statusWord());
    assertEquals(one, card.card().runtime().ramBytes(), "a refused installation keeps nothing");
  }

  @Test
  void aLoadFileIsCheckedForOurPackage() {
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    byte[] forLoad = hex("07f054414c4c5900" + "08a000000151000000" + "000000");
    assertEquals(0x6985, channel.send(0xE6, 0x02, 0x00, forLoad).statusWord(), "it is there already");
    assertEquals(0x9000, channel.send(0xE4, 0x00, 0x80, hex("4f07f054414c4c5900")).statusWord());
    assertEquals(0x6A80, channel.send(0xE6, 0x02, 0x00, hex("07a00000000000ff08a000000151000000000000")).statusWord());
    byte[] capHeader = hex("010013decaffed010204000107f054414c4c5900");
    byte[] foreign = hex("010013decaffed010204000107f054414c4c59ff");
    assertEquals(0x9000, channel.send(0xE6, 0x02, 0x00, forLoad).statusWord());
    assertEquals(0x6A80, channel.send(0xE8, 0x80, 0x00, join(hex("c414"), foreign)).statusWord());
    assertEquals(0x9000, channel.send(0xE6, 0x02, 0x00, forLoad).statusWord());
    assertEquals(0x9000, channel.send(0xE8, 0x00, 0x00, join(hex("c414"), slice(capHeader, 0, 9))).statusWord());
    assertEquals(0x6985, channel.send(0xE8, 0x80, 0x02, slice(capHeader, 9, capHeader.length - 9)).statusWord(), "out of turn");
    assertEquals(0x9000, channel.send(0xE8, 0x80, 0x01, slice(capHeader, 9, capHeader.length - 9)).statusWord());
    assertEquals(0x9000, card.install(TestCard.AID).statusWord());
  }

  @Test
  void cardDataIsReadableByAnyone() {
    assertEquals(45, card.send(0xCA, 0x9F, 0x7F, NONE).data().length);
    assertEquals(0x9000, card.send(hex("00ca006600")).statusWord());
    assertEquals(12, card.send(0xCA, 0x00, 0xCF, NONE).data().length);
    assertEquals(0x6A88, card.send(0xCA, 0x00, 0x45, NONE).statusWord());
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    assertEquals(0x9000, channel.send(0xE2, 0x80, 0x00, hex("450411223344")).statusWord());
    assertArrayEquals(hex("450411223344"), card.send(0xCA, 0x00, 0x45, NONE).data());
  }

  @Test
  void aLockedCardOffersNothingButItsDomain() {
    card.install(TestCard.AID);
    HostChannel channel = host(KeySet.initial(), 0x13).open();
    for (int state : new int[] {0x07, 0x0F, 0x7F}) assertEquals(0x9000, channel.send(0xF0, 0x80, state, NONE).statusWord());
    assertEquals(0x6A82, card.select().statusWord());
    assertEquals(0x6283, card.select(NONE).statusWord());
    channel = host(KeySet.initial(), 0x13).open();
    assertEquals(0x6985, channel.send(0xF0, 0x80, 0x01, NONE).statusWord());
    assertEquals(0x9000, channel.send(0xF0, 0x80, 0xFF, NONE).statusWord());
    assertEquals(0x6985, host(KeySet.initial(), 0x13).tryOpen());
    assertEquals(0x9000, card.send(0xCA, 0x9F, 0x7F, NONE).statusWord());
  }

  @Test
  void leavingAnApplicationEndsItsSession() {
    card.install(TestCard.AID);
    card.select();
    HostChannel channel = card.channel();
    card.select();
    assertEquals(0x6982, channel.send(0xCA, 0xDF, 0x01, NONE).statusWord());
    channel = card.channel();
    card.card().reset();
    card.select();
    assertEquals(0x6982, channel.send(0xCA, 0xDF, 0x01, NONE).statusWord());
  }
}
