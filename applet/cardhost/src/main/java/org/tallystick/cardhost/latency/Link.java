package org.tallystick.cardhost.latency;

/**
 * A medium and the reader's end of it.
 *
 * @param readerFrameBytes the longest frame that the reader takes (FSD, ISO/IEC 14443-4 §5.1); of no use by contact
 */
public record Link(Medium medium, int readerFrameBytes) {
  /** What most readers for ISO/IEC 14443-4 take. */
  public static final int WIDE_FRAME_BYTES = 256;
  /** What readers of a 64-byte buffer take. */
  public static final int NARROW_FRAME_BYTES = 64;
  static final double FRAME_AT_106_MS = 0.3;
  /** FSC of the modelled cards (FSCI 8). */
  private static final int CARD_FRAME_BYTES = 256;
  /** Block byte and CRC (14443-4 §7.1); the modelled readers give no CID and no NAD. */
  private static final int FRAME_OVERHEAD_BYTES = 3;
  private static final int CONTACT_BLOCK_BYTES = 254;
  /** FWI 7, the most that EMV Contactless Book D allows a card: after so long it asks for more time, S(WTX), and gets it. */
  private static final double FRAME_WAIT_MS = 256 * 16 * (1 << 7) / 13_560.0;
  private static final int WAIT_BLOCK_BYTES = 1;

  public Link {
    if (readerFrameBytes != WIDE_FRAME_BYTES && readerFrameBytes != NARROW_FRAME_BYTES) throw new IllegalArgumentException("the reader's frame is 64 or 256 bytes, not " + readerFrameBytes);
  }

  public static Link of(Medium medium) {
    return new Link(medium, WIDE_FRAME_BYTES);
  }

  /**
   * Frames of one message: its blocks, and one R-block after each but the last (14443-4 §7.5.4; ISO/IEC 7816-3 §11.6.2.2).
   * A message without a byte is one empty block.
   */
  static int frames(int bytes, int dataBytes) {
    int blocks = Math.max(1, (bytes + dataBytes - 1) / dataBytes);
    return 2 * blocks - 1;
  }

  /**
   * Milliseconds on the wire of one command and its answer, all frames counted.
   *
   * @param responseBytes with the status word; negative when nothing was answered
   * @param processing how long the card is silent between them: at worst it asks for more time whenever a frame wait is over
   */
  Range transfer(int commandBytes, int responseBytes, Range processing) {
    boolean answers = responseBytes >= 0;
    int frames = frames(commandBytes, dataBytes(CARD_FRAME_BYTES)) + (answers ? frames(responseBytes, dataBytes(readerFrameBytes)) : 0);
    double plain = medium.byteMs() * (commandBytes + Math.max(0, responseBytes)) + medium.frameMs() * frames;
    return new Range(plain, plain + waits(processing.high()));
  }

  private int dataBytes(int frameBytes) {
    return medium.isContactless() ? frameBytes - FRAME_OVERHEAD_BYTES : CONTACT_BLOCK_BYTES;
  }

  private double waits(double silentMs) {
    if (!medium.isContactless()) return 0;
    double pairMs = 2 * (medium.frameMs() + WAIT_BLOCK_BYTES * medium.byteMs());
    return Math.floor(silentMs / FRAME_WAIT_MS) * pairMs;
  }

  /** Milliseconds of the two frames that every command has at least, as they are part of what is measured of an empty one. */
  static double emptyFramesMs() {
    return 2 * FRAME_AT_106_MS;
  }
}
