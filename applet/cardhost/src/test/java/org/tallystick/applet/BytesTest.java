package org.tallystick.applet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unsigned numbers two bytes at a time, held against the platform's own arithmetic at the edges of each pair. */
class BytesTest {
  private static final long[] EDGES = {0, 1, 0x00FF, 0x0100, 0x7FFF, 0x8000, 0xFFFF};
  /** What stands around a number in its array must neither count nor change. */
  private static final byte[] MARGIN = hex("a5ff5a");

  private static List<Long> numbers(int length) {
    List<Long> numbers = new ArrayList<>(List.of(0L));
    for (int pair = 0; pair < length / 2; pair++) {
      List<Long> longer = new ArrayList<>();
      for (long number : numbers) for (long edge : EDGES) longer.add(number << 16 | edge);
      numbers = longer;
    }
    return numbers;
  }

  private static byte[] inMargins(long number, int length) {
    return join(MARGIN, number(number, length), MARGIN);
  }

  @ParameterizedTest
  @ValueSource(shorts = {4, 6})
  void isAboveComparesUnsigned(short length) {
    for (long a : numbers(length)) {
      for (long b : numbers(length)) {
        assertEquals(a > b, Bytes.isAbove(inMargins(a, length), (short) 3, join(hex("00"), number(b, length), MARGIN), (short) 1, length), () -> a + " > " + b);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(shorts = {4, 6})
  void addKeepsWhatFitsAndSaysWhatDoesNot(short length) {
    long limit = 1L << 8 * length;
    for (long a : numbers(length)) {
      for (long b : numbers(length)) {
        byte[] sum = inMargins(a, length);
        boolean overflow = Bytes.add(sum, (short) 3, join(hex("00"), number(b, length), MARGIN), (short) 1, length);
        assertEquals(a + b >= limit, overflow, () -> a + " + " + b);
        assertArrayEquals(inMargins((a + b) % limit, length), sum, () -> a + " + " + b);
      }
    }
  }

  @Test
  void incrementSaysWhenThereIsNoRoom() {
    for (long number : numbers(4)) {
      byte[] next = inMargins(number, 4);
      assertEquals(number == 0xFFFF_FFFFL, Bytes.increment(next, (short) 3, (short) 4), () -> "" + number);
      assertArrayEquals(inMargins((number + 1) % (1L << 32), 4), next);
    }
  }

  @Test
  void isZeroSeesEveryByte() {
    byte[] zeros = join(MARGIN, new byte[20], MARGIN);
    assertTrue(Bytes.isZero(zeros, (short) 3, (short) 20));
    for (int i = 0; i < 20; i++) {
      byte[] one = zeros.clone();
      one[3 + i] = (byte) 0x80;
      assertFalse(Bytes.isZero(one, (short) 3, (short) 20), "byte " + i);
    }
  }
}
