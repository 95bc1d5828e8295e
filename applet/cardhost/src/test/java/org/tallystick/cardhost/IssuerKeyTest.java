package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.join;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.TestCard;

/** DGI 7F03 (spec §4.7): only a point of the curve becomes the issuer's key. */
class IssuerKeyTest {
  static Stream<byte[]> noPoints() {
    byte[] beside = TestCard.personalized().issuer.publicKey();
    beside[64] ^= 0x01;
    byte[] fieldOverflow = join(new byte[] {0x04}, fill(0xFF, 32), fill(0x01, 32));
    return Stream.of(beside, fieldOverflow, join(new byte[] {0x04}, new byte[64]), join(new byte[] {0x06}, fill(0x01, 64)));
  }

  @ParameterizedTest
  @MethodSource("noPoints")
  void whatIsNoPointIsRefusedAndTheOldKeyStays(byte[] noPoint) {
    TestCard card = TestCard.personalized();
    HostChannel host = card.channel();
    byte[] before = card.fingerprint();
    assertEquals(0x6A80, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F03, join(new byte[] {2}, noPoint))).statusWord());
    assertArrayEquals(before, card.fingerprint());
    card.update(AllowanceFields.standard().withSeq(9));
  }

  @Test
  void aCardWithoutAnIssuerKeyTakesNothing() {
    TestCard card = TestCard.installed();
    HostChannel host = card.channel();
    card.expect(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, TestCard.DOMAIN)));
    assertEquals(0x6985, host.send(0x14, 0, 0, new byte[126]).statusWord());
  }
}
