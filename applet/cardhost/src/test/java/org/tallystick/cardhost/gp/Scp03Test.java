package org.tallystick.cardhost.gp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.slice;

import org.junit.jupiter.api.Test;

/** Public vectors: RFC 4493 for CMAC; Samsung OpenSCP-Java (Apache-2.0), SCP03 AES-128 S8, level 33, i = 70. */
class Scp03Test {
  private static final byte[] RFC_KEY = hex("2b7e151628aed2a6abf7158809cf4f3c");
  private static final KeySet KEYS = new KeySet((byte) 0x30, hex("1D72CD9283FD55162722C6BEAA4DC187"),
      hex("F4932BA02FFC3098D172790099D28382"), hex("B4BDC610C3F6793708FF1132E2C5BF60"));
  private static final byte[] HOST_CHALLENGE = hex("06F85B77251BF794");
  private static final byte[] INITIALIZE_UPDATE = hex("A1A012430585513120853003709CE033FA78E6B10DDC2DBE8974C8B0DE00082A");
  private static final byte[] CARD_CHALLENGE = slice(INITIALIZE_UPDATE, 13, 8);
  private static final byte[] EXTERNAL_AUTHENTICATE = hex("8482330010B08D6CE26B6CB3CCB411CF0296EB7B1D");
  private static final byte[] GET_STATUS = hex("84F22000185230BA64388B4A40E0B4DA5CC1DF51C285E4020D99D5AED1");

  @Test
  void cmacIsRfc4493() {
    assertArrayEquals(hex("bb1d6929e95937287fa37d129b756746"), Aes.cmac(RFC_KEY, new byte[0]));
    assertArrayEquals(hex("070a16b46b4d4144f79bdd9dd04a287c"), Aes.cmac(RFC_KEY, hex("6bc1bee22e409f96e93d7e117393172a")));
    assertArrayEquals(hex("dfa66747de9ae63030ca32611497c827"), Aes.cmac(RFC_KEY,
        hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411")));
    assertArrayEquals(hex("51f0bebf7e3b9d92fc49741779363cfe"), Aes.cmac(RFC_KEY,
        hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")));
  }

  @Test
  void sessionKeysAreThePublicOnes() {
    assertArrayEquals(hex("45AA38361C2D05306C4203B11A743AD9"), Scp03.derive(KEYS.enc(), Scp03.S_ENC, 128, HOST_CHALLENGE, CARD_CHALLENGE));
    assertArrayEquals(hex("30BA0D745A51F10D717A086C11EE1FA0"), Scp03.derive(KEYS.mac(), Scp03.S_MAC, 128, HOST_CHALLENGE, CARD_CHALLENGE));
    assertArrayEquals(hex("B72AF42E308A2E2CAAB8983CA7228778"), Scp03.derive(KEYS.mac(), Scp03.S_RMAC, 128, HOST_CHALLENGE, CARD_CHALLENGE));
  }

  @Test
  void theCardsEndAcceptsThePublicSession() {
    Scp03Session session = new Scp03Session(KEYS, HOST_CHALLENGE, CARD_CHALLENGE);
    assertArrayEquals(slice(INITIALIZE_UPDATE, 21, 8), session.cardCryptogram());
    assertTrue(session.authenticate(EXTERNAL_AUTHENTICATE, 0x33));
    assertArrayEquals(hex("80F22000024F00"), session.unwrap(GET_STATUS));
  }

  @Test
  void refusesAForgedHostAndAForgedCommand() {
    for (int i = 0; i < EXTERNAL_AUTHENTICATE.length; i++) {
      if (i == 4) continue;
      byte[] forged = EXTERNAL_AUTHENTICATE.clone();
      forged[i] ^= 0x01;
      assertFalse(new Scp03Session(KEYS, HOST_CHALLENGE, CARD_CHALLENGE).authenticate(forged, 0x33), "byte " + i);
    }
    for (int i = 0; i < GET_STATUS.length; i++) {
      Scp03Session session = new Scp03Session(KEYS, HOST_CHALLENGE, CARD_CHALLENGE);
      assertTrue(session.authenticate(EXTERNAL_AUTHENTICATE, 0x33));
      byte[] forged = GET_STATUS.clone();
      forged[i] ^= 0x01;
      assertNull(session.unwrap(forged), "byte " + i);
    }
  }

  @Test
  void aCommandIsNotTakenTwice() {
    Scp03Session session = new Scp03Session(KEYS, HOST_CHALLENGE, CARD_CHALLENGE);
    assertTrue(session.authenticate(EXTERNAL_AUTHENTICATE, 0x33));
    assertNotNull(session.unwrap(GET_STATUS));
    assertNull(session.unwrap(GET_STATUS));
  }

  @Test
  void checkValuesAreAesOverOnes() {
    assertArrayEquals(hex("504a77"), Scp03.keyCheckValue(hex("404142434445464748494a4b4c4d4e4f")));
    assertEquals(3, Scp03.keyCheckValue(new byte[16]).length);
  }
}
