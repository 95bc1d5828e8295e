package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** Who may read a payee's entries: its certified terminal, after it signed this card's challenge (spec §4.13). */
class LogRightTest {
  private static final byte[] NONE = new byte[0];
  private final TestCard card = TestCard.personalized();
  private final LogTerminal terminal = LogTerminal.of(card);

  @BeforeEach
  void pay() {
    card.expect(0x9000, card.pay(card.request(10)));
  }

  private int status(Response response) {
    assertEquals(response.statusWord() == 0x9000, response.data().length > 0);
    return response.statusWord();
  }

  @Test
  void everyChallengeIsItsOwn() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      byte[] challenge = terminal.challenge();
      assertEquals(16, challenge.length);
      assertTrue(seen.add(Bytes.hex(challenge)));
    }
    assertEquals(0x6700, card.send(0x84, 0, 0, new byte[1]).statusWord());
    assertEquals(0x6A86, card.send(0x84, 0, 1, NONE).statusWord());
    assertEquals(0x6A86, card.send(0x84, 1, 0, NONE).statusWord());
    assertEquals(0x6E00, card.send(join(new byte[] {(byte) 0x84, (byte) 0x84, 0, 0, 8}, new byte[8])).statusWord());
    assertEquals(0x9E01, TestCard.stored().send(0x84, 0, 0, NONE).statusWord());
  }

  /** Each is one thing short of the right: the answer is the same 6982, and the challenge is used up by it. */
  @Test
  void everythingIsNeeded() {
    Secp256k1.KeyPair thief = Secp256k1.KeyPair.random(new SecureRandom());
    TestCard other = card.copy();
    Map<String, Function<byte[], byte[]>> proofs = new LinkedHashMap<>();
    proofs.put("another payee", challenge -> join(fill(0x55, 20), slice(terminal.proof(challenge), 20, 64)));
    proofs.put("another key", challenge -> join(TestCard.PAYEE, thief.sign(message(TestCard.DOMAIN, challenge))));
    proofs.put("another challenge", challenge -> terminal.proof(fill(7, 16)));
    proofs.put("another domain", challenge -> join(TestCard.PAYEE, terminal.key.sign(message(fill(1, 28), challenge))));
    proofs.put("another card", challenge -> join(TestCard.PAYEE, terminal.key.sign(ascii("TLYG"), TestCard.DOMAIN, fill(3, 8), challenge)));
    proofs.put("another tag", challenge -> join(TestCard.PAYEE, terminal.key.sign(ascii("TLYP"), TestCard.DOMAIN, card.part("cardTag"), challenge)));
    proofs.put("no signature", challenge -> join(TestCard.PAYEE, new byte[64]));
    proofs.put("s above n/2", challenge -> highS(terminal.proof(challenge)));
    proofs.put("r of n", challenge -> join(TestCard.PAYEE, Secp256k1.scalarBytes(Secp256k1.N), slice(terminal.proof(challenge), 52, 32)));
    proofs.forEach((what, proof) -> {
      card.select();
      assertEquals(0x9000, terminal.present().statusWord());
      byte[] challenge = terminal.challenge();
      assertEquals(0x6982, status(card.send(0x16, 0, 0, proof.apply(challenge))), what);
      assertEquals(0x6982, status(terminal.read(0)), what + ": it gave no right");
      assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(challenge))), what + ": the challenge is used up");
      assertEquals(0x9000, status(terminal.readSigned(0)), what + ": the certificate still stands");
    });
    assertEquals(0x9000, status(terminal.with(other).open(0)), "a copy of the card is the same card");
  }

  private byte[] message(byte[] domain, byte[] challenge) {
    return join(ascii("TLYG"), domain, card.part("cardTag"), challenge);
  }

  private static byte[] highS(byte[] proof) {
    BigInteger s = new BigInteger(1, slice(proof, 52, 32));
    return join(slice(proof, 0, 52), Secp256k1.scalarBytes(Secp256k1.N.subtract(s)));
  }

  @Test
  void aCertificateAndAChallengeAreNeeded() {
    byte[] challenge = terminal.challenge();
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(challenge))), "no certificate");
    assertEquals(0x9000, terminal.present().statusWord());
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(new byte[16]))), "no challenge");
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(challenge))), "the challenge of before");
    assertEquals(0x9000, status(terminal.readSigned(0)));
  }

  /** 6A83 is for who has the right; everyone else hears 6982, whether there is a record or not. */
  @Test
  void nothingIsRevealedWithoutTheRight() {
    for (int age = 0; age < 20; age++) {
      assertEquals(0x6982, status(terminal.read(age)));
      assertEquals(0x6982, status(card.send(0x16, age, 0, terminal.proof(terminal.challenge()))));
    }
    assertEquals(0x6A83, status(terminal.open(1)));
  }

  @Test
  void onlyTheLastChallengeIsOpen() {
    assertEquals(0x9000, terminal.present().statusWord());
    byte[] first = terminal.challenge();
    byte[] second = terminal.challenge();
    assertNotEquals(Bytes.hex(first), Bytes.hex(second));
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(first))));
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(second))));
  }

  @Test
  void theRightEndsWithSelectionCertificateAndAFailedTry() {
    assertEquals(0x9000, status(terminal.open(0)));
    assertEquals(0x9000, status(terminal.read(0)));
    card.select();
    assertEquals(0x6982, status(terminal.read(0)));

    assertEquals(0x9000, status(terminal.open(0)));
    assertEquals(0x9000, terminal.present().statusWord());
    assertEquals(0x6982, status(terminal.read(0)), "the same certificate presented again");

    byte[] challenge = terminal.challenge();
    assertEquals(0x9000, terminal.present().statusWord());
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(challenge))), "a challenge of before the certificate");

    assertEquals(0x9000, status(terminal.readSigned(0)));
    assertEquals(0x6982, status(card.send(0x16, 0, 0, terminal.proof(fill(9, 16)))));
    assertEquals(0x6982, status(terminal.read(0)), "a try that failed");

    assertEquals(0x9000, status(terminal.readSigned(0)));
    byte[] forged = join(terminal.certificate().encode(), new byte[64]);
    assertEquals(0x9E0B, card.send(0x18, 0, 0, forged).statusWord());
    assertEquals(0x9000, status(terminal.read(0)), "a certificate that was refused changes nothing");
    assertEquals(0x9000, status(terminal.readSigned(0)));
    terminal.challenge();
    assertEquals(0x9000, status(terminal.read(0)), "a new challenge leaves the right");
  }

  @Test
  void theRightIsToOnePayee() {
    card.expect(0x9000, card.pay(card.request(5).withPayee(fill(0xCD, 20))));
    LogTerminal other = LogTerminal.of(card, fill(0xCD, 20));
    assertEquals(0x9000, status(other.open(0)));
    assertEquals(0x6A83, status(other.read(1)));
    assertEquals(0x6982, status(terminal.read(1)));
  }

  @Test
  void aSuspendedAndATerminatedCardAreStillRead() {
    for (int state : new int[] {0x0B, 0x7F}) {
      TestCard ended = card.copy();
      ended.expect(0x9000, ended.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(state, 1))));
      ended.select();
      assertEquals(0x6982, status(terminal.with(ended).read(0)));
      assertEquals(0x9000, status(terminal.with(ended).open(0)));
      assertEquals(0x9000, status(terminal.with(ended).read(0)));
    }
  }

  /** A certificate is checked when it is presented; whether its key is a point shows when it is used. */
  @Test
  void aKeyThatIsNoPointVerifiesNothing() {
    byte[] noPoint = join(new byte[] {4}, fill(1, 64));
    assertEquals(0x9000, LogTerminal.present(card, terminal.certificate().withTerminalKey(noPoint)).statusWord());
    assertEquals(0x6982, status(terminal.readSigned(0)));
    assertEquals(0x9000, status(terminal.open(0)));
  }

  /** Chips have no transient public keys: only another terminal's key is written. */
  @Test
  void theSameTerminalWearsNothing() {
    assertEquals(0x9000, status(terminal.open(0)));
    long writes = card.card().events().count();
    for (int i = 0; i < 5; i++) assertEquals(0x9000, status(terminal.open(0)));
    assertEquals(writes, card.card().events().count());
    assertEquals(0x6A83, status(LogTerminal.of(card, fill(0xCD, 20)).open(0)));
    assertEquals(writes + 1, card.card().events().count());
    for (int i = 0; i < 5; i++) assertEquals(0x9000, terminal.present().statusWord());
    assertEquals(writes + 1, card.card().events().count(), "a certificate alone writes nothing");
  }

  @Test
  void aTearWhileTheKeyIsSetHeals() {
    for (boolean before : new boolean[] {true, false}) {
      TestCard torn = card.copy();
      LogTerminal reader = terminal.with(torn);
      assertEquals(0x9000, reader.present().statusWord());
      byte[] challenge = reader.challenge();
      torn.tearAt(1, before);
      assertEquals(null, torn.send(0x16, 0, 0, reader.proof(challenge)));
      torn.powerOn();
      assertEquals(0x6982, status(reader.read(0)));
      assertEquals(0x9000, status(reader.open(0)));
    }
  }

  /** The PIN and the issuer's channel read all; they neither need the certificate nor give its right. */
  @Test
  void thePinReadsAllWithoutACertificate() {
    TestCard withPin = TestCard.withPin();
    withPin.expect(0x9000, withPin.pay(withPin.request(3)));
    LogTerminal reader = terminal.with(withPin);
    RequestFields next = withPin.request(1);
    assertEquals(0x9000, withPin.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(withPin).verify(TestCard.PIN, next)).statusWord());
    assertEquals(0x9000, status(withPin.send(0x16, 0, 0, NONE)));
    assertEquals(0x9000, status(withPin.send(0x16, 0, 0, reader.proof(new byte[16]))), "what is not needed is not judged");
    withPin.select();
    assertEquals(0x6982, status(reader.read(0)));
  }

  @Test
  void readingChangesNothingOfThePayments() {
    byte[] money = card.money();
    byte[] slots = card.part("slots");
    terminal.open(0);
    terminal.read(3);
    assertArrayEquals(money, card.money());
    assertArrayEquals(slots, card.part("slots"));
  }
}
