package org.tallystick.cardhost.fuzz;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.util.Arrays;
import org.tallystick.cardhost.runtime.Operation;
import org.tallystick.cardhost.runtime.OperationListener;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.TestCard;

/** Checks every message the card's key signs, sent or not: it must be one of four objects, built from the record. */
final class SignatureWatch implements OperationListener {
  private final TestCard card;
  private long signatures;

  SignatureWatch(TestCard card) {
    this.card = card;
  }

  long signatures() {
    return signatures;
  }

  @Override
  public void on(Operation operation, int bytes) {}

  @Override
  public void onSigning(byte[] message) {
    signatures++;
    require(Arrays.equals(TestCard.DOMAIN, slice(message, 4, 28)), "another domain", message);
    switch (new String(message, 0, 4, java.nio.charset.StandardCharsets.US_ASCII)) {
      case "TLY1" -> require(isRecorded(message), "a voucher that is not on record", message);
      case "TLYP" -> require(message.length == 95 && Arrays.equals(state(), slice(message, 48, 47)), "a state that is not the card's", message);
      case "TLYO" -> require(message.length == 52 && Arrays.equals(TestCard.OWNER, slice(message, 32, 20)), "another owner", message);
      case "TLYE" -> require(message.length == 113 && message[48] == 4, "a session without a key", message);
      default -> require(false, "an unknown object", message);
    }
  }

  /** counter 4 ‖ spent 6 ‖ seq 4 ‖ state 1 ‖ head 32 from the card's memory. */
  private byte[] state() {
    byte[] money = card.money();
    return join(slice(money, 0, 10), slice(card.part("allowance"), 1, 4), slice(card.part("life"), 0, 1), slice(money, 17, 32));
  }

  private boolean isRecorded(byte[] message) {
    byte[] slots = card.part("slots");
    int slot = (int) Bytes.number(message, 52, 4) & 0x0F;
    byte[] record = slice(slots, slot * 216, 143);
    byte[] context = join(ascii("TLYC"), slice(record, 42, 16), slice(record, 58, 8), slice(record, 38, 4), slice(record, 67, 6), slice(record, 73, 4),
        slice(record, 66, 1), slice(record, 77, 1), slice(record, 78, 1), slice(record, 79, 32));
    byte[] rebuilt = join(ascii("TLY1"), TestCard.DOMAIN, slice(record, 12, 20), slice(record, 8, 4), slice(record, 32, 6), slice(Bytes.sha256(context), 0, 20));
    return Arrays.equals(message, rebuilt) && Arrays.equals(Bytes.sha256(message), slice(record, 111, 32));
  }

  private static void require(boolean good, String fault, byte[] message) {
    if (!good) throw new AssertionError("the card signs " + fault + ": " + Bytes.hex(message));
  }
}
