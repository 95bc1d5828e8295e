package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.security.SecureRandom;
import org.tallystick.cardhost.gp.Aes;

/** The terminal's end of one PIN session (spec §4.9). */
public final class PinTerminal {
  public static final int VERIFY = 0x20;
  public static final int CHANGE = 0x24;
  public static final int UNBLOCK = 0x2C;
  private static final SecureRandom RANDOM = new SecureRandom();
  private final Secp256k1.KeyPair key = Secp256k1.KeyPair.random(RANDOM);
  private final byte[] challenge = new byte[16];
  private byte[] session;
  private byte[] shared;

  private PinTerminal() {
    RANDOM.nextBytes(challenge);
  }

  /** PIN SESSION; the card's signature over TLYE is checked. */
  public static PinTerminal open(TestCard card) {
    PinTerminal terminal = tryOpen(card);
    if (terminal == null) throw new AssertionError("PIN SESSION was torn");
    return terminal;
  }

  /** The same, or null when the power went. */
  public static PinTerminal tryOpen(TestCard card) {
    PinTerminal terminal = new PinTerminal();
    Response answer = card.send(0x1A, 0, 0, terminal.challenge);
    if (answer == null) return null;
    card.expect(0x9000, answer);
    byte[] ephemeral = slice(answer.data(), 0, 65);
    terminal.session = join(ascii("TLYE"), TestCard.DOMAIN, terminal.challenge, ephemeral);
    byte[] der = slice(answer.data(), 65, answer.data().length - 65);
    if (!Secp256k1.verifies(card.publicKey, der, terminal.session)) throw new AssertionError("TLYE is not signed by the card");
    terminal.shared = terminal.key.agree(ephemeral);
    return terminal;
  }

  /** The same, or null when the card refuses a session in its state. */
  public static PinTerminal orNull(TestCard card) {
    int state = card.part("life")[0];
    return state == 0x07 || state == 0x0B ? open(card) : null;
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
    byte[] hash = Bytes.sha256(request.encode());
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
