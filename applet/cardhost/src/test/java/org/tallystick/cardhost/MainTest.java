package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tallystick.cardhost.store.StateDirectory;
import org.tallystick.cardhost.store.StateException;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.CardhostProcess;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.TestCard;

/** The program itself: events, exit codes, and that kill -9 at any moment loses and doubles nothing. */
class MainTest {
  private static final byte[] SELECT = hex("00a4040008f054414c4c59000100");
  /** A soak run raises it. */
  private static final int KILLS = Integer.getInteger("tallystick.kills", 5);
  @TempDir
  Path folder;

  private void put(TestCard card) throws StateException {
    try (StateDirectory directory = StateDirectory.open(folder)) {
      directory.write(card.memory());
    }
  }

  private static byte[] pay(RequestFields request) {
    return join(hex("8010000043"), request.encode(), hex("00"));
  }

  @Test
  void saysReadyAndStopsOnASignal() throws Exception {
    try (CardhostProcess host = CardhostProcess.start(List.of("--listen", "--port", "0", "--state", folder.toString()))) {
      JsonObject ready = host.event();
      assertEquals("tallystick.cardhost/1", ready.get("schema").getAsString());
      assertEquals("ready", ready.get("event").getAsString());
      assertEquals(folder.toString(), ready.get("state").getAsString());
      assertEquals(1, ready.get("generation").getAsLong());
      assertEquals(host.pid(), ready.get("pid").getAsLong());
      assertTrue(ready.get("port").getAsInt() > 0);
      assertEquals(0, host.stop());
    }
  }

  @Test
  void exitsByReason() throws Exception {
    try (CardhostProcess host = CardhostProcess.start(List.of("--port", "x"))) {
      assertEquals(2, host.exit());
    }
    try (CardhostProcess first = CardhostProcess.listening(folder); CardhostProcess second = CardhostProcess.start(List.of("--listen", "--port", "0", "--state", folder.toString()))) {
      assertEquals(3, second.exit());
      assertEquals(0, first.stop());
    }
  }

  @Test
  void reportsATearAndComesBack() throws Exception {
    TestCard card = TestCard.personalized();
    put(card);
    RequestFields request = RequestFields.of(card.tag(), 1, 5);
    try (CardhostProcess host = CardhostProcess.listening(folder, "--tear", "1:after")) {
      assertEquals(236, host.transmit(SELECT).length);
      assertNull(host.transmit(pay(request)));
      JsonObject torn = host.event();
      assertEquals("torn", torn.get("event").getAsString());
      assertEquals(1, torn.get("write").getAsLong());
      assertEquals(0, host.stop());
    }
    try (CardhostProcess host = CardhostProcess.listening(folder)) {
      byte[] select = host.transmit(SELECT);
      assertEquals(1, Bytes.number(select, 185, 4));
      byte[] answer = host.transmit(pay(request));
      assertEquals(5, Bytes.number(answer, 4, 6));
    }
  }

  @Test
  void printsTheAccountOfATap() throws Exception {
    TestCard card = TestCard.personalized();
    put(card);
    try (CardhostProcess host = CardhostProcess.listening(folder, "--latency", "jcop4", "--medium", "nfc424", "--prices")) {
      host.transmit(SELECT);
      host.transmit(pay(RequestFields.of(card.tag(), 1, 5)));
      assertEquals("A4", host.event().get("instruction").getAsString());
      assertEquals("latency", host.event().get("event").getAsString());
      JsonObject counted = host.event();
      assertEquals("prices", counted.get("event").getAsString());
      assertEquals(73, counted.get("sent").getAsInt());
      assertEquals(15, counted.getAsJsonObject("prices").size(), "three chips by five media");
      JsonObject tap = host.event();
      assertEquals("nfc424", tap.get("medium").getAsString());
      assertEquals(29.5, tap.getAsJsonObject("tap").get("sign").getAsDouble(), "what it waited: the middle");
      JsonObject ends = tap.getAsJsonObject("tapRange");
      assertEquals(29, ends.getAsJsonObject("low").get("sign").getAsDouble());
      assertEquals(30, ends.getAsJsonObject("high").get("sign").getAsDouble());
      JsonObject price = counted.getAsJsonObject("prices").getAsJsonObject("jcop4 nfc424");
      assertEquals(tap.getAsJsonObject("range"), price, "one model, two ways to read it");
    }
  }

  /** Pays without pause until the process is killed; then the card must have every voucher that was answered, once. */
  @Test
  void aKilledHostForgetsNothingItAnswered() throws Exception {
    TestCard card = TestCard.personalized();
    put(card);
    Random random = new Random(7);
    long counter = 0;
    RequestFields pending = null;
    for (int kill = 0; kill <= KILLS; kill++) {
      try (CardhostProcess host = CardhostProcess.listening(folder)) {
        byte[] select = host.transmit(SELECT);
        long stored = Bytes.number(select, 185, 4);
        assertTrue(stored == counter || pending != null && stored == pending.counter(), "answered " + counter + ", stored " + stored);
        assertEquals(stored, Bytes.number(select, 189, 6), "every payment is of 1 unit, once");
        if (pending != null) {
          byte[] replayed = host.transmit(pay(pending));
          assertEquals(pending.counter(), Bytes.number(replayed, 0, 4));
          counter = pending.counter();
        }
        if (kill == KILLS) break;
        byte[] fresh = card.allowance(AllowanceFields.standard().withSeq(2 + kill).withMaxCounter(1_000_000));
        assertEquals(2, host.transmit(join(hex("801400007e"), fresh)).length, "the no-PIN count starts again");
        Thread killer = killAfter(host, random.nextInt(60));
        while (true) {
          pending = RequestFields.of(card.tag(), counter + 1, 1);
          byte[] answer = host.transmit(pay(pending));
          if (answer == null) break;
          assertEquals(counter + 1, Bytes.number(answer, 0, 4));
          counter++;
        }
        killer.join();
      }
    }
    assertTrue(counter > 0);
  }

  private static Thread killAfter(CardhostProcess host, int milliseconds) {
    Thread killer = new Thread(() -> {
      try {
        Thread.sleep(milliseconds);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      host.kill();
    });
    killer.start();
    return killer;
  }
}
