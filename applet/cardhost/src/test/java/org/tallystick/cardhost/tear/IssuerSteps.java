package org.tallystick.cardhost.tear;

import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;

import org.tallystick.cardhost.gp.Aes;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.gp.Scp03;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.TestCard;

/** What a personalizer does after a tear: it reads what the card has, and goes on from there. */
final class IssuerSteps {
  private static final byte[] NONE = new byte[0];

  private IssuerSteps() {}

  static final class KeySteps implements Scenario.Steps {
    private final TestCard card;
    private HostChannel host;

    KeySteps(TestCard card) {
      this.card = card;
    }

    @Override
    public void prepare() {
      host = card.channel();
    }

    @Override
    public boolean send() {
      Response answer = host.send(0x46, 0, 0, NONE);
      if (answer != null) card.expect(0x9000, answer);
      return answer != null;
    }

    @Override
    public boolean recover() {
      host = card.tryChannel(TestCard.PERSONALIZATION_LEVEL);
      if (host == null) return false;
      Response known = host.send(0xCA, 0xDF, 0x07, NONE);
      return known.statusWord() == 0x9000 || send();
    }
  }

  static final class AuthenticateSteps implements Scenario.Steps {
    private final TestCard card;
    private HostChannel host;

    AuthenticateSteps(TestCard card) {
      this.card = card;
    }

    @Override
    public void prepare() {
      host = card.newChannel(TestCard.PERSONALIZATION_LEVEL);
      if (host.initialize() != 0x9000) throw new AssertionError("INITIALIZE UPDATE was refused");
    }

    @Override
    public boolean send() {
      return host.authenticate() == 0x9000;
    }

    @Override
    public boolean recover() {
      return card.tryChannel(TestCard.PERSONALIZATION_LEVEL) != null;
    }
  }

  static final class PutKeySteps implements Scenario.Steps {
    private final TestCard card;
    private final KeySet next;
    private HostChannel host;

    PutKeySteps(TestCard card, KeySet next) {
      this.card = card;
      this.next = next;
    }

    private byte[] data() {
      byte[] data = {next.version()};
      for (byte[] key : new byte[][] {next.enc(), next.mac(), next.dek()}) {
        data = join(data, hex("881110"), Aes.encrypt(KeySet.initial().dek(), new byte[16], key), hex("03"), Scp03.keyCheckValue(key));
      }
      return data;
    }

    @Override
    public void prepare() {
      card.select(NONE);
      host = card.channel();
    }

    @Override
    public boolean send() {
      Response answer = host.send(0xD8, 0, 0x81, data());
      if (answer != null) card.expect(0x9000, answer);
      return answer != null;
    }

    @Override
    public boolean recover() {
      card.select(NONE);
      int opened = new HostChannel(card.card()::transmit, next, TestCard.PERSONALIZATION_LEVEL).tryOpen();
      if (opened == 0x9000) return true;
      if (opened == HostChannel.TORN) return false;
      host = card.tryChannel(TestCard.PERSONALIZATION_LEVEL);
      return host != null && send();
    }
  }
}
