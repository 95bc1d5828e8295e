package org.tallystick.cardhost.runtime;

import java.util.function.Consumer;

/**
 * Counts what becomes durable: one committed transaction, or one persistent write outside a transaction, is one event.
 * After a tear every later write is dropped, because the power is gone.
 */
public final class WriteEvents {
  private long count;
  private Consumer<String> observer = what -> { };
  private TearPlan plan;
  private boolean torn;

  /** Plans one tear; null plans none. */
  public void plan(TearPlan tear) {
    plan = tear;
  }

  /** Reports what each durable write is about to change: names of the parts, for accounts and tests. */
  public void observe(Consumer<String> listener) {
    observer = listener;
  }

  public long count() {
    return count;
  }

  public boolean isTorn() {
    return torn;
  }

  /** The card is put back on the reader: writes count again; a tear happens only once. */
  public void powerRestored() {
    torn = false;
  }

  /**
   * Makes one write durable, unless the power goes before it.
   *
   * @param what the parts that change
   */
  public void write(String what, Runnable effect) {
    if (torn) throw new TearError();
    count++;
    observer.accept(what);
    boolean tears = plan != null && plan.event() == count;
    if (tears && plan.before()) tear();
    effect.run();
    if (tears) tear();
  }

  private void tear() {
    plan = null;
    torn = true;
    throw new TearError();
  }
}
