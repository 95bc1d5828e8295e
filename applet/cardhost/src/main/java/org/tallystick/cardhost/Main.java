package org.tallystick.cardhost;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.Map;
import org.tallystick.cardhost.latency.ChipClock;
import org.tallystick.cardhost.latency.ExactWait;
import org.tallystick.cardhost.latency.Range;
import org.tallystick.cardhost.store.DurableCard;
import org.tallystick.cardhost.store.StateException;
import org.tallystick.cardhost.vpcd.CardOnReader;

/** A simulated card on a virtual reader. Exit: 0 stopped, 2 usage, 3 state, 4 reader not reachable. */
public final class Main {
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_STATE = 3;
  private static final int EXIT_READER = 4;

  private Main() {}

  public static void main(String[] arguments) {
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    System.setProperty("com.licel.jcardsim.randomdata.secure", "1");
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      end(EXIT_USAGE, e.getMessage() + "\n" + Options.USAGE);
      return;
    }
    stopOnSignal();
    end(run(options, new EventLog(out)), null);
  }

  private static int run(Options options, EventLog log) {
    try (DurableCard card = DurableCard.open(options.state(), new SecureRandom(), options.birth())) {
      card.planTear(options.tear());
      if (options.pricing().wanted()) measure(card, options.pricing(), log);
      boolean reached = new CardOnReader(card, new Narrator(log, card, options)).run(options.port(), options.listen());
      if (reached) return 0;
      System.err.println("cardhost: no reader answers on 127.0.0.1:" + options.port() + "; start pcscd with vpcd on that port, or use --listen");
      return EXIT_READER;
    } catch (StateException e) {
      System.err.println("cardhost: " + e.getMessage());
      return EXIT_STATE;
    } catch (IOException e) {
      System.err.println("cardhost: " + e.getMessage());
      return EXIT_READER;
    }
  }

  /**
   * Prints each command's account, and lets it take that long from its arrival: the simulation's own work, the disk and the
   * printing are part of the time, not beside it. Prices of all chips are printed without any wait.
   */
  private static void measure(DurableCard card, Pricing pricing, EventLog log) {
    ChipClock clock = pricing.chip() == null ? null : new ChipClock(pricing.chip(), pricing.link());
    ExactWait wait = new ExactWait();
    card.measure((command, counted, arrivedNanos) -> {
      if (pricing.all()) log.prices(command, counted, pricing.link().readerFrameBytes());
      if (clock == null) return;
      Map<String, Range> account = clock.add(counted);
      log.latency(clock, command, account);
      wait.until(ChipClock.dueNanos(account, arrivedNanos));
    });
  }

  /** A signal is how a card is taken away for good: nothing is half done, because every answer was durable first. */
  private static void stopOnSignal() {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(exitCode)));
  }

  private static volatile int exitCode;

  private static void end(int code, String message) {
    if (message != null) System.err.println("cardhost: " + message);
    exitCode = code;
    System.exit(code);
  }

  /** Reports the events of one card's life on the reader. */
  private record Narrator(EventLog log, DurableCard card, Options options) implements CardOnReader.Listener {
    @Override
    public void onReady(int port) {
      log.ready(port, options.state().toString(), card.generation());
    }

    @Override
    public void onTorn() {
      log.torn(card.card().events().count(), card.generation());
    }

    @Override
    public void onDisconnected() {
      log.disconnected();
    }

    @Override
    public void onReconnected() {
      log.reconnected();
    }
  }
}
