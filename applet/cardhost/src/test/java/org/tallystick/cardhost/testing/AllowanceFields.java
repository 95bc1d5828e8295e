package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

/** An allowance body (62), field by field (spec §3.3). */
public record AllowanceFields(
    int keyId, long seq, long maxSpent, long softSpent, long maxCounter, long perTap, long pinAbove, long noPinSum,
    int noPinCount, long notBefore, long notAfter, long cardIndex, long categories, int flags) {

  /** Wide caps: a test narrows what it is about. */
  public static AllowanceFields standard() {
    return new AllowanceFields(1, 1, 1_000_000, 900_000, 1_000, 50_000, 50_000, 1_000_000, 255, 1_000, 2_000_000_000L, 7, -1L, 0);
  }

  public byte[] encode() {
    return join(number(keyId, 1), number(seq, 4), number(maxSpent, 6), number(softSpent, 6), number(maxCounter, 4), number(perTap, 6),
        number(pinAbove, 6), number(noPinSum, 6), number(noPinCount, 1), number(notBefore, 4), number(notAfter, 4), number(cardIndex, 4),
        number(categories, 8), number(flags, 2));
  }

  public AllowanceFields withKeyId(int value) {
    return new AllowanceFields(value, seq, maxSpent, softSpent, maxCounter, perTap, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, categories, flags);
  }

  public AllowanceFields withSeq(long value) {
    return new AllowanceFields(keyId, value, maxSpent, softSpent, maxCounter, perTap, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, categories, flags);
  }

  public AllowanceFields withMaxSpent(long value) {
    return new AllowanceFields(keyId, seq, value, softSpent, maxCounter, perTap, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, categories, flags);
  }

  public AllowanceFields withMaxCounter(long value) {
    return new AllowanceFields(keyId, seq, maxSpent, softSpent, value, perTap, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, categories, flags);
  }

  public AllowanceFields withPerTap(long value) {
    return new AllowanceFields(keyId, seq, maxSpent, softSpent, maxCounter, value, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, categories, flags);
  }

  public AllowanceFields withPin(long above, long sum, int count) {
    return new AllowanceFields(keyId, seq, maxSpent, softSpent, maxCounter, perTap, above, sum, count, notBefore, notAfter, cardIndex, categories, flags);
  }

  public AllowanceFields withValidity(long from, long to) {
    return new AllowanceFields(keyId, seq, maxSpent, softSpent, maxCounter, perTap, pinAbove, noPinSum, noPinCount, from, to, cardIndex, categories, flags);
  }

  public AllowanceFields withCategories(long value) {
    return new AllowanceFields(keyId, seq, maxSpent, softSpent, maxCounter, perTap, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, value, flags);
  }

  public AllowanceFields withFlags(int value) {
    return new AllowanceFields(keyId, seq, maxSpent, softSpent, maxCounter, perTap, pinAbove, noPinSum, noPinCount, notBefore, notAfter, cardIndex, categories, value);
  }
}
