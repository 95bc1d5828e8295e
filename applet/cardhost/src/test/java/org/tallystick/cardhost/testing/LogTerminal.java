package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.join;

import java.security.SecureRandom;

/** A certified terminal that reads its payee's entries of a card's log (spec §4.13). */
public final class LogTerminal {
  public static final int GET_LOG = 0x16;
  public static final int PRESENT_CERTIFICATE = 0x18;
  public static final int GET_CHALLENGE = 0x84;
  private static final byte[] NONE = new byte[0];

  public final Secp256k1.KeyPair key;
  private final TestCard card;
  private final byte[] payee;

  private LogTerminal(TestCard card, Secp256k1.KeyPair key, byte[] payee) {
    this.card = card;
    this.key = key;
    this.payee = payee;
  }

  public static LogTerminal of(TestCard card, byte[] payee) {
    return new LogTerminal(card, Secp256k1.KeyPair.random(new SecureRandom()), payee);
  }

  /** The terminal of {@link TestCard#PAYEE}. */
  public static LogTerminal of(TestCard card) {
    return of(card, TestCard.PAYEE);
  }

  /** The same terminal with another card in its hand. */
  public LogTerminal with(TestCard other) {
    return new LogTerminal(other, key, payee);
  }

  public CertificateFields certificate() {
    return CertificateFields.standard(key.publicKey()).withPayee(payee);
  }

  public Response present() {
    return present(card, certificate());
  }

  public static Response present(TestCard card, CertificateFields fields) {
    byte[] certificate = fields.encode();
    return card.send(PRESENT_CERTIFICATE, 0, 0, join(certificate, card.issuer.sign(certificate)));
  }

  /** A fresh challenge of the card's. */
  public byte[] challenge() {
    Response answer = card.send(GET_CHALLENGE, 0, 0, NONE);
    card.expect(0x9000, answer);
    return answer.data();
  }

  /** TLYG over this card and a challenge. */
  public byte[] message(byte[] challenge) {
    return join(ascii("TLYG"), TestCard.DOMAIN, card.tag(), challenge);
  }

  /** The tag is asked of the card's memory, because a SELECT would end challenge and certificate. */
  public byte[] proof(byte[] challenge) {
    return join(payee, key.sign(ascii("TLYG"), TestCard.DOMAIN, card.part("cardTag"), challenge));
  }

  /** GET LOG with payee and signature over a fresh challenge. */
  public Response readSigned(int age) {
    return card.send(GET_LOG, age, 0, proof(challenge()));
  }

  /** All three steps; null when the power went in the last. */
  public Response open(int age) {
    card.expect(0x9000, present());
    return readSigned(age);
  }

  /** GET LOG with the payee alone. */
  public Response read(int age) {
    return card.send(GET_LOG, age, 0, payee);
  }
}
