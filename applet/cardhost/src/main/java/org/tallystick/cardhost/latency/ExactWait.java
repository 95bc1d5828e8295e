package org.tallystick.cardhost.latency;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Waits for one moment and not for a while after it: a parked thread wakes up late by the timer's slack and by whatever
 * else the processor runs, so the last stretch is spent awake.
 */
public final class ExactWait {
  /** Longer than a busy machine's usual lateness; short beside the 7.5 ms and more that any command of a modelled chip takes. */
  static final long AWAKE_NANOS = 2_000_000;

  private final LongSupplier clock;
  private final LongConsumer park;

  ExactWait(LongSupplier clock, LongConsumer park) {
    this.clock = clock;
    this.park = park;
  }

  public ExactWait() {
    this(System::nanoTime, LockSupport::parkNanos);
  }

  /** Answers at {@code dueNanos} of {@link System#nanoTime}, or at once where that has passed. */
  public void until(long dueNanos) {
    for (long left = dueNanos - clock.getAsLong(); left > 0; left = dueNanos - clock.getAsLong()) {
      if (left > AWAKE_NANOS) park.accept(left - AWAKE_NANOS);
      else Thread.onSpinWait();
    }
  }
}
