package org.tallystick.cardhost.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** On a clock of the test's own: parked well before the moment, awake at it. */
class ExactWaitTest {
  private static final long STEP_NANOS = 1_000;
  private final List<Long> parked = new ArrayList<>();
  private long now = Long.MAX_VALUE - 5_000_000;

  private ExactWait sleeping(LongUnaryOperator slept) {
    return new ExactWait(() -> now += STEP_NANOS, nanos -> {
      parked.add(nanos);
      now += slept.applyAsLong(nanos);
    });
  }

  @Test
  void isAwakeWhenTheMomentComes() {
    long due = now + 40_000_000;
    sleeping(asked -> asked + ExactWait.AWAKE_NANOS / 2).until(due);
    assertEquals(List.of(40_000_000 - STEP_NANOS - ExactWait.AWAKE_NANOS), parked);
    assertTrue(now - due >= 0 && now - due <= STEP_NANOS, "late by " + (now - due));
  }

  @Test
  void parksAgainWhenItWokeUpTooEarly() {
    long due = now + 40_000_000;
    sleeping(asked -> asked / 2 + 1).until(due);
    assertTrue(parked.size() > 1);
    assertTrue(now - due >= 0);
  }

  @Test
  void neverParksForAMomentThatHasPassed() {
    long before = now;
    sleeping(asked -> asked).until(now - 1);
    sleeping(asked -> asked).until(now + STEP_NANOS / 2);
    assertEquals(List.of(), parked);
    assertEquals(before + 2 * STEP_NANOS, now);
  }
}
