package org.tallystick.cardhost.testing;

import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;

/** Everything that an applet must not do, for the test of the check: nobody runs it. */
public final class InconvertibleApplet {
  static short COUNTER = 1;
  static final byte[] table = {1, 2, 3};
  private int total;

  short addWide(int[] numbers) {
    int sum = total;
    for (int number : numbers) sum += number;
    long wide = sum;
    return (short) wide;
  }

  char letter() {
    return 'a';
  }

  Object allocates() {
    byte[] later = new byte[4];
    byte[] ram = JCSystem.makeTransientByteArray((short) later.length, JCSystem.CLEAR_ON_DESELECT);
    return ram.length == 0 ? new Object() : later;
  }

  /** A member of the simulator's API that cards of 3.0.4 do not have. */
  boolean later(OwnerPIN pin) {
    return pin.isValidated();
  }

  int constant(short value) {
    return value + 70_000;
  }

  Runnable lambda() {
    return () -> total++;
  }
}
