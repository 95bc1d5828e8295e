package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import java.security.SecureRandom;

/** A PAY request (67), field by field (spec §4.5). */
public record RequestFields(
    byte[] cardTag, long counter, byte[] payee, long amount, long time, byte[] challenge, byte[] terminalId, int category) {
  public static final long TIME = 1_700_000_000L;
  private static final SecureRandom RANDOM = new SecureRandom();

  public static RequestFields of(byte[] cardTag, long counter, long amount) {
    byte[] challenge = new byte[16];
    RANDOM.nextBytes(challenge);
    return new RequestFields(cardTag, counter, TestCard.PAYEE, amount, TIME, challenge, TestCard.TERMINAL, 5);
  }

  public byte[] encode() {
    return join(cardTag, number(counter, 4), payee, number(amount, 6), number(time, 4), challenge, terminalId, number(category, 1));
  }

  public RequestFields withCardTag(byte[] value) {
    return new RequestFields(value, counter, payee, amount, time, challenge, terminalId, category);
  }

  public RequestFields withCounter(long value) {
    return new RequestFields(cardTag, value, payee, amount, time, challenge, terminalId, category);
  }

  public RequestFields withPayee(byte[] value) {
    return new RequestFields(cardTag, counter, value, amount, time, challenge, terminalId, category);
  }

  public RequestFields withAmount(long value) {
    return new RequestFields(cardTag, counter, payee, value, time, challenge, terminalId, category);
  }

  public RequestFields withTime(long value) {
    return new RequestFields(cardTag, counter, payee, amount, value, challenge, terminalId, category);
  }

  public RequestFields withCategory(int value) {
    return new RequestFields(cardTag, counter, payee, amount, time, challenge, terminalId, value);
  }
}
