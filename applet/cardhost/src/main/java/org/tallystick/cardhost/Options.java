package org.tallystick.cardhost;

import java.nio.file.Path;
import org.tallystick.cardhost.latency.LatencyProfile;
import org.tallystick.cardhost.latency.Medium;
import org.tallystick.cardhost.runtime.TearPlan;
import org.tallystick.cardhost.stock.Birth;

/**
 * The command line.
 *
 * @param port the reader's TCP port on this machine, or with {@code listen} the port to wait on (0: any free one)
 * @param state the card's directory
 * @param tear the one tear to make, or null
 * @param listen wait for the reader instead of connecting to it
 * @param pricing whose time is modelled
 * @param birth what a new card is made as
 */
record Options(int port, Path state, TearPlan tear, boolean listen, Pricing pricing, Birth birth) {
  static final String USAGE = "usage: cardhost --port PORT --state DIRECTORY [--listen] [--tear N:before|N:after]\n"
      + "       [--latency jcop4|jcop3|jcop3-scp03] [--medium nfc106|nfc212|nfc424|nfc848|contact] [--fsd 64|256] [--prices]\n"
      + "       a new card: [--chip jcop4|jcop3|jcop3-scp02|h19cr|a22] [--blank] [--keys VERSION:128|192|256] [--s16] [--counter-fault]\n"
      + "       [--memory BYTES]";
  private static final int MAX_PORT = 65_535;

  /** @throws IllegalArgumentException with a sentence for the user */
  static Options parse(String[] arguments) {
    int port = -1;
    Path state = null;
    TearPlan tear = null;
    boolean listen = false;
    Pricing pricing = Pricing.NONE;
    Birth birth = bornAs(arguments);
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--port" -> port = parsePort(value(arguments, ++i));
        case "--state" -> state = Path.of(value(arguments, ++i));
        case "--tear" -> tear = TearPlan.parse(value(arguments, ++i));
        case "--listen" -> listen = true;
        case "--latency" -> pricing = pricing.of(LatencyProfile.of(value(arguments, ++i)));
        case "--medium" -> pricing = pricing.over(Medium.of(value(arguments, ++i)));
        case "--fsd" -> pricing = pricing.withFrames(parseFrames(value(arguments, ++i)));
        case "--prices" -> pricing = pricing.ofAll();
        case "--chip" -> value(arguments, ++i);
        case "--blank" -> birth = birth.blank();
        case "--keys" -> birth = withKeys(birth, value(arguments, ++i));
        case "--s16" -> birth = birth.wide();
        case "--counter-fault" -> birth = birth.withCounterFault();
        case "--memory" -> birth = birth.withMemory(parseMemory(value(arguments, ++i)));
        default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
      }
    }
    if (port < 0) throw new IllegalArgumentException("--port is missing");
    if (port == 0 && !listen) throw new IllegalArgumentException("port 0 only goes with --listen");
    if (state == null) throw new IllegalArgumentException("--state is missing");
    return new Options(port, state, tear, listen, pricing, birth);
  }

  /** The chip comes first, wherever it stands: what else is said of a new card changes it. */
  private static Birth bornAs(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) if (arguments[i].equals("--chip")) return Birth.of(value(arguments, i + 1));
    return Birth.ofDevelopment();
  }

  private static Birth withKeys(Birth birth, String text) {
    if (!text.matches("[0-9a-fA-F]{2}:(128|192|256)")) throw new IllegalArgumentException("not version and bits of keys, such as 30:256: " + text);
    return birth.withKeys((byte) Integer.parseInt(text.substring(0, 2), 16), Integer.parseInt(text.substring(3)) / 8);
  }

  private static int parseMemory(String text) {
    if (!text.matches("[0-9]{1,7}")) throw new IllegalArgumentException("not a number of bytes: " + text);
    return Integer.parseInt(text);
  }

  private static String value(String[] arguments, int at) {
    if (at >= arguments.length) throw new IllegalArgumentException(arguments[at - 1] + " needs a value");
    return arguments[at];
  }

  private static int parseFrames(String text) {
    if (!text.matches("64|256")) throw new IllegalArgumentException("not the frame of a reader, 64 or 256: " + text);
    return Integer.parseInt(text);
  }

  private static int parsePort(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MAX_PORT) throw new IllegalArgumentException("not a port: " + text);
    return Integer.parseInt(text);
  }
}
