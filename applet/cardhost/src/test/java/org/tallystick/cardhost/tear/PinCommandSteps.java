package org.tallystick.cardhost.tear;

import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;

/** VERIFY, CHANGE and UNBLOCK as a cardholder tries them again after a tear. */
final class PinCommandSteps {
  private PinCommandSteps() {}

  static final class PinSteps implements Scenario.Steps {
    private static final String NEW_PIN = "998877";
    private final TestCard card;
    private final int instruction;
    private final String secret;
    private PinTerminal terminal;
    private RequestFields request;

    PinSteps(TestCard card, int instruction, String secret) {
      this.card = card;
      this.instruction = instruction;
      this.secret = secret;
    }

    @Override
    public void prepare() {
      request = card.request(1);
      terminal = PinTerminal.open(card);
    }

    private Response send(int by, String tried) {
      byte[] data = by == PinTerminal.VERIFY ? terminal.verify(tried, request) : terminal.replace(by, tried, NEW_PIN);
      return card.send(by, 0, 0, data);
    }

    @Override
    public boolean send() {
      return send(instruction, secret) != null;
    }

    /** The new PIN first after a CHANGE; whoever has no try left takes the PUK. */
    @Override
    public boolean recover() {
      boolean right = secret.equals(TestCard.PIN) || secret.equals(TestCard.PUK);
      boolean mayBeChanged = instruction == PinTerminal.CHANGE && right;
      Response answer = attempt(instruction, mayBeChanged ? NEW_PIN : secret);
      if (answer != null && mayBeChanged && answer.statusWord() >> 4 == 0x63C) answer = attempt(instruction, secret);
      if (answer != null && answer.statusWord() == 0x6983) answer = attempt(PinTerminal.UNBLOCK, TestCard.PUK);
      if (answer == null) return false;
      if (right) card.expect(0x9000, answer);
      else if (answer.statusWord() != 0x9000 && answer.statusWord() >> 4 != 0x63C) throw new AssertionError(String.format("%04X", answer.statusWord()));
      return true;
    }

    private Response attempt(int by, String tried) {
      request = card.request(1);
      terminal = PinTerminal.tryOpen(card);
      return terminal == null ? null : send(by, tried);
    }
  }
}
