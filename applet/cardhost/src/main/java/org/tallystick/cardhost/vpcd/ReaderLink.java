package org.tallystick.cardhost.vpcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** How a card meets its reader: by connecting to vpcd, or by waiting for whoever speaks vpcd's framing. */
interface ReaderLink extends AutoCloseable {
  /** Waits for the reader; null when it cannot be reached in time. */
  Socket await() throws IOException;

  /** The TCP port of the reader, or of the waiting card. */
  int port();

  @Override
  void close() throws IOException;

  /** Connects to a reader on this machine, and keeps trying. */
  static ReaderLink connecting(int port, long limitMs) {
    return new Connecting(port, limitMs);
  }

  /** Listens on this machine; port 0 takes a free one. */
  static ReaderLink listening(int port) throws IOException {
    return new Listening(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
  }

  /** See {@link ReaderLink#connecting}. */
  record Connecting(int port, long limitMs) implements ReaderLink {
    private static final int CONNECT_LIMIT_MS = 1_000;
    private static final long PAUSE_MS = 50;

    @Override
    public Socket await() throws IOException {
      long deadline = System.nanoTime() + limitMs * 1_000_000;
      while (System.nanoTime() < deadline) {
        Socket socket = new Socket();
        try {
          socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_LIMIT_MS);
          return socket;
        } catch (IOException notThereYet) {
          socket.close();
          pause();
        }
      }
      return null;
    }

    private static void pause() throws IOException {
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IOException("stopped while waiting for the reader", stopped);
      }
    }

    @Override
    public void close() {}
  }

  /** See {@link ReaderLink#listening}. */
  record Listening(ServerSocket server) implements ReaderLink {
    @Override
    public Socket await() throws IOException {
      return server.accept();
    }

    @Override
    public int port() {
      return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
