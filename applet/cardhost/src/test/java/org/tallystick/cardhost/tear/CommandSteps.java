package org.tallystick.cardhost.tear;

import java.util.function.Supplier;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;

/** Commands that a terminal just sends again, in clear or inside the personalization channel. */
final class CommandSteps {
  private CommandSteps() {}

  /** A command in clear that may simply be sent again. */
  static final class PlainSteps implements Scenario.Steps {
    private final TestCard card;
    private final Supplier<Response> command;
    private final int repeated;

    PlainSteps(TestCard card, Supplier<Response> command, int repeated) {
      this.card = card;
      this.command = command;
      this.repeated = repeated;
    }

    @Override
    public boolean send() {
      Response answer = command.get();
      if (answer != null) card.expect(0x9000, answer);
      return answer != null;
    }

    @Override
    public boolean recover() {
      Response answer = command.get();
      if (answer != null && answer.statusWord() != repeated) card.expect(0x9000, answer);
      return answer != null;
    }
  }

  /** A command inside the personalization channel. */
  static class ChannelSteps implements Scenario.Steps {
    private final TestCard card;
    private final Scenarios.Command command;
    private final int repeated;
    private HostChannel host;

    ChannelSteps(TestCard card, Scenarios.Command command, int repeated) {
      this.card = card;
      this.command = command;
      this.repeated = repeated;
    }

    void select() {
      card.select();
    }

    @Override
    public void prepare() {
      select();
      host = card.channel();
    }

    @Override
    public boolean send() {
      Response answer = host.send(command.instruction(), command.p1(), command.p2(), command.data());
      if (answer != null) card.expect(0x9000, answer);
      return answer != null;
    }

    @Override
    public boolean recover() {
      select();
      host = card.tryChannel(TestCard.PERSONALIZATION_LEVEL);
      if (host == null) return false;
      Response answer = host.send(command.instruction(), command.p1(), command.p2(), command.data());
      if (answer != null && answer.statusWord() != repeated) card.expect(0x9000, answer);
      return answer != null;
    }
  }
}
