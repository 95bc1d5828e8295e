package org.tallystick.cardhost.runtime;

import java.util.Arrays;
import javacard.framework.OwnerPIN;
import javacard.framework.PINException;

/**
 * OwnerPIN as the JavaCard API 3.0.4 describes it: {@code check} counts a try down before it compares, outside any
 * transaction, so that no tear gives one back; {@code update} takes part in the transaction. The rewriter puts it in the
 * place of the simulator's own.
 */
public final class DurablePin extends OwnerPIN {
  private final byte tryLimit;
  private final int size;
  /** value, its length, tries left */
  private final byte[] memory;
  private boolean validated;

  public DurablePin(byte tryLimit, byte maxSize) {
    super(tryLimit, maxSize);
    this.tryLimit = tryLimit;
    size = maxSize;
    memory = new byte[maxSize + 2];
    memory[maxSize + 1] = tryLimit;
  }

  /** What survives without power: value, length, tries left. */
  byte[] memory() {
    return memory;
  }

  @Override
  public byte getTriesRemaining() {
    return memory[size + 1];
  }

  @Override
  public boolean check(byte[] pin, short offset, byte length) {
    validated = false;
    if (getTriesRemaining() == 0) return false;
    setTries(getTriesRemaining() - 1);
    if (length != memory[size] || !Arrays.equals(memory, 0, length, pin, offset, offset + length)) return false;
    setTries(tryLimit);
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
  public void update(byte[] pin, short offset, byte length) {
    if (length > size) PINException.throwIt(PINException.ILLEGAL_VALUE);
    byte[] fresh = new byte[size + 2];
    System.arraycopy(pin, offset, fresh, 0, length);
    fresh[size] = length;
    fresh[size + 1] = tryLimit;
    Hooks.runtime().writeArray(memory, 0, memory.length, () -> System.arraycopy(fresh, 0, memory, 0, fresh.length));
    validated = false;
  }

  @Override
  public void resetAndUnblock() {
    validated = false;
    setTries(tryLimit);
  }

  private void setTries(int tries) {
    Hooks.runtime().writeOutsideTransactions(memory, () -> memory[size + 1] = (byte) tries);
  }
}
