package org.tallystick.cardhost.fuzz;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.util.Arrays;
import java.util.Random;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.LogTerminal;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.ShortForms;
import org.tallystick.cardhost.testing.TestCard;

/** Makes commands that know the card: valid ones, ones just beside valid, and noise. All choices come from one seed. */
final class CommandGenerator {
  private static final int[] INSTRUCTIONS = {
      0x10, 0x12, 0x14, 0x16, 0x18, 0x1A, 0x1C, 0x1E, 0x20, 0x24, 0x2C, 0x46, 0x50, 0x82, 0x84, 0xA4, 0xCA, 0xE2, 0xD8, 0xE4, 0xE6, 0xF0, 0xF2, 0x70, 0xC0, 0x00, 0xFF};
  private static final int[] CLASSES = {0x80, 0x80, 0x80, 0x84, 0x00, 0x90, 0x81, 0x0C, 0xC0, 0xFF};
  private static final int[] LENGTHS = {0, 1, 8, 15, 16, 17, 20, 66, 67, 68, 89, 121, 126, 145, 84, 226, 227, 255};
  private static final int[] TAGS = {0x7F01, 0x7F02, 0x7F03, 0x7F04, 0x7F05, 0x7F06, 0x7F07};
  private final Random random;
  private final TestCard card;
  private final LogTerminal terminal;
  private HostChannel host;
  private byte[] lastRequest;

  CommandGenerator(Random random, TestCard card) {
    this.random = random;
    this.card = card;
    terminal = LogTerminal.of(card);
  }

  byte[] next() {
    boolean lost = !card.card().runtime().hasSelectedApplet();
    if (lost && random.nextInt(4) == 0) return join(hex("00a4040008"), TestCard.AID, hex("00"));
    return switch (random.nextInt(20)) {
      case 0 -> noise();
      case 1, 2, 3 -> header();
      case 4, 5 -> mutated(valid());
      case 6 -> truncated(valid());
      case 7 -> extended(valid());
      case 8 -> chained(valid());
      case 9 -> lengthened(valid());
      default -> valid();
    };
  }

  private int any(int[] from) {
    return from[random.nextInt(from.length)];
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] noise() {
    return bytes(random.nextInt(262));
  }

  private byte[] header() {
    int length = random.nextInt(3) == 0 ? random.nextInt(256) : any(LENGTHS);
    byte[] head = {(byte) any(CLASSES), (byte) any(INSTRUCTIONS), (byte) small(), (byte) small()};
    return length == 0 ? head : join(head, number(length, 1), bytes(length));
  }

  private int small() {
    return random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(2);
  }

  private byte[] mutated(byte[] command) {
    byte[] changed = command.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
    return changed;
  }

  private byte[] truncated(byte[] command) {
    return Arrays.copyOf(command, random.nextInt(command.length + 1));
  }

  private byte[] lengthened(byte[] command) {
    return join(command, bytes(1 + random.nextInt(6)));
  }

  private byte[] chained(byte[] command) {
    byte[] changed = command.clone();
    changed[0] |= 0x10;
    return changed;
  }

  /** The same command in extended form. */
  private byte[] extended(byte[] command) {
    if (command.length < 6) return join(slice(command, 0, 4), hex("000000"));
    int length = command[4] & 0xFF;
    return join(slice(command, 0, 4), hex("00"), number(length, 2), slice(command, 5, Math.min(length, command.length - 5)));
  }

