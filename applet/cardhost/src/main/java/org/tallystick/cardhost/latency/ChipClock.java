package org.tallystick.cardhost.latency;

import java.util.LinkedHashMap;
import java.util.Map;

/** The time of one chip on one link: what a command takes, and what a tap has taken since its SELECT. */
public final class ChipClock {
  private static final long NANOS_PER_MS = 1_000_000;

  private final LatencyProfile profile;
  private final Link link;
  private final Map<String, Range> tap = new LinkedHashMap<>();

  public ChipClock(LatencyProfile profile, Link link) {
    this.profile = profile;
    this.link = link;
  }

  public LatencyProfile profile() {
    return profile;
  }

  public Link link() {
    return link;
  }

  /** What a command takes, by cause; it is added to the tap, which a SELECT begins. */
  public Map<String, Range> add(CountedCommand command) {
    Map<String, Range> account = command.price(profile, link);
    if (command.selects()) tap.clear();
    account.forEach((cause, range) -> tap.merge(cause, range, Range::plus));
    return account;
  }

  /** The account since the last SELECT. */
  public Map<String, Range> tap() {
    return new LinkedHashMap<>(tap);
  }

  /**
   * When the answer of a command is due that arrived at {@code arrivedNanos}, both on the clock of {@link System#nanoTime}.
   * A card that waits takes the middle of its range: a terminal is neither flattered nor held up by the model's doubt.
   */
  public static long dueNanos(Map<String, Range> account, long arrivedNanos) {
    return arrivedNanos + Math.round(CountedCommand.sum(account).middle() * NANOS_PER_MS);
  }
}
