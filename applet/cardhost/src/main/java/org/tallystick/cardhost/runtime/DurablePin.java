package org.tallystick.cardhost.runtime;

import java.util.Arrays;
import javacard.framework.OwnerPIN;
import javacard.framework.PINException;

/**
 * OwnerPIN with tries that survive a tear: the counter goes down before the comparison and is written outside any
 * transaction (JavaCard API 3.0.4, OwnerPIN.check). The rewriter puts it in the place of the simulator's own.
 */
public final class DurablePin extends OwnerPIN {
  private final byte tryLimit;
  private final byte[] value;
  private byte length;
  private byte tries;
  private boolean validated;

  public DurablePin(byte tryLimit, byte maxSize) {
    super(tryLimit, maxSize);
    this.tryLimit = tryLimit;
    value = new byte[maxSize];
    tries = tryLimit;
  }

  @Override
  public byte getTriesRemaining() {
    return tries;
  }

  @Override
  public boolean check(byte[] pin, short offset, byte pinLength) {
    validated = false;
    if (tries == 0) return false;
    Hooks.runtime().writeOutsideTransactions(() -> tries--);
    boolean same = pinLength == length && Arrays.equals(value, 0, length, pin, offset, offset + length);
    if (!same) return false;
    Hooks.runtime().writeOutsideTransactions(() -> tries = tryLimit);
    validated = true;
    return true;
  }

  @Override
  public boolean isValidated() {
    return validated;
  }

  @Override
  public void reset() {
    if (validated) resetAndUnblock();
  }

  @Override
  public void update(byte[] pin, short offset, byte pinLength) {
    if (pinLength > value.length) PINException.throwIt(PINException.ILLEGAL_VALUE);
    byte[] fresh = Arrays.copyOfRange(pin, offset, offset + pinLength);
    Hooks.runtime().writeOutsideTransactions(() -> {
      System.arraycopy(fresh, 0, value, 0, pinLength);
      length = pinLength;
      tries = tryLimit;
    });
    validated = false;
  }

  @Override
  public void resetAndUnblock() {
    validated = false;
    Hooks.runtime().writeOutsideTransactions(() -> tries = tryLimit);
  }

  byte[] save() {
    byte[] image = Arrays.copyOf(value, value.length + 2);
    image[value.length] = length;
    image[value.length + 1] = tries;
    return image;
  }

  void restore(byte[] image) {
    if (image.length != value.length + 2) throw new IllegalArgumentException("the stored PIN is of another applet build");
    System.arraycopy(image, 0, value, 0, value.length);
    length = image[value.length];
    tries = image[value.length + 1];
    validated = false;
  }
}
