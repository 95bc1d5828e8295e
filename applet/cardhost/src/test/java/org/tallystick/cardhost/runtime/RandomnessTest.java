package org.tallystick.cardhost.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** The simulator's own generator is seeded with zeros: equal keys on every card, equal r in every signature. */
class RandomnessTest {
  private static final int CARDS = 12;
  private static final int SIGNATURES = 40;

  @Test
  void everyCardMakesItsOwnKey() {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < CARDS; i++) keys.add(Bytes.hex(TestCard.stored().publicKey));
    assertEquals(CARDS, keys.size());
  }

  @Test
  void noTwoSignaturesShareTheirNonce() {
    TestCard card = TestCard.stored();
    Set<BigInteger> nonces = new HashSet<>();
    for (int i = 0; i < SIGNATURES; i++) {
      Response proof = card.send(0x12, 0, 0, new byte[16]);
      byte[] der = Bytes.slice(proof.data(), 47, proof.data().length - 47);
      assertTrue(nonces.add(Secp256k1.parseDer(der)[0]), "the same r twice");
    }
  }

  @Test
  void keysMadeAgainAndAgainOnOneCardAllSign() {
    TestCard card = TestCard.installed();
    for (int i = 0; i < 400; i++) {
      TestCard fresh = card.copy();
      fresh.store();
      byte[] proof = fresh.send(0x12, 0, 0, new byte[16]).data();
      byte[] shown = Bytes.slice(proof, 0, 47);
      byte[] der = Bytes.slice(proof, 47, proof.length - 47);
      assertTrue(Secp256k1.verifies(fresh.publicKey, der, Bytes.ascii("TLYP"), TestCard.DOMAIN, new byte[16], shown));
    }
  }
}
