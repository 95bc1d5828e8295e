package org.tallystick.cardhost.tear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/**
 * Cuts the power at every durable write of every command, before and after it, from every state in which the command
 * may run; then once more during the recovery. Counts the money each time and writes what it found to
 * docs/reference/tear-matrix.md ({@code -Dtallystick.docs=write}; otherwise the page must already say the same).
 */
class TearMatrixTest {
  private static final Path PAGE = Path.of(System.getProperty("tallystick.root", "../.."), "docs/reference/tear-matrix.md");
  private long tears;
  private long doubleTears;

  /** Money as the card and the terminal count it after everything is done. */
  private record Account(long lost, long made, long stuck) {
    Account plus(Account other) {
      return new Account(lost + other.lost, made + other.made, stuck + other.stuck);
    }
  }

  @Test
  void noTearMakesLosesOrSticks() throws IOException {
    List<String> rows = new ArrayList<>();
    Account total = new Account(0, 0, 0);
    for (Scenario scenario : Scenarios.all()) {
      TestCard origin = scenario.start().get();
      List<String> writes = writesOf(scenario, origin);
      if (writes.isEmpty()) {
        Account account = lostAnswer(scenario, origin);
        total = total.plus(account);
        rows.add(row(scenario, "none", "–", "as before", account));
      }
      for (int write = 1; write <= writes.size(); write++) {
        Account account = new Account(0, 0, 0);
        String[] found = new String[2];
        for (int when = 0; when < 2; when++) {
          boolean before = when == 0;
          found[when] = found(scenario, origin, write, before, writes.size());
          account = account.plus(tornOnce(scenario, origin, write, before));
          account = account.plus(tornTwice(scenario, origin, write, before));
        }
        if (write == writes.size()) account = account.plus(lostAnswer(scenario, origin));
        total = total.plus(account);
        rows.add(row(scenario, write + ": " + WriteNames.of(writes.get(write - 1)), found[0], found[1], account));
      }
    }
    assertEquals(new Account(0, 0, 0), total);
    assertTrue(tears > 150, "tears: " + tears);
    compareOrWrite(TearMatrixPage.render(rows, tears, doubleTears));
  }

  /** The parts each durable write of the undisturbed command changes. */
  private static List<String> writesOf(Scenario scenario, TestCard origin) {
    TestCard card = origin.copyAsIs();
    Scenario.Steps steps = scenario.steps().on(card);
    steps.prepare();
    List<String> writes = new ArrayList<>();
    card.card().events().observe(writes::add);
    assertTrue(steps.send(), scenario.command());
    card.card().events().observe(what -> { });
    return writes;
  }

  /** Where the tear leaves the card, measured against the memory before the command and after it. */
  private static String found(Scenario scenario, TestCard origin, int write, boolean before, int writes) {
    TestCard card = origin.copyAsIs();
    Scenario.Steps steps = scenario.steps().on(card);
    steps.prepare();
    byte[] start = card.memory();
    card.tearAt(write, before);
    assertFalse(steps.send(), scenario.command());
    card.card().reset();
    if (Arrays.equals(start, card.memory())) return "as before";
    boolean whole = write == writes && !before;
    int done = before ? write - 1 : write;
    return whole ? "done" : done == 1 ? "write 1 done" : "writes 1–" + done + " done";
  }

  private Account tornOnce(Scenario scenario, TestCard origin, int write, boolean before) {
    tears++;
    TestCard card = origin.copyAsIs();
    Scenario.Steps steps = scenario.steps().on(card);
    steps.prepare();
    long spent = spent(card);
    steps = retaken(steps, card, write, before, scenario);
    assertTrue(steps.recover(), scenario.command());
    return settle(card, steps, spent);
  }

  /** Asking for spent selects the applet, which ends sessions; so the command is prepared again before it is torn. */
  private static Scenario.Steps retaken(Scenario.Steps steps, TestCard card, int write, boolean before, Scenario scenario) {
    steps.prepare();
    card.tearAt(write, before);
    assertFalse(steps.send(), scenario.command());
    card.powerOn();
    return steps;
  }

  private Account tornTwice(Scenario scenario, TestCard origin, int write, boolean before) {
    Account account = new Account(0, 0, 0);
    for (int second = 1; second <= 8; second++) {
      for (boolean secondBefore : new boolean[] {true, false}) {
        TestCard card = origin.copyAsIs();
        Scenario.Steps steps = scenario.steps().on(card);
        long spent = spent(card);
        steps = retaken(steps, card, write, before, scenario);
        card.tearAt(second, secondBefore);
        boolean whole = steps.recover();
        card.card().events().plan(null);
        if (whole) return account;
        doubleTears++;
        card.powerOn();
        assertTrue(steps.recover(), scenario.command());
        account = account.plus(settle(card, steps, spent));
      }
    }
    return account;
  }

  /** The command is carried out and its answer never arrives. */
  private Account lostAnswer(Scenario scenario, TestCard origin) {
    tears++;
    TestCard card = origin.copyAsIs();
    Scenario.Steps steps = scenario.steps().on(card);
    long spent = spent(card);
    steps.prepare();
    assertTrue(steps.send(), scenario.command());
    card.powerOn();
    assertTrue(steps.recover(), scenario.command());
    return settle(card, steps, spent);
  }

  private static long spent(TestCard card) {
    byte[] select = card.select().data();
    return select.length == 234 ? Bytes.number(select, 189, 6) : 0;
  }

  /** Lost: debited without a voucher. Made: a voucher without a debit. Stuck: a card that may pay and does not. */
  private static Account settle(TestCard card, Scenario.Steps steps, long spentBefore) {
    card.card().reset();
    Response select = card.select();
    if (select.statusWord() == 0x6999) return new Account(0, 0, 0);
    long debited = spent(card) - spentBefore;
    long stuck = 0;
    if (select.data().length == 234 && select.data()[17] == 0x07) {
      RequestFields request = card.request(1);
      Response paid = card.pay(request);
      boolean needsPin = paid.statusWord() == 0x9E07;
      boolean verified = paid.statusWord() == 0x9000 && VoucherFields.of(request, paid.data()).verifies(card.publicKey);
      stuck = needsPin || verified ? 0 : 1;
    }
    return new Account(Math.max(0, debited - steps.received()), Math.max(0, steps.received() - debited), stuck);
  }

  private static String row(Scenario scenario, String write, String before, String after, Account account) {
    return String.format("| %s | %s | %s | %s | %s | %s | %d | %d | %d |", scenario.command(), scenario.state(), write, before, after, scenario.next(),
        account.lost, account.made, account.stuck);
  }

  private static void compareOrWrite(String page) throws IOException {
    if ("write".equals(System.getProperty("tallystick.docs"))) Files.writeString(PAGE, page);
    assertEquals(Files.readString(PAGE), page, "docs/reference/tear-matrix.md is stale: run with -Dtallystick.docs=write");
  }
}
