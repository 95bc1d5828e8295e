package org.tallystick.cardhost.latency;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tallystick.cardhost.runtime.Operation;

/**
 * Milliseconds of one chip, from public measurements; none is ours. JCAlgTest is crocs-muni/jcalgtest_results, its pages in
 * javacard/web/run_time: NXPJCOP4J3R180SECIDP71 (2021-10-20, by contact) for JCOP4, NXPJCOP3J3H145SECIDP60 for JCOP3,
 * NXPJ3H145RSA4096enabledSCP03 for the chip sold with SCP03. Where they leave room the figure is a range; what has no page
 * to cite is called an assumption.
 *
 * <table>
 * <caption>What is priced, JCOP4 and JCOP3</caption>
 * <tr><td>base</td><td>7.5–9 and 9–12 an APDU of no data, JCAlgTest over NFC; no page names them, so an assumption. The two frames
 *   that are in it at its high end are taken out, because {@link Link} counts all frames</td></tr>
 * <tr><td>select</td><td>0–8 more where SELECT selects an application: from nothing in some logs to 8 in others; an assumption</td></tr>
 * <tr><td>bytecode</td><td>5–8.7 and 12–21.4 µs each, JCAlgTest's array test as the high end; the low end is an assumption</td></tr>
 * <tr><td>writes</td><td>2.8 and 1.2 a call, for 16 bytes as for 256, atomic or not: JCAlgTest's RAM to EEPROM copies. A
 *   commit is one at best; at worst one for each call in the transaction, and two for opening and closing its log: an
 *   assumption</td></tr>
 * <tr><td>sign</td><td>by message length: 29, 30, 32 and 52, 53, 56 for 64, 128, 256 bytes; between two measured lengths low
 *   the shorter's, high the longer's. JCOP3's are that page's with SHA-1; JCOP4's for 64 and 128 are an
 *   assumption</td></tr>
 * <tr><td>init</td><td>8.1–8.9 and 5.8; 38.5 on a J3H145 sold as SCP03</td></tr>
 * <tr><td>hash</td><td>SHA-256 by length: 3.6 and 3.8 for 64 bytes, 7.9 and 8.6 for 256, on a line</td></tr>
 * <tr><td>verify, key generation, key agreement, AES</td><td>30, 27, 20, 2 and 50, 156, 55, 10: JCAlgTest</td></tr>
 * </table>
 *
 * @param base an APDU that carries nothing, its frames apart
 * @param bytecode one executed bytecode
 * @param write one call that writes persistent memory
 * @param fixed operations that cost the same whatever goes in
 * @param sign by message length, as measured
 * @param hash by message length, at 64 and at 256 bytes
 */
public record LatencyProfile(String name, Range base, Range bytecode, double write, Map<Operation, Range> fixed, Map<Integer, Double> sign, Line hash) {
  /** A straight line through what was measured at two lengths. */
  record Line(int fewBytes, double fewMs, int manyBytes, double manyMs) {
    double at(int bytes) {
      return fewMs + (bytes - fewBytes) * (manyMs - fewMs) / (manyBytes - fewBytes);
    }
  }

  /** What SELECT of an application takes beside another command of its size. */
  static final Range SELECT_EXTRA = new Range(0, 8);
  /** Opening and closing the log of a transaction, at worst a write each. */
  private static final int LOG_WRITES = 2;

  /** NXP JCOP4, J3R180. */
  public static final LatencyProfile JCOP4 = new LatencyProfile("jcop4", base(7.5, 9), new Range(0.005, 0.0087), 2.8,
      Map.of(Operation.VERIFY, Range.of(30), Operation.SIGNATURE_INIT, new Range(8.1, 8.9), Operation.KEY_GENERATION, Range.of(27),
          Operation.KEY_AGREEMENT, Range.of(20), Operation.AES, Range.of(2)),
      Map.of(64, 29.0, 128, 30.0, 256, 32.0), new Line(64, 3.6, 256, 7.9));

  /** NXP JCOP3, J3H145. */
  public static final LatencyProfile JCOP3 = jcop3("jcop3", 5.8);

  /** The same chip as it was sold with SCP03: slow at preparing a signature. */
  public static final LatencyProfile JCOP3_SCP03 = jcop3("jcop3-scp03", 38.5);

  public static final List<LatencyProfile> ALL = List.of(JCOP4, JCOP3, JCOP3_SCP03);

  private static LatencyProfile jcop3(String name, double init) {
    return new LatencyProfile(name, base(9, 12), new Range(0.012, 0.0214), 1.2,
        Map.of(Operation.VERIFY, Range.of(50), Operation.SIGNATURE_INIT, Range.of(init), Operation.KEY_GENERATION, Range.of(156),
            Operation.KEY_AGREEMENT, Range.of(55), Operation.AES, Range.of(10)),
        Map.of(64, 52.0, 128, 53.0, 256, 56.0), new Line(64, 3.8, 256, 8.6));
  }

  /** The low end was taken without the frames, the high end with them. */
  private static Range base(double low, double high) {
    return new Range(low, high - Link.emptyFramesMs());
  }

  /** @throws IllegalArgumentException for a chip that is not known */
  public static LatencyProfile of(String name) {
    return ALL.stream().filter(profile -> profile.name.equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown latency profile " + name + ": jcop4, jcop3 and jcop3-scp03 are known"));
  }

  /** @param amount bytes that go in; for {@link Operation#COMMIT} the writes of the transaction */
  Range timeMs(Operation operation, int amount) {
    return switch (operation) {
      case SIGN -> signMs(amount);
      case HASH -> Range.of(hash.at(amount));
      case PERSISTENT_WRITE -> Range.of(write);
      case COMMIT -> amount == 0 ? Range.ZERO : new Range(write, write * (amount + LOG_WRITES));
      case SIGNATURE_INIT, VERIFY, KEY_GENERATION, KEY_AGREEMENT, AES -> fixed.get(operation);
    };
  }

  private Range signMs(int bytes) {
    TreeMap<Integer, Double> measured = new TreeMap<>(sign);
    var shorter = measured.floorEntry(bytes);
    var longer = measured.ceilingEntry(bytes);
    double low = (shorter == null ? measured.firstEntry() : shorter).getValue();
    double high = (longer == null ? measured.lastEntry() : longer).getValue();
    return new Range(low, high);
  }
}
