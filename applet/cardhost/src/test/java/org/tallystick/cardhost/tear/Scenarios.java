package org.tallystick.cardhost.tear;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.TestCard.dgi;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** Every command that writes, in every state in which it may, with the way on after a tear. */
final class Scenarios {
  private static final String AGAIN = "sends it again";
  private static final String READ_AGAIN = "presents its certificate, signs a new challenge, reads again";
  private static final String PAY_AGAIN = "SELECT, then the same PAY: it debits only if nothing had happened, else it reads";
  private static final byte[] NONE = new byte[0];
  private static final Secp256k1.KeyPair NEXT_ISSUER = Secp256k1.KeyPair.random(new SecureRandom());

  private Scenarios() {}

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    payments(all);
    allowances(all);
    objects(all);
    pins(all);
    domain(all);
    readers(all);
    return all;
  }

  private static TestCard afterPayments(int count) {
    TestCard card = TestCard.personalized();
    for (int i = 0; i < count; i++) card.expect(0x9000, card.pay(card.request(3)));
    return card;
  }

  private static TestCard inState(int state, TestCard card) {
    card.expect(0x9000, card.channel().send(0xE2, 0x88, 0, dgi(0x7F01, number(state, 1))));
    card.select();
    return card;
  }

  private static void payments(List<Scenario> all) {
    all.add(new Scenario("PAY, the first", "PERSONALIZED", () -> afterPayments(0), PAY_AGAIN, PaymentSteps.PaySteps::new));
    all.add(new Scenario("PAY, a full ring", "PERSONALIZED", () -> afterPayments(17), PAY_AGAIN, PaymentSteps.PaySteps::new));
    all.add(new Scenario("PAY, short form", "PERSONALIZED", () -> afterPayments(17), PAY_AGAIN, PaymentSteps.ShortPaySteps::new));
    Supplier<TestCard> needsPin = () -> {
      TestCard card = TestCard.withPin();
      card.update(AllowanceFields.standard().withSeq(2).withPin(0, 0, 0));
      return card;
    };
    all.add(new Scenario("PAY with PIN", "PERSONALIZED", needsPin, "as PAY; the PIN is asked again only if nothing had happened", PaymentSteps.PinPaySteps::new));
    for (int state : new int[] {0x07, 0x0B, 0x7F}) {
      all.add(new Scenario("PAY, replay without stored signature", name(state), () -> unsigned(state), "the same PAY again: it only reads", PaymentSteps.UnsignedReplay::new));
      all.add(new Scenario("GET LOG without stored signature", name(state), () -> unsigned(state), READ_AGAIN, PaymentSteps.LogSteps::new));
      all.add(new Scenario("GET LOG with the right's signature", name(state), () -> inState(state, afterPayments(2)), READ_AGAIN, PaymentSteps.SignedLogSteps::new));
    }
  }

  private static String name(int state) {
    return switch (state) {
      case 0x01 -> "INSTALLED";
      case 0x07 -> "PERSONALIZED";
      case 0x0B -> "SUSPENDED";
      default -> "TERMINATED";
    };
  }

  private static final RequestFields TORN = new RequestFields(new byte[8], 6, TestCard.PAYEE, 9, RequestFields.TIME, fill(0x33, 16), TestCard.TERMINAL, 5);

  static RequestFields torn(TestCard card) {
    return TORN.withCardTag(card.tag());
  }

  /** A card whose sixth payment was torn right after its transaction. */
  private static TestCard unsigned(int state) {
    TestCard card = afterPayments(5);
    card.tearAt(1, false);
    if (card.pay(torn(card)) != null) throw new AssertionError("the payment was to be torn");
    card.powerOn();
    return state == 0x07 ? card : inState(state, card);
  }

  private static void allowances(List<Scenario> all) {
    all.add(secure("UPDATE ALLOWANCE, the first", 0x01, TestCard::stored, card -> new Command(0x14, 0, card.allowance(AllowanceFields.standard())), 0x9E0A));
    for (int state : new int[] {0x07, 0x0B}) {
      all.add(plain("UPDATE ALLOWANCE, newer", name(state), () -> inState(state, afterPayments(2)),
          card -> new Command(0x14, 0, card.allowance(AllowanceFields.standard().withSeq(2))), 0x9E0A));
      all.add(plain("UPDATE ALLOWANCE, newer, flag bit 3", name(state), () -> inState(state, afterPayments(2)),
          card -> new Command(0x14, 0, card.allowance(AllowanceFields.standard().withSeq(2).withFlags(8))), 0x9E0A));
      all.add(plain("UPDATE ALLOWANCE, perTap 0", name(state), () -> inState(state, afterPayments(2)),
          card -> new Command(0x14, 0, card.allowance(AllowanceFields.standard().withSeq(2).withPerTap(0))), 0x9E0A));
      all.add(plain("BEACON put", name(state), () -> inState(state, afterPayments(0)), card -> {
        byte[] head = join(ascii("TLYS"), TestCard.DOMAIN, number(1, 1), number(3, 4), number(5_000, 4), number(4_000, 4), number(9, 4), fill(0x4C, 32));
        return new Command(0x1C, 1, join(head, card.issuer.sign(head)));
      }, 0x9E0A));
    }
  }

  private static void objects(List<Scenario> all) {
    Supplier<TestCard> installed = TestCard::installed;
    all.add(secure("STORE DATA 7F02 domain", 0x01, installed, card -> store(0x7F02, TestCard.DOMAIN), 0x9000));
    all.add(secure("STORE DATA 7F03 issuer key", 0x01, installed, card -> store(0x7F03, join(number(1, 1), NEXT_ISSUER.publicKey())), 0x9000));
    all.add(new Scenario("GENERATE KEY", "INSTALLED", installed, "GET DATA DF07; if absent, GENERATE KEY again", IssuerSteps.KeySteps::new));
    all.add(secure("STORE DATA 7F04 address", 0x01, () -> withKey(), card -> store(0x7F04, fill(0x44, 20)), 0x9000));
    all.add(secure("STORE DATA 7F05 owner", 0x01, installed, card -> store(0x7F05, TestCard.OWNER), 0x9000));
    for (int state : new int[] {0x01, 0x07, 0x0B}) {
      Supplier<TestCard> start = () -> state == 0x01 ? TestCard.stored() : inState(state, afterPayments(2));
      all.add(secure("STORE DATA 7F06 PIN and PUK", state, start, card -> store(0x7F06, card.encryptedPins("0123", "87654321")), 0x9000));
      all.add(secure("STORE DATA 7F01 terminate", state, start, card -> store(0x7F01, number(0x7F, 1)), 0x9E01));
      if (state != 0x01) {
        all.add(secure("STORE DATA 7F03 issuer key, replaced", state, start, card -> store(0x7F03, join(number(2, 1), NEXT_ISSUER.publicKey())), 0x9000));
        all.add(secure("STORE DATA 7F01 " + (state == 0x07 ? "suspend" : "resume"), state, start, card -> store(0x7F01, number(state == 0x07 ? 0x0B : 0x07, 1)), 0x9000));
      }
    }
  }

  private static TestCard withKey() {
    TestCard card = TestCard.installed();
    card.expect(0x9000, card.channel().send(0x46, 0, 0, NONE));
    card.select();
    return card;
  }

  private static void pins(List<Scenario> all) {
    String retry = "PIN SESSION and the command again; a try may be gone, never won";
    for (int state : new int[] {0x07, 0x0B}) {
      Supplier<TestCard> start = () -> state == 0x07 ? TestCard.withPin() : inState(state, TestCard.withPin());
      all.add(plain("PIN SESSION", name(state), start, card -> new Command(0x1A, 0, fill(0x1A, 16)), 0x9000));
      all.add(new Scenario("VERIFY PIN, right", name(state), start, retry, card -> new PinCommandSteps.PinSteps(card, PinTerminal.VERIFY, TestCard.PIN)));
      all.add(new Scenario("VERIFY PIN, wrong", name(state), start, retry, card -> new PinCommandSteps.PinSteps(card, PinTerminal.VERIFY, "0000")));
      all.add(new Scenario("CHANGE PIN, right", name(state), start, "the new PIN first, then the old one; the PUK if no try is left", card -> new PinCommandSteps.PinSteps(card, PinTerminal.CHANGE, TestCard.PIN)));
      all.add(new Scenario("CHANGE PIN, wrong", name(state), start, retry, card -> new PinCommandSteps.PinSteps(card, PinTerminal.CHANGE, "0000")));
      all.add(new Scenario("UNBLOCK, right", name(state), start, retry, card -> new PinCommandSteps.PinSteps(card, PinTerminal.UNBLOCK, TestCard.PUK)));
      all.add(new Scenario("UNBLOCK, wrong", name(state), start, retry, card -> new PinCommandSteps.PinSteps(card, PinTerminal.UNBLOCK, "00000000")));
    }
  }

  private static void domain(List<Scenario> all) {
    Supplier<TestCard> start = () -> {
      TestCard card = afterPayments(1);
      card.select(NONE);
      return card;
    };
    all.add(plain("INITIALIZE UPDATE", "any", start, card -> new Command(0x50, 0, fill(1, 8)), 0x9000));
    all.add(new Scenario("EXTERNAL AUTHENTICATE", "any", start, "INITIALIZE UPDATE and EXTERNAL AUTHENTICATE again; a try may be gone until then", IssuerSteps.AuthenticateSteps::new));
    KeySet next = new KeySet((byte) 1, fill(0x51, 16), fill(0x52, 16), fill(0x53, 16));
    all.add(new Scenario("PUT KEY", "any", start, "opens a channel with the new keys, else with the old ones and PUT KEY again", card -> new IssuerSteps.PutKeySteps(card, next)));
    all.add(domainCommand("INSTALL of a second instance", start, card -> new Command(0xE6, 0x0C, TestCard.installData(hex("f054414c4c590002"))), 0x6985));
    all.add(domainCommand("DELETE of a second instance", () -> {
      TestCard card = afterPayments(1);
      card.expect(0x9000, card.install(hex("f054414c4c590002")));
      card.select(NONE);
      return card;
    }, card -> new Command(0xE4, 0, hex("4f08f054414c4c590002")), 0x6A88));
    all.add(domainCommand("SET STATUS, lock an instance", start, card -> new Command(0xF0, 0x40, 0x80, TestCard.AID), 0x9000));
    all.add(domainCommand("STORE DATA of the card image number", start, card -> new Command(0xE2, 0x80, hex("450411223344")), 0x9000));
  }

  /** Commands that must not write: a tear at any moment of theirs is a lost answer and nothing else. */
  private static void readers(List<Scenario> all) {
    Supplier<TestCard> start = () -> afterPayments(2);
    all.add(new Scenario("SELECT", "any", start, AGAIN, card -> new CommandSteps.PlainSteps(card, () -> card.select(), 0x9000)));
    all.add(plain("PROVE", "any", start, card -> new Command(0x12, 0, fill(9, 16)), 0x9000));
    all.add(plain("GET DATA", "any", start, card -> new Command(0xCA, 0xDF, 0x01, NONE), 0x9000));
    all.add(plain("GET CHALLENGE", "any but INSTALLED", start, card -> new Command(0x84, 0, NONE), 0x9000));
    all.add(new Scenario("GET LOG, signature stored", "any but INSTALLED", start, READ_AGAIN, PaymentSteps.LogSteps::new));
    all.add(new Scenario("PAY, replay with stored signature", "any but INSTALLED", () -> afterPayments(2), AGAIN, card -> {
      RequestFields request = card.request(4);
      card.expect(0x9000, card.pay(request));
      return new CommandSteps.PlainSteps(card, () -> card.pay(request), 0x9000);
    }));
    all.add(new Scenario("PRESENT CERTIFICATE", "any but INSTALLED", start, AGAIN, card -> {
      LogTerminal terminal = LogTerminal.of(card);
      return new CommandSteps.PlainSteps(card, terminal::present, 0x9000);
    }));
    all.add(secure("OPEN", 0x01, TestCard::stored, card -> new Command(0x1E, 0, NONE), 0x9000));
  }

  /** One command's bytes before any protection. */
  record Command(int instruction, int p1, int p2, byte[] data) {
    Command(int instruction, int p1, byte[] data) {
      this(instruction, p1, 0, data);
    }
  }

  private static Command store(int tag, byte[] value) {
    return new Command(0xE2, 0x88, dgi(tag, value));
  }

  private static Scenario plain(String name, String state, Supplier<TestCard> start, Function<TestCard, Command> made, int repeated) {
    return new Scenario(name, state, start, repeated == 0x9000 ? AGAIN : answered(repeated), card -> {
      Command command = made.apply(card);
      return new CommandSteps.PlainSteps(card, () -> card.send(command.instruction(), command.p1(), command.p2(), command.data()), repeated);
    });
  }

  private static String answered(int repeated) {
    return String.format("sends it again: %04X says that it had happened", repeated);
  }

  private static Scenario secure(String name, int state, Supplier<TestCard> start, Function<TestCard, Command> made, int repeated) {
    return new Scenario(name, name(state), start, "opens a channel and " + (repeated == 0x9000 ? AGAIN : answered(repeated)),
        card -> new CommandSteps.ChannelSteps(card, made.apply(card), repeated));
  }

  private static Scenario domainCommand(String name, Supplier<TestCard> start, Function<TestCard, Command> made, int repeated) {
    return new Scenario(name, "any", start, "opens a channel and " + (repeated == 0x9000 ? AGAIN : answered(repeated)), card -> new CommandSteps.ChannelSteps(card, made.apply(card), repeated) {
      @Override
      void select() {
        card.select(NONE);
      }
    });
  }
}
