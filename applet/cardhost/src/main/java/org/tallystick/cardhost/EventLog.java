package org.tallystick.cardhost;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.tallystick.cardhost.latency.ChipClock;
import org.tallystick.cardhost.latency.CountedCommand;
import org.tallystick.cardhost.latency.LatencyProfile;
import org.tallystick.cardhost.latency.Link;
import org.tallystick.cardhost.latency.Medium;
import org.tallystick.cardhost.latency.Range;

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

  /** One command's time on the modelled chip; {@code tap} is what has passed since the last SELECT. */
  void latency(ChipClock clock, byte[] command, Map<String, Range> account) {
    Map<String, Range> tap = clock.tap();
    line("latency", String.format(Locale.ROOT, ",\"profile\":\"%s\",\"medium\":\"%s\",\"instruction\":\"%s\",\"ms\":%.2f,\"account\":%s,\"tapMs\":%.2f,\"tap\":%s,\"range\":%s,\"tapRange\":%s",
        clock.profile().name(), clock.link().medium().label(), instruction(command), CountedCommand.sum(account).middle(), object(account, Range::middle),
        CountedCommand.sum(tap).middle(), object(tap, Range::middle), range(account), range(tap)));
  }

  /** What one command counted, and would take on every known chip by every medium. */
  void prices(byte[] command, CountedCommand counted, int readerFrameBytes) {
    List<String> prices = new ArrayList<>();
    for (LatencyProfile chip : LatencyProfile.ALL) {
      for (Medium medium : Medium.values()) {
        prices.add(String.format("\"%s %s\":%s", chip.name(), medium.label(), range(counted.price(chip, new Link(medium, readerFrameBytes)))));
      }
    }
    line("prices", String.format(",\"instruction\":\"%s\",\"p2\":\"%s\",\"sent\":%d,\"received\":%d,\"bytecodes\":%d,\"prices\":{%s}",
        instruction(command), byteAt(command, 3), counted.commandBytes(), Math.max(0, counted.responseBytes()), counted.bytecodes(), String.join(",", prices)));
  }

  private static String instruction(byte[] command) {
    return byteAt(command, 1);
  }

  private static String byteAt(byte[] command, int index) {
    return command.length > index ? String.format("%02X", command[index]) : "";
  }

  private static String range(Map<String, Range> account) {
    return "{\"low\":" + object(account, Range::low) + ",\"high\":" + object(account, Range::high) + "}";
  }

  private static String object(Map<String, Range> account, ToDoubleFunction<Range> end) {
    return account.entrySet().stream().map(entry -> String.format(Locale.ROOT, "\"%s\":%.3f", entry.getKey(), end.applyAsDouble(entry.getValue())))
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
