package org.tallystick.cardhost.vpcd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tallystick.cardhost.runtime.TearPlan;
import org.tallystick.cardhost.store.DurableCard;
import org.tallystick.cardhost.store.StateException;

/** vpcd's framing from the reader's side: messages split and merged, power, tears, a reader that goes and returns. */
class CardOnReaderTest {
  private static final int LIMIT_MS = 10_000;
  private static final byte[] SELECT_DOMAIN = hex("00a4040000");
  private static final byte[] INITIALIZE_UPDATE = hex("8050000008010203040506070800");
  @TempDir
  Path folder;
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private Thread thread;

  private void start(int port, boolean listen, TearPlan tear) throws StateException {
    DurableCard card = DurableCard.open(folder, new SecureRandom());
    card.planTear(tear);
    thread = new Thread(() -> {
      try (card) {
        new CardOnReader(card, new Recorder()).run(port, listen);
      } catch (IOException | StateException stopped) {
        events.add("stopped");
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  private final class Recorder implements CardOnReader.Listener {
    @Override
    public void onReady(int port) {
      events.add("ready " + port);
    }

    @Override
    public void onTorn() {
      events.add("torn");
    }

    @Override
    public void onDisconnected() {
      events.add("disconnected");
    }

    @Override
    public void onReconnected() {
      events.add("reconnected");
    }
  }

  @AfterEach
  void stop() {
    if (thread != null) thread.interrupt();
  }

  private String next() throws InterruptedException {
    return events.poll(LIMIT_MS, TimeUnit.MILLISECONDS);
  }

  private static byte[] frame(byte[] body) {
    return join(number(body.length, 2), body);
  }

  private static byte[] read(Socket socket) throws IOException {
    socket.setSoTimeout(LIMIT_MS);
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] body = new byte[in.readUnsignedShort()];
    in.readFully(body);
    return body;
  }

  private static void write(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  @Test
  void servesWhoeverConnectsWhenItListens() throws Exception {
    start(0, true, null);
    int port = Integer.parseInt(next().substring("ready ".length()));
    try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), port)) {
      write(reader, frame(hex("04")));
      assertArrayEquals(hex("3b80800101"), read(reader));
      write(reader, join(frame(hex("01")), frame(SELECT_DOMAIN), frame(hex("04")), frame(hex("80ca00c100"))));
      assertEquals("9000", tail(read(reader)));
      assertArrayEquals(hex("3b80800101"), read(reader));
      assertArrayEquals(hex("c103000000 9000".replace(" ", "")), read(reader));
      for (byte octet : frame(hex("80ca00c100"))) write(reader, new byte[] {octet});
      assertArrayEquals(hex("c1030000009000"), read(reader));
    }
    assertEquals("disconnected", next());
    try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertEquals("reconnected", next());
      write(reader, frame(SELECT_DOMAIN));
      assertEquals("9000", tail(read(reader)));
    }
  }

  @Test
  void connectsToAReaderAndReturnsToItAfterATear() throws Exception {
    try (ServerSocket vpcd = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      vpcd.setSoTimeout(LIMIT_MS);
      start(vpcd.getLocalPort(), false, new TearPlan(2, false));
      try (Socket slot = vpcd.accept()) {
        assertEquals("ready " + vpcd.getLocalPort(), next());
        write(slot, frame(INITIALIZE_UPDATE));
        assertEquals("9000", tail(read(slot)));
        write(slot, frame(INITIALIZE_UPDATE));
        assertThrows(EOFException.class, () -> read(slot));
      }
      assertEquals("torn", next());
      try (Socket slot = vpcd.accept()) {
        assertEquals("reconnected", next());
        write(slot, frame(hex("80ca00c100")));
        assertArrayEquals(hex("c1030000029000"), read(slot));
      }
      assertEquals("disconnected", next());
      try (Socket slot = vpcd.accept()) {
        assertEquals("reconnected", next());
        write(slot, frame(INITIALIZE_UPDATE));
        assertEquals("9000", tail(read(slot)));
      }
    }
  }

  @Test
  void powerOffForgetsTheSession() throws Exception {
    start(0, true, null);
    int port = Integer.parseInt(next().substring("ready ".length()));
    try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), port)) {
      write(reader, frame(INITIALIZE_UPDATE));
      assertEquals("9000", tail(read(reader)));
      write(reader, join(frame(hex("00")), frame(hex("01")), frame(hex("84821300 10" + "00".repeat(16)))));
      assertEquals("6985", tail(read(reader)), "no INITIALIZE UPDATE since power on");
    }
  }

  private static String tail(byte[] answer) {
    return String.format("%02x%02x", answer[answer.length - 2], answer[answer.length - 1]);
  }
}
