package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.tallystick.cardhost.gp.Aes;

/** The terminal's end of one PIN session (spec §4.9). */
public final class PinTerminal {
  public static final int VERIFY = 0x20;
  public static final int CHANGE = 0x24;
  public static final int UNBLOCK = 0x2C;
  private static final SecureRandom RANDOM = new SecureRandom();
  private final Secp256k1.KeyPair key;
  private final byte[] session;
  private final byte[] shared;

  private PinTerminal(Secp256k1.KeyPair key, byte[] session) {
    this.key = key;
    this.session = session;
    shared = key.agree(slice(session, session.length - 65, 65));
  }

  /** A terminal with a known secret in a session given by its TLYE. */
  public static PinTerminal of(byte[] session, BigInteger secret) {
    return new PinTerminal(new Secp256k1.KeyPair(secret), session);
  }

  /** PIN SESSION; the card's signature over TLYE is checked. */
  public static PinTerminal open(TestCard card) {
    PinTerminal terminal = tryOpen(card);
    if (terminal == null) throw new AssertionError("PIN SESSION was torn");
    return terminal;
  }

  /** The same, or null when the power went. */
  public static PinTerminal tryOpen(TestCard card) {
    byte[] challenge = new byte[16];
    RANDOM.nextBytes(challenge);
    Response answer = card.send(0x1A, 0, 0, challenge);
    if (answer == null) return null;
    card.expect(0x9000, answer);
    byte[] ephemeral = slice(answer.data(), 0, 65);
    byte[] session = join(ascii("TLYE"), TestCard.DOMAIN, challenge, ephemeral);
    byte[] der = slice(answer.data(), 65, answer.data().length - 65);
    if (!Secp256k1.verifies(card.publicKey, der, session)) throw new AssertionError("TLYE is not signed by the card");
    return new PinTerminal(Secp256k1.KeyPair.random(RANDOM), session);
  }

  /** The same, or null when the applet is not selected or refuses a session in its state. */
  public static PinTerminal orNull(TestCard card) {
    int state = card.part("life")[0];
    return card.card().runtime().hasSelectedApplet() && (state == 0x07 || state == 0x0B) ? open(card) : null;
  }

  private byte[] derive(int label) {
    return slice(Bytes.sha256(shared, session, key.publicKey(), new byte[] {(byte) label}), 0, 16);
  }

  /** Command data: terminal key ‖ clear ‖ cryptogram ‖ MAC. */
  public byte[] protect(int instruction, byte[] clear, byte[] block) {
    byte[] cryptogram = Aes.encrypt(derive(1), new byte[16], block);
    byte[] mac = slice(Aes.cmac(derive(2), join(new byte[] {(byte) instruction}, clear, cryptogram)), 0, 8);
    return join(key.publicKey(), clear, cryptogram, mac);
  }

  public byte[] verify(String pin, RequestFields request) {
    return verify(pin, Bytes.sha256(request.encode()));
  }

  public byte[] verify(String pin, byte[] hash) {
    return protect(VERIFY, hash, join(block(pin), slice(hash, 0, 8)));
  }

  public byte[] replace(int instruction, String secret, String pin) {
    return protect(instruction, new byte[0], join(block(secret), block(pin)));
  }

  /** ISO 9564-1 format 2. */
  public static byte[] block(String digits) {
    return hex(String.format("2%x", digits.length()) + digits + "f".repeat(14 - digits.length()));
  }
}
