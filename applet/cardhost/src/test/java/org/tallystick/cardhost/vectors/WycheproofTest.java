package org.tallystick.cardhost.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.WycheproofFile;

/** The reader of the card's DER, and the verifier with which these tests judge the card, against every DER case of Wycheproof. */
class WycheproofTest {
  @Test
  void everyDerCase() {
    assertEquals(Set.of(), wrong(new WycheproofFile("der"), 476, WycheproofTest::verifies));
  }

  /** The card may answer with a high s (spec §3.0); where s has to be low, the cases of Bitcoin are the right ones. */
  @Test
  void everyBitcoinCaseWithLowS() {
    assertEquals(Set.of(), wrong(new WycheproofFile("bitcoin"), 463, one -> verifies(one) && hasLowS(one)));
    // 1 and 388 are valid but for a high s.
    assertEquals(Set.of(1, 388), wrong(new WycheproofFile("bitcoin"), 463, WycheproofTest::verifies));
  }

  private static Set<Integer> wrong(WycheproofFile file, int count, Predicate<WycheproofFile.Case> verdict) {
    assertEquals(count, file.cases().size());
    Set<Integer> wrong = new TreeSet<>();
    for (WycheproofFile.Case one : file.cases()) if (verdict.test(one) != one.valid()) wrong.add(one.tcId());
    return wrong;
  }

  private static boolean verifies(WycheproofFile.Case one) {
    try {
      return Secp256k1.verifies(one.publicKey(), one.signature(), one.message());
    } catch (IllegalArgumentException notTheOneForm) {
      return false;
    }
  }

  private static boolean hasLowS(WycheproofFile.Case one) {
    BigInteger s = Secp256k1.parseDer(one.signature())[1];
    return s.compareTo(Secp256k1.N.shiftRight(1)) <= 0;
  }
}
