package org.tallystick.cardhost;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.tallystick.cardhost.latency.LatencyMeter;

/** One JSON object a line on the real standard output; the simulator's own chatter is silenced. */
final class EventLog {
  private static final String SCHEMA = "tallystick.cardhost/1";
  private final PrintStream out;

  EventLog(PrintStream out) {
    this.out = out;
  }

  void ready(int port, String state, long generation) {
    line("ready", String.format(",\"port\":%d,\"state\":%s,\"generation\":%d,\"pid\":%d", port, quote(state), generation, ProcessHandle.current().pid()));
  }

  void torn(long write, long generation) {
    line("torn", String.format(",\"write\":%d,\"generation\":%d", write, generation));
  }

  void disconnected() {
    line("disconnected", "");
  }

  void reconnected() {
    line("reconnected", "");
  }

  /** One command's time on the modelled chip; {@code tapMs} is what has passed since the last SELECT. */
  void latency(String profile, String medium, byte[] command, Map<String, Double> accountMs, Map<String, Double> tapMs) {
    String instruction = command.length > 1 ? String.format("%02X", command[1]) : "";
    line("latency", String.format(Locale.ROOT, ",\"profile\":\"%s\",\"medium\":\"%s\",\"instruction\":\"%s\",\"ms\":%.2f,\"account\":%s,\"tapMs\":%.2f,\"tap\":%s",
        profile, medium, instruction, LatencyMeter.sum(accountMs), object(accountMs), LatencyMeter.sum(tapMs), object(tapMs)));
  }

  private static String object(Map<String, Double> account) {
    return account.entrySet().stream().map(entry -> String.format(Locale.ROOT, "\"%s\":%.2f", entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private synchronized void line(String event, String fields) {
    out.println("{\"schema\":\"" + SCHEMA + "\",\"event\":\"" + event + "\"" + fields + "}");
    out.flush();
  }

  /** RFC 8259 section 7. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < 0x20) quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
