package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import java.security.SecureRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.CertificateFields;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** PRESENT CERTIFICATE and BEACON (spec §3.4, §3.5, §4.5): what the card itself checks of what the issuer signed. */
class CertificateTest {
  private static final long FROM = RequestFields.TIME - 10;
  private static final long TO = RequestFields.TIME + 10;
  private static final Secp256k1.KeyPair KEY = Secp256k1.KeyPair.random(new SecureRandom());
  private final TestCard card = TestCard.personalized();

  @BeforeEach
  void onlyCertifiedPayees() {
    card.update(AllowanceFields.standard().withSeq(2).withFlags(1));
  }

  private static CertificateFields good() {
    return CertificateFields.standard(KEY.publicKey()).withValidity(FROM, TO);
  }

  private int present(CertificateFields fields) {
    return LogTerminal.present(card, fields).statusWord();
  }

  @Test
  void paysOnlyWhomTheCertificateNames() {
    assertEquals(0x9E0C, card.pay(card.request(1)).statusWord());
    assertEquals(0x9000, present(good()));
    RequestFields request = RequestFields.of(card.tag(), 1, 1);
    assertEquals(0x9E0C, card.pay(request.withPayee(fill(1, 20))).statusWord());
    assertEquals(0x9E0C, card.pay(request.withCategory(6)).statusWord());
    assertEquals(0x9E0C, card.pay(request.withTime(FROM - 1)).statusWord());
    assertEquals(0x9E0C, card.pay(request.withTime(TO + 1)).statusWord());
    RequestFields otherTerminal = new RequestFields(request.cardTag(), 1, request.payee(), 1, request.time(), request.challenge(), fill(9, 8), 5);
    assertEquals(0x9E0C, card.pay(otherTerminal).statusWord());
    assertEquals(0x9000, card.pay(request.withTime(FROM)).statusWord());
    assertEquals(0x9000, card.pay(RequestFields.of(card.tag(), 2, 1).withTime(TO)).statusWord());
  }

  @Test
  void aCertificateEndsWithTheSelection() {
    assertEquals(0x9000, present(good()));
    card.select();
    assertEquals(0x9E0C, card.pay(RequestFields.of(card.tag(), 1, 1)).statusWord());
  }

  @Test
  void refusesWhatTheIssuerDidNotSign() {
    byte[] before = card.memory();
    byte[] certificate = good().encode();
    assertEquals(0x9E0B, card.send(0x18, 0, 0, join(certificate, KEY.sign(certificate))).statusWord());
    assertEquals(0x9E0B, present(good().withKeyId(2)));
    assertEquals(0x6A80, present(good().withDomain(fill(1, 28))));
    byte[] otherTag = certificate.clone();
    otherTag[3] = 'A';
    assertEquals(0x6A80, card.send(0x18, 0, 0, join(otherTag, card.issuer.sign(otherTag))).statusWord());
    for (int length : new int[] {183, 226, 228}) assertEquals(0x6700, card.send(0x18, 0, 0, new byte[length]).statusWord());
    assertEquals(0x9E0C, card.pay(RequestFields.of(card.tag(), 1, 1)).statusWord());
    assertArrayEquals(before, card.memory());
  }

  /** A suspended and a terminated card take one too, for the log (spec §4.13), and pay as little as before. */
  @Test
  void isForEveryCardThatWasIssued() {
    assertEquals(0x9E01, TestCard.stored().send(0x18, 0, 0, new byte[227]).statusWord());
    card.update(AllowanceFields.standard().withSeq(3).withPerTap(0));
    assertEquals(0x9000, present(good()));
    assertEquals(0x9E01, card.pay(RequestFields.of(card.tag(), 1, 1)).statusWord());
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(0x7F, 1))));
    card.select();
    assertEquals(0x9000, present(good()));
    assertEquals(0x9E01, card.pay(RequestFields.of(card.tag(), 1, 1)).statusWord());
  }

  private static byte[] head(byte[] domain, int keyId, long seq) {
    return join(ascii("TLYS"), domain, number(keyId, 1), number(seq, 4), number(5_000, 4), number(4_000, 4), number(9, 4), fill(0x4C, 32));
  }

  private byte[] beacon(long seq) {
    byte[] head = head(TestCard.DOMAIN, 1, seq);
    return join(head, card.issuer.sign(head));
  }

  @Test
  void carriesTheNewestHead() {
    assertEquals(0x6A88, card.send(0x1C, 0, 0, new byte[0]).statusWord());
    byte[] third = beacon(3);
    assertEquals(0x9000, card.send(0x1C, 1, 0, third).statusWord());
    assertArrayEquals(third, card.send(0x1C, 0, 0, new byte[0]).data());
    assertEquals(0x9E0A, card.send(0x1C, 1, 0, beacon(3)).statusWord());
    assertEquals(0x9E0A, card.send(0x1C, 1, 0, beacon(2)).statusWord());
    byte[] newest = beacon(0xFFFFFFFFL);
    assertEquals(0x9000, card.send(0x1C, 1, 0, newest).statusWord());
    assertArrayEquals(newest, card.copy().send(0x1C, 0, 0, new byte[0]).data());
  }

  @Test
  void refusesForeignHeads() {
    byte[] unsigned = join(head(TestCard.DOMAIN, 1, 3), new byte[64]);
    assertEquals(0x9E0B, card.send(0x1C, 1, 0, unsigned).statusWord());
    byte[] otherKey = head(TestCard.DOMAIN, 2, 3);
    assertEquals(0x9E0B, card.send(0x1C, 1, 0, join(otherKey, card.issuer.sign(otherKey))).statusWord());
    byte[] otherDomain = head(fill(7, 28), 1, 3);
    assertEquals(0x6A80, card.send(0x1C, 1, 0, join(otherDomain, card.issuer.sign(otherDomain))).statusWord());
    assertEquals(0x9E0A, card.send(0x1C, 1, 0, join(head(TestCard.DOMAIN, 1, 0), new byte[64])).statusWord());
    assertEquals(0x6700, card.send(0x1C, 1, 0, new byte[144]).statusWord());
    assertEquals(0x6700, card.send(0x1C, 0, 0, new byte[1]).statusWord());
    assertEquals(0x6A86, card.send(0x1C, 2, 0, new byte[145]).statusWord());
    assertEquals(0x6A88, card.send(0x1C, 0, 0, new byte[0]).statusWord());
    assertEquals(0x9E01, TestCard.stored().send(0x1C, 0, 0, new byte[0]).statusWord());
  }
}
