package org.tallystick.cardhost.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What JCRE 3.0.4 chapter 7 promises and the simulator alone does not keep. */
class RollbackTest {
  private final WriteEvents events = new WriteEvents();
  private final CardRuntime runtime = new CardRuntime(events);
  private final byte[] memory = {1, 2, 3, 4};

  @BeforeEach
  void aPersistentArray() {
    runtime.adopt(memory, "memory");
  }

  private void write(int at, int value) {
    runtime.writeArray(memory, at, 1, () -> memory[at] = (byte) value);
  }

  @Test
  void anAbortedTransactionLeavesTheOldBytes() {
    runtime.beginTransaction();
    write(0, 9);
    write(0, 8);
    runtime.writeArray(memory, 1, 3, () -> System.arraycopy(new byte[3], 0, memory, 1, 3));
    runtime.abortTransaction();
    assertArrayEquals(new byte[] {1, 2, 3, 4}, memory);
    assertEquals(0, events.count());
    assertEquals(0, runtime.getTransactionDepth());
  }

  @Test
  void aCommittedTransactionIsOneEvent() {
    runtime.beginTransaction();
    write(0, 9);
    write(1, 9);
    runtime.commitTransaction();
    assertArrayEquals(new byte[] {9, 9, 3, 4}, memory);
    assertEquals(1, events.count());
    assertEquals(2, runtime.largestTransactionBytes());
  }

  @Test
  void powerOffEndsAnOpenTransaction() {
    runtime.beginTransaction();
    write(2, 9);
    runtime.reset();
    assertArrayEquals(new byte[] {1, 2, 3, 4}, memory);
    runtime.beginTransaction();
    write(2, 7);
    runtime.commitTransaction();
    assertEquals(7, memory[2]);
  }

  @Test
  void aTearBeforeTheCommitUndoesItAndOneAfterKeepsIt() {
    for (boolean before : new boolean[] {true, false}) {
      events.plan(new TearPlan(events.count() + 1, before));
      byte[] old = memory.clone();
      runtime.beginTransaction();
      write(3, 99);
      assertThrows(TearError.class, runtime::commitTransaction);
      runtime.reset();
      assertEquals(before ? old[3] : 99, memory[3]);
      events.powerRestored();
    }
  }

  @Test
  void afterATearNothingIsWritten() {
    events.plan(new TearPlan(1, false));
    assertThrows(TearError.class, () -> write(0, 5));
    assertThrows(TearError.class, () -> write(1, 5));
    assertArrayEquals(new byte[] {5, 2, 3, 4}, memory);
    events.powerRestored();
    write(1, 5);
    assertArrayEquals(new byte[] {5, 5, 3, 4}, memory);
  }

  @Test
  void nonAtomicWritesAreForRamOnly() {
    assertThrows(IllegalStateException.class, () -> runtime.requireRam(memory));
    runtime.requireRam(new byte[4]);
  }

  @Test
  void tearsAreParsedStrictly() {
    assertEquals(new TearPlan(12, true), TearPlan.parse("12:before"));
    assertEquals(new TearPlan(1, false), TearPlan.parse("1:after"));
    for (String wrong : new String[] {"", "1", "0:before", "-1:after", "1:during", "1:before:", "01:before", "x:after", "1: before"}) {
      assertThrows(IllegalArgumentException.class, () -> TearPlan.parse(wrong), wrong);
    }
  }
}
