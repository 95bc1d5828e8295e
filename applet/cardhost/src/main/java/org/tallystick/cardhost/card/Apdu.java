package org.tallystick.cardhost.card;

import java.util.Arrays;

/** The four cases of a command APDU, short and extended (ISO 7816-4 §5.1). */
final class Apdu {
  private static final int HEADER = 4;

  private Apdu() {}

  /** Whether header, Lc, data and Le fit the bytes there are. */
  static boolean isWellFormed(byte[] command) {
    if (command.length < HEADER) return false;
    if (command.length <= HEADER + 1) return true;
    int lc = command[HEADER] & 0xFF;
    if (lc != 0) return command.length == HEADER + 1 + lc || command.length == HEADER + 2 + lc;
    if (command.length == HEADER + 3) return true;
    if (command.length < HEADER + 4) return false;
    int extended = (command[HEADER + 1] & 0xFF) << 8 | command[HEADER + 2] & 0xFF;
    return extended != 0 && (command.length == HEADER + 3 + extended || command.length == HEADER + 5 + extended);
  }

  static boolean isExtended(byte[] command) {
    return command.length > HEADER + 1 && command[HEADER] == 0;
  }

  /** A short command as header, Lc and data: Le cut off, Lc 0 where there is no data. */
  static byte[] withoutLe(byte[] command) {
    if (command.length <= HEADER + 1) return Arrays.copyOf(Arrays.copyOf(command, HEADER), HEADER + 1);
    return Arrays.copyOf(command, HEADER + 1 + (command[HEADER] & 0xFF));
  }
}
