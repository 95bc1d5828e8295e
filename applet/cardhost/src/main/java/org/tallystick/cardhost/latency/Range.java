package org.tallystick.cardhost.latency;

/** Between what a figure lies: public measurements of one chip differ, and a model that named one number would hide it. */
public record Range(double low, double high) {
  public static final Range ZERO = new Range(0, 0);

  public Range {
    if (!(low >= 0 && low <= high)) throw new IllegalArgumentException("not a range: " + low + " to " + high);
  }

  static Range of(double figure) {
    return new Range(figure, figure);
  }

  public Range plus(Range other) {
    return new Range(low + other.low, high + other.high);
  }

  Range times(double factor) {
    return new Range(low * factor, high * factor);
  }

  public double middle() {
    return (low + high) / 2;
  }
}
