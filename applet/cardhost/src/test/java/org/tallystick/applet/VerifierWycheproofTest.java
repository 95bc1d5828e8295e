package org.tallystick.applet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.TreeSet;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.WycheproofFile;

/** The applet's own verifier, on the simulator's ECDSA, against every r ‖ s of Wycheproof. */
class VerifierWycheproofTest {
  private final Ram ram = new Ram();
  private final Verifier verifier = new Verifier(ram);

  @Test
  void verifiesExactlyWhatIsValidWithLowS() {
    List<WycheproofFile.Case> cases = new WycheproofFile("p1363").cases();
    assertEquals(252, cases.size());
    TreeSet<Integer> wrong = new TreeSet<>();
    int valid = 0;
    for (WycheproofFile.Case one : cases) {
      // A command of another length is refused before anything is verified (spec §4.6).
      if (one.signature().length != Verifier.SIGNATURE_LENGTH) {
        assertFalse(one.valid());
        continue;
      }
      boolean expected = one.valid() && !one.hasHighS();
      if (expected) valid++;
      if (verifies(one, one.signature()) != expected) wrong.add(one.tcId());
      if (verifies(one, one.withLowS()) != one.valid()) wrong.add(one.tcId());
    }
    assertEquals(new TreeSet<>(), wrong);
    assertEquals(95, valid);
  }

  private boolean verifies(WycheproofFile.Case one, byte[] signature) {
    ECPublicKey key = (ECPublicKey) KeyBuilder.buildKey(KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
    Curve.setParameters(key, new byte[Curve.POINT_LENGTH]);
    key.setW(one.publicKey(), (short) 0, Curve.POINT_LENGTH);
    byte[] message = one.message();
    return verifier.verify(key, message, (short) 0, (short) message.length, signature, (short) 0);
  }
}
