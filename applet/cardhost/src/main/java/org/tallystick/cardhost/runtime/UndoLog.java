package org.tallystick.cardhost.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** The old contents of what the open transaction wrote, newest first. */
final class UndoLog {
  private record Entry(byte[] array, int offset, byte[] old) {}

  private final Deque<Entry> entries = new ArrayDeque<>();
  private int bytes;
  private int largest;

  void save(byte[] array, int offset, int length) {
    entries.push(new Entry(array, offset, Arrays.copyOfRange(array, offset, offset + length)));
    bytes += length;
    largest = Math.max(largest, bytes);
  }

  void rollBack() {
    for (Entry entry : entries) System.arraycopy(entry.old, 0, entry.array, entry.offset, entry.old.length);
    clear();
  }

  /** The arrays written so far, oldest first. */
  List<byte[]> arrays() {
    List<byte[]> written = new ArrayList<>();
    for (Entry entry : entries) if (written.stream().noneMatch(known -> known == entry.array)) written.add(0, entry.array);
    return written;
  }

  void clear() {
    entries.clear();
    bytes = 0;
  }

  /** Writes of the open transaction. */
  int writes() {
    return entries.size();
  }

  /** The most bytes any transaction has written: real cards limit it. */
  int largestTransaction() {
    return largest;
  }
}
