package org.tallystick.cardhost.latency;

import java.util.ArrayList;
import java.util.List;
import org.tallystick.cardhost.runtime.CardRuntime;
import org.tallystick.cardhost.runtime.Operation;
import org.tallystick.cardhost.runtime.OperationListener;

/** Counts what each command asks of one card. */
public final class LatencyMeter implements OperationListener {
  private static final byte SELECT = (byte) 0xA4;
  private static final byte BY_NAME = 0x04;

  private final CardRuntime runtime;
  private final List<CountedCommand.Work> works = new ArrayList<>();
  private long bytecodesBefore;

  /** Listens to a card from now on. */
  public LatencyMeter(CardRuntime runtime) {
    this.runtime = runtime;
    runtime.observe(this);
  }

  @Override
  public void on(Operation operation, int amount) {
    works.add(new CountedCommand.Work(operation, amount));
  }

  /** Before a command: what came before is forgotten. */
  public void begin() {
    works.clear();
    bytecodesBefore = runtime.bytecodes().total();
  }

  /**
   * After a command.
   *
   * @param response with its status word; null when it was torn
   */
  public CountedCommand end(byte[] command, byte[] response) {
    boolean selects = command.length > 2 && command[0] == 0 && command[1] == SELECT && command[2] == BY_NAME;
    return new CountedCommand(selects, command.length, response == null ? -1 : response.length, runtime.bytecodes().total() - bytecodesBefore, List.copyOf(works));
  }
}
