package org.tallystick.cardhost.runtime;

/**
 * When to cut the power: at the n-th durable write counted from start, before or after it takes effect.
 *
 * @param event 1 for the first durable write
 * @param before true: the write never happens; false: it has happened and nothing after it does
 */
public record TearPlan(long event, boolean before) {
  public TearPlan {
    if (event < 1) throw new IllegalArgumentException("a tear needs a write number of at least 1, got " + event);
  }

  /** Parses {@code N:before} or {@code N:after}. */
  public static TearPlan parse(String text) {
    String[] parts = text.split(":", -1);
    boolean before = parts.length == 2 && parts[1].equals("before");
    boolean after = parts.length == 2 && parts[1].equals("after");
    if (!before && !after || !parts[0].matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException("expected N:before or N:after, got " + text);
    }
    return new TearPlan(Long.parseLong(parts[0]), before);
  }
}
