package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

/** What a terminal makes of a request and PAY's answer: D and M rebuilt from fields, never copied from the card. */
public record VoucherFields(RequestFields request, long counter, long spent, long seq, int cvm, int flags, byte[] link, byte[] der) {

  public static VoucherFields of(RequestFields request, byte[] answer) {
    return new VoucherFields(request, number(answer, 0, 4), number(answer, 4, 6), number(answer, 10, 4), answer[14], answer[15],
        slice(answer, 16, 32), slice(answer, 48, answer.length - 48));
  }

  public byte[] context() {
    return join(ascii("TLYC"), request.challenge(), request.terminalId(), number(request.time(), 4), number(spent, 6), number(seq, 4),
        number(request.category(), 1), number(cvm, 1), number(flags, 1), link);
  }

  public byte[] message() {
    return join(ascii("TLY1"), TestCard.DOMAIN, request.payee(), number(counter, 4), number(request.amount(), 6),
        slice(Bytes.sha256(context()), 0, 20));
  }

  public boolean verifies(byte[] publicKey) {
    return Secp256k1.verifies(publicKey, der, message());
  }
}
