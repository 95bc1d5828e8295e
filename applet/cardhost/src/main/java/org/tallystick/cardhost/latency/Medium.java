package org.tallystick.cardhost.latency;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How bytes reach a card.
 *
 * <table>
 * <caption>Where its figures come from</caption>
 * <tr><td>a byte over NFC</td><td>nine elementary time units of 128 / 13.56 MHz at 106 kbit/s, fewer by the rate: ISO/IEC
 *   14443-2 §8.1.1, 14443-3 §6.2.3.2 (eight bits and their parity)</td></tr>
 * <tr><td>a frame over NFC</td><td>0.3 ms at 106 kbit/s: block byte, two bytes of CRC, start and end (14443-4 §7.1), fewer
 *   by the rate</td></tr>
 * <tr><td>a byte by contact</td><td>0.071 ms, fitted to JCAlgTest's own commands (crocs-muni/jcalgtest_results)</td></tr>
 * <tr><td>a block by contact</td><td>three bytes before the data, one after: ISO/IEC 7816-3 §11.3.2</td></tr>
 * <tr><td>data in a block</td><td>what the frame's size leaves, FSC 256 for what the card takes and FSD for what the reader
 *   takes (14443-4 §5.1); by contact 254</td></tr>
 * </table>
 */
public enum Medium {
  NFC106(1),
  NFC212(2),
  NFC424(4),
  NFC848(8),
  CONTACT(0.071, 4 * 0.071);

  private final double byteMs;
  private final double frameMs;

  Medium(int timesFaster) {
    this(9 * 128 / 13_560.0 / timesFaster, Link.FRAME_AT_106_MS / timesFaster);
  }

  Medium(double byteMs, double frameMs) {
    this.byteMs = byteMs;
    this.frameMs = frameMs;
  }

  double byteMs() {
    return byteMs;
  }

  double frameMs() {
    return frameMs;
  }

  boolean isContactless() {
    return this != CONTACT;
  }

  /** As the command line names it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** @throws IllegalArgumentException for a medium that is not known */
  public static Medium of(String label) {
    return Arrays.stream(values()).filter(medium -> medium.label().equals(label)).findFirst().orElseThrow(() -> new IllegalArgumentException(
        "unknown medium " + label + ": " + Arrays.stream(values()).map(Medium::label).collect(Collectors.joining(", ")) + " are known"));
  }
}
