package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.fill;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.tallystick.cardhost.card.Card;
import org.tallystick.cardhost.card.CardImage;
import org.tallystick.cardhost.gp.Aes;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.runtime.TearPlan;
import org.tallystick.cardhost.stock.Birth;

/** A card in the test's hand: its issuer, the commands by name, and what a terminal knows of it. */
public final class TestCard {
  public static final byte[] AID = hex("f054414c4c590001");
  public static final byte[] DOMAIN = join(number(31337, 8), fill(0xA1, 20));
  public static final byte[] OWNER = fill(0x0E, 20);
  public static final byte[] PAYEE = fill(0xBA, 20);
  public static final byte[] TERMINAL = hex("7465726d00000001");
  public static final int PERSONALIZATION_LEVEL = 0x13;
  public static final int ISSUER_KEY_ID = 1;
  private static final SecureRandom RANDOM = new SecureRandom();

  public final Secp256k1.KeyPair issuer;
  private final Card card;
  private final KeySet keys = KeySet.initial();
  public byte[] publicKey;
  public byte[] address;

  private TestCard(Card card, Secp256k1.KeyPair issuer) {
    this.card = card;
    this.issuer = issuer;
  }

  /** A factory card: nothing installed. */
  public static TestCard blank() {
    return blank(Birth.ofDevelopment());
  }

  private static TestCard blank(Birth birth) {
    return new TestCard(Card.fresh(RANDOM, birth), Secp256k1.KeyPair.random(RANDOM));
  }

  /** With one instance installed and selected. */
  public static TestCard installed() {
    TestCard test = blank();
    test.install(AID);
    test.select();
    return test;
  }

  /** Domain, issuer key, key pair, address and owner stored; no allowance yet. */
  public static TestCard stored() {
    TestCard test = installed();
    test.store();
    return test;
  }

  /** The digits of every test card's PIN and PUK. */
  public static final String PIN = "4711";
  public static final String PUK = "12345678";

  /** Ready to pay, with a PIN. */
  public static TestCard withPin() {
    return givePin(personalized());
  }

  /** The same on a chip of another kind. */
  public static TestCard withPin(Birth birth) {
    TestCard test = blank(birth);
    test.install(AID);
    test.select();
    test.store();
    return givePin(allow(test));
  }

  private static TestCard givePin(TestCard test) {
    test.expect(0x9000, test.channel().send(0xE2, 0x88, 0, dgi(0x7F06, test.encryptedPins(PIN, PUK))));
    test.select();
    return test;
  }

  /** PIN block ‖ PUK block under the data encryption key. */
  public byte[] encryptedPins(String pin, String puk) {
    return Aes.encrypt(keys.dek(), new byte[16], join(PinTerminal.block(pin), PinTerminal.block(puk)));
  }

  /** Ready to pay under {@link AllowanceFields#standard}. */
  public static TestCard personalized() {
    return allow(stored());
  }

  private static TestCard allow(TestCard test) {
    test.expect(0x9000, test.channel().send(0x14, 0, 0, test.allowance(AllowanceFields.standard())));
    test.select();
    return test;
  }

  public Card card() {
    return card;
  }

  /** Another card with the same memory: what a copied state directory is. The instance is selected. */
  public TestCard copy() {
    TestCard twin = new TestCard(Card.of(decode(card.image().encode())), issuer);
    twin.publicKey = publicKey;
    twin.address = address;
    twin.select();
    return twin;
  }

  /** The same, with nothing selected but what power on selects. */
  public TestCard copyAsIs() {
    TestCard twin = copy();
    twin.card.reset();
    twin.select();
    return twin;
  }

  /** Everything that survives without power. */
  public byte[] memory() {
    return card.image().encode();
  }

