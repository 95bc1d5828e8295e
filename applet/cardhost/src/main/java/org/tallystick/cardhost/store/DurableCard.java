package org.tallystick.cardhost.store;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.tallystick.cardhost.card.Card;
import org.tallystick.cardhost.card.CardImage;
import org.tallystick.cardhost.latency.CountedCommand;
import org.tallystick.cardhost.latency.LatencyMeter;
import org.tallystick.cardhost.runtime.TearPlan;
import org.tallystick.cardhost.stock.Birth;

/** A card whose memory is on disk before any answer of its leaves. */
public final class DurableCard implements AutoCloseable {
  private final StateDirectory directory;
  private final Card card;
  private byte[] stored;
  private long storedEvents;
  private LatencyMeter meter;
  private CommandListener commandListener;

  private DurableCard(StateDirectory directory, Card card, byte[] stored) {
    this.directory = directory;
    this.card = card;
    this.stored = stored;
  }

  /** Opens the card in a directory, or makes a new development card there. */
  public static DurableCard open(Path path, SecureRandom random) throws StateException {
    return open(path, random, Birth.ofDevelopment());
  }

  /** Opens the card in a directory, or makes a new one there of this birth. */
  public static DurableCard open(Path path, SecureRandom random, Birth birth) throws StateException {
    StateDirectory directory = StateDirectory.open(path);
    try {
      byte[] stored = directory.read();
      if (stored != null) return new DurableCard(directory, Card.of(CardImage.decode(stored)), stored);
      Card card = Card.fresh(random, birth);
      byte[] image = card.image().encode();
      directory.write(image);
      return new DurableCard(directory, card, image);
    } catch (StateException | IOException | IllegalArgumentException unreadable) {
      directory.close();
      if (unreadable instanceof StateException known) throw known;
      throw new StateException("the card in " + path + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  public long generation() {
    return directory.generation();
  }

  /** Plans one tear, counted in durable writes from now on. */
  public void planTear(TearPlan tear) {
    card.events().plan(tear);
  }

  public Card card() {
    return card;
  }

  /** Has what each command asks of the card counted from now on. */
  public void measure(CommandListener listener) {
    meter = new LatencyMeter(card.runtime());
    commandListener = listener;
  }

  /** Hears what each command asked of the card, and when it arrived here by {@link System#nanoTime}. */
  public interface CommandListener {
    void on(byte[] command, CountedCommand counted, long arrivedNanos);
  }

  /** Runs one command that has just arrived; null means torn, and {@link #reset} must follow. */
  public byte[] transmit(byte[] command) throws StateException {
    return transmit(command, System.nanoTime());
  }

  /** The same, for a command whose last byte arrived at this moment of {@link System#nanoTime}. */
  public byte[] transmit(byte[] command, long arrivedNanos) throws StateException {
    if (meter != null) meter.begin();
    byte[] answer = card.transmit(command);
    persist();
    if (meter != null) commandListener.on(command, meter.end(command, answer), arrivedNanos);
    return answer;
  }

  public void reset() {
    card.reset();
  }

  private void persist() throws StateException {
    byte[] image = card.image().encode();
    boolean counted = card.events().count() != storedEvents;
    storedEvents = card.events().count();
    if (Arrays.equals(image, stored)) return;
    if (!counted) throw new IllegalStateException("the card's memory changed without a counted write");
    directory.write(image);
    stored = image;
  }

  @Override
  public void close() throws StateException {
    directory.close();
  }
}