  private byte[] valid() {
    return switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> pay(request());
      case 4 -> plain(0x12, 0, bytes(16));
      case 5 -> plain(0x14, 0, allowance());
      case 6 -> log();
      case 7 -> plain(0x18, 0, certificate());
      case 8 -> plain(0x1A, 0, bytes(16));
      case 9 -> random.nextBoolean() ? plain(0x1C, 0, new byte[0]) : plain(0x1C, 1, beacon());
      case 10 -> pin();
      case 11 -> join(hex("80cadf"), number(random.nextInt(10), 1), hex("00"));
      case 12 -> random.nextInt(6) == 0 ? select() : plain(0x12, 0, bytes(16));
      case 13, 14 -> secure();
      default -> lastRequest == null ? noise() : pay(lastRequest);
    };
  }

  /** In its long form or its short one, seldom with another P2. */
  private byte[] pay(byte[] request) {
    return join(hex("801000"), number(form(ShortForms.PAY_P2), 1), hex("43"), request, hex("00"));
  }

  private byte[] select() {
    return join(hex("00a404"), number(form(ShortForms.SELECT_P2), 1), hex("08"), TestCard.AID, hex("00"));
  }

  private int form(int shortForm) {
    return random.nextInt(20) == 0 ? random.nextInt(256) : random.nextBoolean() ? shortForm : 0;
  }

  private static byte[] plain(int instruction, int p1, byte[] data) {
    byte[] head = {(byte) 0x80, (byte) instruction, (byte) p1, 0};
    return data.length == 0 ? join(head, hex("00")) : join(head, number(data.length, 1), data, hex("00"));
  }

  private byte[] request() {
    byte[] money = card.money();
    long counter = money.length == 0 ? 1 : Bytes.number(money, 0, 4) + 1;
    int fault = random.nextInt(10);
    RequestFields request = new RequestFields(card.publicKey == null ? bytes(8) : card.tag(), fault == 0 ? random.nextInt(5) : counter,
        fault == 1 ? new byte[20] : fault == 2 ? bytes(20) : TestCard.PAYEE, fault == 3 ? 0 : fault == 4 ? random.nextLong() : 1 + random.nextInt(60),
        fault == 5 ? random.nextInt() : RequestFields.TIME, bytes(16), TestCard.TERMINAL, fault == 6 ? random.nextInt(256) : 5);
    lastRequest = request.encode();
    return lastRequest;
  }

  private byte[] allowance() {
    if (card.address == null) return bytes(126);
    AllowanceFields fields = AllowanceFields.standard().withSeq(card.nextSeq() + random.nextInt(3) - 1).withPin(random.nextInt(80), random.nextInt(400), random.nextInt(20));
    if (random.nextInt(4) == 0) fields = fields.withPerTap(0);
    if (random.nextInt(4) == 0) fields = fields.withFlags(random.nextInt(9));
    return card.allowance(fields);
  }

  private byte[] certificate() {
    byte[] certificate = (random.nextInt(4) == 0 ? terminal.certificate().withTerminalKey(bytes(65)) : terminal.certificate()).encode();
    return join(certificate, random.nextInt(3) == 0 ? bytes(64) : card.issuer.sign(certificate));
  }

  /** A step of reading a payee's entries, or the last one after the others, mostly with the right signature. */
  private byte[] log() {
    int age = random.nextInt(18);
    byte[] payee = random.nextInt(4) == 0 ? bytes(20) : TestCard.PAYEE;
    boolean selected = card.card().runtime().hasSelectedApplet() && card.part("life").length > 0 && card.part("life")[0] != 0x01;
    return switch (random.nextInt(6)) {
      case 0 -> plain(0x84, 0, new byte[0]);
      case 1 -> plain(0x16, age, new byte[0]);
      case 2 -> plain(0x16, age, payee);
      default -> {
        if (!selected) yield plain(0x16, age, bytes(84));
        if (random.nextInt(6) != 0) terminal.present();
        byte[] challenge = random.nextInt(6) == 0 ? bytes(16) : terminal.challenge();
        byte[] proof = terminal.proof(challenge);
        yield plain(0x16, age, random.nextInt(6) == 0 ? join(payee, bytes(64)) : join(payee, slice(proof, 20, 64)));
      }
    };
  }

  private byte[] beacon() {
    byte[] head = join(ascii("TLYS"), TestCard.DOMAIN, number(1, 1), number(random.nextInt(200), 4), number(5_000, 4), number(4_000, 4), number(9, 4), bytes(32));
    return join(head, random.nextInt(3) == 0 ? bytes(64) : card.issuer.sign(head));
  }

  /** Opens a session where the state allows it and answers one of the three commands, mostly with the right secret. */
  private byte[] pin() {
    if (card.publicKey == null) return plain(0x20, 0, bytes(121));
    PinTerminal terminal = PinTerminal.orNull(card);
    if (terminal == null) return plain(0x24, 0, bytes(89));
    boolean right = random.nextInt(8) != 0;
    RequestFields request = RequestFields.of(card.tag(), Bytes.number(card.money(), 0, 4) + 1, 70);
    lastRequest = request.encode();
    return switch (random.nextInt(4)) {
      case 0 -> plain(0x24, 0, terminal.replace(0x24, right ? TestCard.PIN : "0000", TestCard.PIN));
      case 1 -> plain(0x2C, 0, terminal.replace(0x2C, right ? TestCard.PUK : "00000000", TestCard.PIN));
      default -> plain(0x20, 0, terminal.verify(right ? TestCard.PIN : "0000", request));
    };
  }

  /** Something inside the personalization channel, which is opened when it is needed. */
  private byte[] secure() {
    if (host == null || random.nextInt(10) == 0) {
      host = card.newChannel(random.nextInt(5) == 0 ? 0x01 : TestCard.PERSONALIZATION_LEVEL);
      if (host.tryOpen() != 0x9000) {
        host = null;
        return noise();
      }
    }
    return switch (random.nextInt(7)) {
      case 0 -> host.wrap(0xCA, 0xDF, random.nextInt(9), new byte[0]);
      case 1 -> host.wrap(0x16, random.nextInt(17), 0, new byte[0]);
      case 2 -> host.wrap(0x1E, 0, 0, new byte[0]);
      case 3 -> host.wrap(0x14, 0, 0, allowance());
      case 4 -> host.wrap(0xE2, 0x88, 0, TestCard.dgi(any(TAGS), bytes(any(new int[] {1, 16, 20, 28, 66}))));
      case 5 -> host.wrap(0xE2, 0x88, 0, TestCard.dgi(0x7F01, number(random.nextInt(5) == 0 ? random.nextInt(256) : random.nextBoolean() ? 0x07 : 0x0B, 1)));
      default -> host.wrap(any(INSTRUCTIONS), small(), 0, bytes(random.nextInt(40)));
    };
  }
}
