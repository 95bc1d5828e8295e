package org.tallystick.cardhost.tear;

import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.ShortForms;
import org.tallystick.cardhost.testing.TestCard;
import org.tallystick.cardhost.testing.VoucherFields;

/** Payments and the log as a terminal takes them up again after a tear. */
final class PaymentSteps {
  private PaymentSteps() {}

  /** PAY as a terminal does it: the same request until it has an answer. */
  static class PaySteps implements Scenario.Steps {
    final TestCard card;
    RequestFields request;
    private VoucherFields voucher;

    PaySteps(TestCard card) {
      this.card = card;
      request = card.request(9);
    }

    @Override
    public boolean send() {
      return pay();
    }

    @Override
    public boolean recover() {
      return pay();
    }

    boolean pay() {
      Response answer = ask();
      if (answer == null) return false;
      card.expect(0x9000, answer);
      voucher = rebuild(answer.data());
      if (!voucher.verifies(card.publicKey)) throw new AssertionError("the voucher does not verify");
      return true;
    }

    Response ask() {
      return card.pay(request);
    }

    VoucherFields rebuild(byte[] answer) {
      return VoucherFields.of(request, answer);
    }

    @Override
    public long received() {
      return voucher == null ? 0 : request.amount();
    }
  }

  /** The same by a terminal that has met the card before: short forms, of which the replay is one too. */
  static final class ShortPaySteps extends PaySteps {
    private final byte[] select;

    ShortPaySteps(TestCard card) {
      super(card);
      select = ShortForms.select(card).data();
    }

    @Override
    Response ask() {
      return ShortForms.pay(card, request);
    }

    @Override
    VoucherFields rebuild(byte[] answer) {
      return ShortForms.voucher(request, select, answer);
    }
  }

  static final class PinPaySteps extends PaySteps {
    PinPaySteps(TestCard card) {
      super(card);
    }

    @Override
    public void prepare() {
      verify();
    }

    private boolean verify() {
      Response session = card.send(PinTerminal.VERIFY, 0, 0, PinTerminal.open(card).verify(TestCard.PIN, request));
      if (session != null) card.expect(0x9000, session);
      return session != null;
    }

    @Override
    public boolean recover() {
      long reached = card.counter();
      if (reached < request.counter()) {
        PinTerminal terminal = PinTerminal.tryOpen(card);
        if (terminal == null) return false;
        Response verified = card.send(PinTerminal.VERIFY, 0, 0, terminal.verify(TestCard.PIN, request));
        if (verified == null) return false;
        card.expect(0x9000, verified);
      }
      return pay();
    }
  }

  /** The replay of a payment that was torn before its signature was stored; its debit was counted by the first tap. */
  static final class UnsignedReplay extends PaySteps {
    UnsignedReplay(TestCard card) {
      super(card);
      request = Scenarios.torn(card);
    }

    @Override
    public long received() {
      return 0;
    }
  }

  /** GET LOG by a terminal that has the right to its payee's entries, or gets it anew. */
  static class LogSteps implements Scenario.Steps {
    final TestCard card;
    final LogTerminal terminal;

    LogSteps(TestCard card) {
      this.card = card;
      terminal = LogTerminal.of(card);
    }

    @Override
    public void prepare() {
      card.expect(0x6A83, terminal.open(200));
    }

    @Override
    public boolean send() {
      return isRead(terminal.read(0));
    }

    @Override
    public boolean recover() {
      card.expect(0x9000, terminal.present());
      return isRead(terminal.readSigned(0));
    }

    boolean isRead(Response answer) {
      if (answer != null) card.expect(0x9000, answer);
      return answer != null;
    }
  }

  /** The GET LOG that carries the signature: the terminal's key is set in it. */
  static final class SignedLogSteps extends LogSteps {
    private byte[] proof;

    SignedLogSteps(TestCard card) {
      super(card);
    }

    @Override
    public void prepare() {
      card.expect(0x9000, terminal.present());
      proof = terminal.proof(terminal.challenge());
    }

    @Override
    public boolean send() {
      return isRead(card.send(LogTerminal.GET_LOG, 0, 0, proof));
    }
  }
}
