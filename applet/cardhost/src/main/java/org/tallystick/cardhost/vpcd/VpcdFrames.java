package org.tallystick.cardhost.vpcd;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import jdk.net.ExtendedSocketOptions;

/**
 * vpcd's framing over one socket: u16 length, then body, both ways (vsmartcard, virtualsmartcard/doc/api.txt). TCP may
 * split or merge messages, so they are read as a stream; length and body are written as one.
 */
final class VpcdFrames {
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private long arrivedNanos;

  VpcdFrames(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new AcknowledgingInput(socket));
    this.out = socket.getOutputStream();
    socket.setTcpNoDelay(true);
  }

  /** The next message's body; EOFException when the reader has gone. */
  byte[] read() throws IOException {
    byte[] body = new byte[in.readUnsignedShort()];
    in.readFully(body);
    arrivedNanos = System.nanoTime();
    return body;
  }

  /** When the last byte of the message read last was here, by {@link System#nanoTime}. */
  long arrivedNanos() {
    return arrivedNanos;
  }

  void write(byte[] body) throws IOException {
    byte[] message = new byte[2 + body.length];
    message[0] = (byte) (body.length >> 8);
    message[1] = (byte) body.length;
    System.arraycopy(body, 0, message, 2, body.length);
    out.write(message);
    out.flush();
  }

  /**
   * vpcd sends length and body in two writes; with delayed acknowledgements the second waits 40 ms for the first's.
   * The kernel forgets the option after use, so it is set again before every read.
   */
  private static final class AcknowledgingInput extends InputStream {
    private final Socket socket;
    private final InputStream raw;
    private final boolean supported;

    AcknowledgingInput(Socket socket) throws IOException {
      this.socket = socket;
      this.raw = socket.getInputStream();
      this.supported = socket.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
    }

    @Override
    public int read() throws IOException {
      rearm();
      return raw.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      rearm();
      return raw.read(buffer, offset, length);
    }

    private void rearm() throws IOException {
      if (supported) socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
    }
  }

  boolean isOpen() {
    return !socket.isClosed();
  }
}
