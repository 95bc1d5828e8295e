package org.tallystick.cardhost.vpcd;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.HexFormat;
import org.tallystick.cardhost.store.DurableCard;
import org.tallystick.cardhost.store.StateException;

/** The card on one reader, from the moment it is put there until it is taken away. */
final class ReaderSession {
  /** How the card left the reader. */
  enum End { READER_GONE, TORN }

  private static final byte[] ANSWER_TO_RESET = HexFormat.of().parseHex("3b80800101");
  private static final int POWER_OFF = 0x00;
  private static final int POWER_ON = 0x01;
  private static final int RESET = 0x02;
  private static final int GET_ATR = 0x04;

  private final DurableCard card;

  ReaderSession(DurableCard card) {
    this.card = card;
  }

  /** Serves the reader until one of both goes; a torn command is answered by silence and the card's removal. */
  End serve(Socket socket) throws IOException, StateException {
    card.reset();
    VpcdFrames frames = new VpcdFrames(socket);
    try {
      while (true) {
        byte[] message = frames.read();
        if (message.length == 1) {
          control(message[0], frames);
        } else if (message.length > 1) {
          byte[] answer = card.transmit(message, frames.arrivedNanos());
          if (answer == null) return End.TORN;
          frames.write(answer);
        }
      }
    } catch (EOFException | SocketException gone) {
      return End.READER_GONE;
    } finally {
      card.reset();
    }
  }

  private void control(byte code, VpcdFrames frames) throws IOException {
    switch (code) {
      case POWER_OFF, POWER_ON, RESET -> card.reset();
      case GET_ATR -> frames.write(ANSWER_TO_RESET);
      default -> throw new IOException(String.format("the reader sent the unknown control byte %02X", code));
    }
  }
}
