package org.tallystick.cardhost.vpcd;

import java.io.IOException;
import java.net.Socket;
import org.tallystick.cardhost.store.DurableCard;
import org.tallystick.cardhost.store.StateException;

/** Keeps one card on one reader: puts it back after the reader went away and after a tear. */
public final class CardOnReader {
  private static final long FIRST_LIMIT_MS = 30_000;
  private static final long RETURN_LIMIT_MS = 600_000;

  /** What happens to the card, as it happens. */
  public interface Listener {
    void onReady(int port);

    void onTorn();

    void onDisconnected();

    void onReconnected();
  }

  private final DurableCard card;
  private final Listener listener;

  public CardOnReader(DurableCard card, Listener listener) {
    this.card = card;
    this.listener = listener;
  }

  /**
   * Runs until the process is stopped.
   *
   * @return false if the reader cannot be reached within 30 s, or does not come back within ten minutes
   */
  public boolean run(int port, boolean listen) throws IOException, StateException {
    if (listen) return serveAsListener(port);
    Socket socket = ReaderLink.connecting(port, FIRST_LIMIT_MS).await();
    if (socket == null) return false;
    listener.onReady(port);
    return serveForever(ReaderLink.connecting(port, RETURN_LIMIT_MS), socket);
  }

  private boolean serveAsListener(int port) throws IOException, StateException {
    try (ReaderLink link = ReaderLink.listening(port)) {
      listener.onReady(link.port());
      return serveForever(link, link.await());
    }
  }

  private boolean serveForever(ReaderLink link, Socket first) throws IOException, StateException {
    Socket socket = first;
    while (socket != null) {
      ReaderSession.End end;
      try (Socket reader = socket) {
        end = new ReaderSession(card).serve(reader);
      }
      if (end == ReaderSession.End.TORN) listener.onTorn();
      else listener.onDisconnected();
      socket = link.await();
      if (socket != null) listener.onReconnected();
    }
    return false;
  }
}