  private static CardImage decode(byte[] memory) {
    try {
      return CardImage.decode(memory);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** One part of the first instance's memory by the last name of its path; empty if there is no such instance. */
  public byte[] part(String name) {
    var instances = card.image().instances();
    if (instances.isEmpty()) return new byte[0];
    return instances.get(0).entrySet().stream().filter(part -> part.getKey().endsWith("." + name)).findFirst().orElseThrow().getValue();
  }

  /** counter 4 ‖ spent 6 ‖ no-PIN sums 7 ‖ head 32, read without a command. */
  public byte[] money() {
    return part("money");
  }

  public long nextSeq() {
    return number(part("allowance"), 1, 4) + 1;
  }

  /**
   * All memory but the tries of PIN and PUK, the key object in which GET LOG tries a terminal's key, and the state of the
   * secure channel: what no refused command may change (spec §4.6).
   */
  public byte[] fingerprint() {
    CardImage image = card.image();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (var instance : image.domain().instances) {
      all.writeBytes(instance.aid);
      all.write(instance.lifeCycle);
    }
    all.write(image.domain().keys.version());
    all.write(image.domain().lifeCycle);
    image.instances().forEach(instance -> instance.forEach((path, bytes) -> {
      if (path.endsWith(".terminalKey")) return;
      boolean pin = path.endsWith(".pin") || path.endsWith(".puk");
      all.write(bytes, 0, pin ? bytes.length - 1 : bytes.length);
    }));
    return all.toByteArray();
  }

  /** Plans a tear at the n-th durable write from now. */
  public void tearAt(long write, boolean before) {
    card.events().plan(new TearPlan(card.events().count() + write, before));
  }

  /** Power comes back; the instance is selected again. */
  public void powerOn() {
    card.reset();
    select();
  }

  public Response send(byte[] command) {
    byte[] answer = card.transmit(command);
    return answer == null ? null : Response.of(answer);
  }

  public Response send(int ins, int p1, int p2, byte[] data) {
    byte[] header = {(byte) 0x80, (byte) ins, (byte) p1, (byte) p2};
    return send(data.length == 0 ? join(header, hex("00")) : join(header, number(data.length, 1), data, hex("00")));
  }

  public Response select(byte[] aid) {
    if (aid.length == 0) return send(hex("00a4040000"));
    return send(join(hex("00a40400"), number(aid.length, 1), aid, hex("00")));
  }

  public Response select() {
    return select(AID);
  }

  public HostChannel newChannel(int level) {
    return new HostChannel(card::transmit, keys, level);
  }

  public HostChannel channel(int level) {
    return newChannel(level).open();
  }

  /** An open channel, or null when the power went while it was opened. */
  public HostChannel tryChannel(int level) {
    HostChannel host = newChannel(level);
    int statusWord = host.tryOpen();
    if (statusWord != 0x9000 && statusWord != HostChannel.TORN) throw new AssertionError(String.format("%04X", statusWord));
    return statusWord == 0x9000 ? host : null;
  }

  public HostChannel channel() {
    return channel(PERSONALIZATION_LEVEL);
  }

  public Response install(byte[] aid) {
    select(new byte[0]);
    return channel().send(0xE6, 0x0C, 0, installData(aid));
  }

  /** INSTALL [for install and make selectable] of one instance. */
  public static byte[] installData(byte[] aid) {
    return join(hex("07f054414c4c590008f054414c4c590001"), number(aid.length, 1), aid, hex("0100"), hex("0000"));
  }

  /** Sends every part of a personalization before the allowance. */
  public void store() {
    HostChannel host = channel();
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F02, DOMAIN)));
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F03, join(number(ISSUER_KEY_ID, 1), issuer.publicKey()))));
    publicKey = host.send(0x46, 0, 0, new byte[0]).data();
    address = addressOf(publicKey);
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F04, address)));
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F05, OWNER)));
  }

  /** Resumes a torn personalization: everything again, the key pair only if there is none. */
  public void storeMissing() {
    HostChannel host = channel();
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F02, DOMAIN)));
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F03, join(number(ISSUER_KEY_ID, 1), issuer.publicKey()))));
    Response known = host.send(0xCA, 0xDF, 0x07, new byte[0]);
    publicKey = known.statusWord() == 0x9000 ? known.data() : host.send(0x46, 0, 0, new byte[0]).data();
    address = addressOf(publicKey);
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F04, address)));
    expect(0x9000, host.send(0xE2, 0x88, 0, dgi(0x7F05, OWNER)));
  }

  public static byte[] dgi(int tag, byte[] value) {
    return join(number(tag, 2), number(value.length, 1), value);
  }

  /** Body ‖ signature as UPDATE ALLOWANCE takes them. */
  public byte[] allowance(AllowanceFields fields) {
    byte[] body = fields.encode();
    return join(body, issuer.sign(ascii("TLYA"), DOMAIN, address, body));
  }

  /** Sends a newer allowance; it must be accepted. */
  public void update(AllowanceFields fields) {
    expect(0x9000, send(0x14, 0, 0, allowance(fields)));
  }

  /** A request for this card's next payment. */
  public RequestFields request(long amount) {
    return RequestFields.of(tag(), counter() + 1, amount);
  }

  public Response pay(RequestFields request) {
    return send(0x10, 0, 0, request.encode());
  }

  public byte[] tag() {
    return slice(Bytes.sha256(DOMAIN, compressed()), 0, 8);
  }

  public byte[] compressed() {
    return join(new byte[] {(byte) (2 + (publicKey[64] & 1))}, slice(publicKey, 1, 32));
  }

  public long counter() {
    return number(select().data(), 185, 4);
  }

  public long spent() {
    return number(select().data(), 189, 6);
  }

  /** Ethereum address: the last 20 bytes of Keccak-256 of x ‖ y. */
  public static byte[] addressOf(byte[] publicKey) {
    KeccakDigest keccak = new KeccakDigest(256);
    keccak.update(publicKey, 1, 64);
    byte[] hash = new byte[32];
    keccak.doFinal(hash, 0);
    return slice(hash, 12, 20);
  }

  public void expect(int statusWord, Response response) {
    if (response == null || response.statusWord() != statusWord) {
      throw new AssertionError(String.format("expected %04X, got %s", statusWord, response == null ? "a torn answer" : String.format("%04X", response.statusWord())));
    }
  }
}
