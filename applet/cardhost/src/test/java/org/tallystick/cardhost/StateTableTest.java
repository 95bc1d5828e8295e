package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;

/** The table "which is allowed when" of docs/spec/4-card.md, read from the page and asked of the card cell by cell. */
class StateTableTest {
  private static final Path SPEC = Path.of(System.getProperty("tallystick.root", "../.."), "docs/spec/4-card.md");
  private static final List<String> STATES = List.of("INSTALLED", "PERSONALIZED", "SUSPENDED", "TERMINATED");
  private static final List<Integer> FORBIDDEN = List.of(0x9E01, 0x6982, 0x6D00, 0x6E00);

  /** Well-formed data of the right length for each row's commands, so that only right and state decide. */
  private record Row(int instruction, int p1, int p2, int length) {}

  private static final Map<String, List<Row>> ROWS = Map.ofEntries(
      Map.entry("SELECT", List.of()),
      Map.entry("PAY", List.of(new Row(0x10, 0, 0, 67))),
      Map.entry("PROVE", List.of(new Row(0x12, 0, 0, 16))),
      Map.entry("UPDATE ALLOWANCE", List.of(new Row(0x14, 0, 0, 126))),
      Map.entry("GET LOG", List.of(new Row(0x16, 0, 0, 20), new Row(0x16, 0, 0, 84))),
      Map.entry("PRESENT CERTIFICATE", List.of(new Row(0x18, 0, 0, 227))),
      Map.entry("GET CHALLENGE", List.of(new Row(0x84, 0, 0, 0))),
      Map.entry("PIN SESSION", List.of(new Row(0x1A, 0, 0, 16))),
      Map.entry("BEACON", List.of(new Row(0x1C, 0, 0, 0), new Row(0x1C, 1, 0, 145))),
      Map.entry("OPEN", List.of(new Row(0x1E, 0, 0, 0))),
      Map.entry("VERIFY, CHANGE, UNBLOCK", List.of(new Row(0x20, 0, 0, 121), new Row(0x24, 0, 0, 89), new Row(0x2C, 0, 0, 89))),
      Map.entry("GENERATE KEY", List.of(new Row(0x46, 0, 0, 0))),
      Map.entry("GET DATA", List.of(new Row(0xCA, 0xDF, 0x01, 0))),
      Map.entry("STORE DATA", List.of(new Row(0xE2, 0x88, 0, 31))));

  private static TestCard inState(String state) {
    if (state.equals("INSTALLED")) return TestCard.stored();
    TestCard card = TestCard.personalized();
    card.expect(0x9000, card.pay(card.request(1)));
    int target = state.equals("SUSPENDED") ? 0x0B : 0x7F;
    if (!state.equals("PERSONALIZED")) card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(target, 1))));
    card.select();
    return card;
  }

  @TestFactory
  Stream<DynamicTest> everyCell() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String[] cells : table()) {
      List<Row> commands = ROWS.get(cells[0]);
      assertTrue(commands != null, "a row this test does not know: " + cells[0]);
      for (int i = 0; i < STATES.size(); i++) {
        String state = STATES.get(i);
        String cell = cells[i + 1].replaceAll("[¹²³⁴ ]", "");
        boolean onlySecure = cells[5].trim().equals("scp");
        tests.add(DynamicTest.dynamicTest(cells[0] + ", " + state + ": " + cells[i + 1], () -> check(cells[0], commands, state, cell, onlySecure)));
      }
    }
    assertEquals(ROWS.size() * STATES.size(), tests.size());
    return tests.stream();
  }

  private static List<String[]> table() throws IOException {
    List<String> lines = Files.readAllLines(SPEC);
    int start = 0;
    while (!lines.get(start).matches("\\| +\\| INSTALLED \\|.*")) start++;
    List<String[]> rows = new ArrayList<>();
    for (int i = start + 2; lines.get(i).startsWith("|"); i++) {
      rows.add(Arrays.stream(lines.get(i).substring(1).split("\\|")).map(String::trim).toArray(String[]::new));
    }
    return rows;
  }

  private static void check(String name, List<Row> commands, String state, String cell, boolean onlySecure) {
    if (name.equals("SELECT")) assertEquals(0x9000, inState(state).select().statusWord());
    for (Row row : commands) {
      byte[] data = data(row);
      if (cell.startsWith("scp")) {
        assertEquals(0x6982, plain(inState(state), row, data, onlySecure));
        int secure = inState(state).channel().send(row.instruction, row.p1, row.p2, data).statusWord();
        assertTrue(!FORBIDDEN.contains(secure), String.format("%s inside the channel: %04X", name, secure));
      } else if (cell.equals("9E01")) {
        TestCard card = inState(state);
        int answered = onlySecure ? card.channel().send(row.instruction, row.p1, row.p2, data).statusWord() : plain(card, row, data, false);
        assertEquals(0x9E01, answered);
      } else if (cell.startsWith("replay")) {
        checkReplay(inState(state));
      } else {
        assertTrue(cell.startsWith("✓"), "a cell this test does not know: " + cell);
        TestCard card = inState(state);
        int answered = row.instruction == LogTerminal.GET_LOG ? readLog(card, row) : plain(card, row, data, false);
        assertTrue(!FORBIDDEN.contains(answered), String.format("%s: %04X", name, answered));
      }
    }
  }

  /** The right to a payee's entries is in what was sent before. */
  private static int readLog(TestCard card, Row row) {
    LogTerminal terminal = LogTerminal.of(card);
    Response signed = terminal.open(0);
    return (row.length == TestCard.PAYEE.length ? terminal.read(0) : signed).statusWord();
  }

  private static byte[] data(Row row) {
    if (row.instruction == 0xE2) return TestCard.dgi(0x7F02, TestCard.DOMAIN);
    return new byte[row.length];
  }

  /** In clear; where the row names class 84 alone, under that class without a channel. */
  private static int plain(TestCard card, Row row, byte[] data, boolean onlySecure) {
    byte[] head = {(byte) (onlySecure ? 0x84 : 0x80), (byte) row.instruction, (byte) row.p1, (byte) row.p2};
    byte[] body = onlySecure ? new byte[8] : data;
    return card.send(body.length == 0 ? join(head, hex("00")) : join(head, number(body.length, 1), body)).statusWord();
  }

  private static void checkReplay(TestCard card) {
    Response log = LogTerminal.of(card).open(0);
    byte[] recorded = Arrays.copyOf(log.data(), 67);
    assertEquals(0x9000, card.send(0x10, 0, 0, recorded).statusWord());
    RequestFields next = card.request(1);
    assertEquals(0x9E01, card.pay(next).statusWord());
    assertNotEquals(0x9000, card.send(0x10, 0, 0, new byte[67]).statusWord());
  }
}
