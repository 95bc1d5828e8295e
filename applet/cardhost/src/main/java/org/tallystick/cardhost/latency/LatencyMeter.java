package org.tallystick.cardhost.latency;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tallystick.cardhost.runtime.Operation;
import org.tallystick.cardhost.runtime.OperationListener;

/** Adds up what each APDU would take on a real chip, and what a whole tap takes from SELECT to PAY's answer. */
public final class LatencyMeter implements OperationListener {
  private static final int FRAMING_BYTES = 8;
  private static final long NANOS_PER_MS = 1_000_000;
  private static final byte SELECT = (byte) 0xA4;

  private final LatencyProfile profile;
  private final LatencyProfile.Medium medium;
  private final Map<String, Double> account = new LinkedHashMap<>();
  private final Map<String, Double> tap = new LinkedHashMap<>();

  public LatencyMeter(LatencyProfile profile, LatencyProfile.Medium medium) {
    this.profile = profile;
    this.medium = medium;
  }

  public LatencyProfile profile() {
    return profile;
  }

  public LatencyProfile.Medium medium() {
    return medium;
  }

  @Override
  public void on(Operation operation, int bytes) {
    account.merge(operation.name().toLowerCase(java.util.Locale.ROOT), profile.timeMs(operation, bytes), Double::sum);
  }

  /** Before a command: what came before is forgotten. */
  public void begin() {
    account.clear();
  }

  /**
   * After a command: milliseconds by cause, in the order in which they arose.
   *
   * @param response with its status word; null when it was torn
   */
  public Map<String, Double> end(byte[] command, byte[] response) {
    int bytes = command.length + (response == null ? 0 : response.length) + FRAMING_BYTES;
    Map<String, Double> whole = new LinkedHashMap<>();
    whole.put("base", profile.base());
    whole.put("transfer", medium.perByte() * bytes);
    whole.putAll(account);
    if (command.length > 1 && command[0] == 0 && command[1] == SELECT) tap.clear();
    whole.forEach((cause, ms) -> tap.merge(cause, ms, Double::sum));
    return whole;
  }

  /** The account since the last SELECT. */
  public Map<String, Double> tap() {
    return new LinkedHashMap<>(tap);
  }

  /** When the answer of a command is due that arrived at {@code arrivedNanos}, both on the clock of {@link System#nanoTime}. */
  public static long dueNanos(Map<String, Double> account, long arrivedNanos) {
    return arrivedNanos + Math.round(sum(account) * NANOS_PER_MS);
  }

  public static double sum(Map<String, Double> account) {
    return account.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
