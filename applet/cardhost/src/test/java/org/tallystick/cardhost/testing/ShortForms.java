package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

/** The short forms as a terminal uses them that has met the card before (spec §4.4, §4.5). */
public final class ShortForms {
  public static final int SELECT_P2 = 0x04;
  public static final int PAY_P2 = 0x01;

  private ShortForms() {}

  /** SELECT of an instance with any P2. */
  public static Response select(TestCard card, byte[] aid, int p2) {
    return card.send(join(hex("00a404"), number(p2, 1), number(aid.length, 1), aid, hex("00")));
  }

  public static Response select(TestCard card) {
    return select(card, TestCard.AID, SELECT_P2);
  }

  public static Response pay(TestCard card, RequestFields request) {
    return card.send(0x10, 0, PAY_P2, request.encode());
  }

  /** The short answer to SELECT, taken out of the long one (234 bytes) field by field. */
  public static byte[] ofLongSelect(byte[] answer) {
    return join(hex("6241853f"), slice(answer, 16, 2), slice(answer, 18, 8), slice(answer, 60, 4), slice(answer, 185, 49));
  }

  /** The short answer to PAY, taken out of the long one. */
  public static byte[] ofLongPay(byte[] answer) {
    return join(slice(answer, 14, 2), slice(answer, 48, answer.length - 48));
  }

  /** The voucher as a terminal makes it of a request, the short SELECT answer (67) before it, and PAY's short answer. */
  public static VoucherFields voucher(RequestFields request, byte[] select, byte[] answer) {
    long counter = number(select, 18, 4) + 1;
    long spent = number(select, 22, 6) + request.amount();
    return new VoucherFields(request, counter, spent, number(select, 14, 4), answer[0], answer[1], slice(select, 35, 32),
        slice(answer, 2, answer.length - 2));
  }
}
