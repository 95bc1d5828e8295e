package org.tallystick.cardhost.gp;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Collects the blocks of LOAD and finds the package AID in the CAP's header component (JCVM 3.0.4 §6.4). */
final class LoadFileCheck {
  private static final int MAX_BYTES = 65_536;
  private static final int LOAD_FILE_TAG = 0xC4;
  private static final int HEADER_COMPONENT = 0x01;
  private static final int[] MAGIC = {0xDE, 0xCA, 0xFF, 0xED};

  private ByteArrayOutputStream received;
  private int nextBlock;

  void begin() {
    received = new ByteArrayOutputStream();
    nextBlock = 0;
  }

  /** False if no load is prepared, the block is out of turn, or the file is too long. */
  boolean add(int block, byte[] data) {
    if (received == null || block != nextBlock || received.size() + data.length > MAX_BYTES) return false;
    nextBlock++;
    received.writeBytes(data);
    return true;
  }

  /** Ends the load; true if the file's header names this package. */
  boolean namesPackage(byte[] aid) {
    Fields file = new Fields(received.toByteArray());
    received = null;
    file.expect(LOAD_FILE_TAG);
    skipLength(file);
    file.expect(HEADER_COMPONENT);
    file.bytes(2);
    for (int octet : MAGIC) file.expect(octet);
    file.bytes(5);
    return Arrays.equals(file.prefixed(), aid);
  }

  private static void skipLength(Fields file) {
    int first = file.number();
    if (first > 0x80) file.bytes(first - 0x80);
  }
}
