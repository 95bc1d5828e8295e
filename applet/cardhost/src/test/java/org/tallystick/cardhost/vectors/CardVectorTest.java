package org.tallystick.cardhost.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import javacard.framework.AID;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyPair;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.card.Card;
import org.tallystick.cardhost.card.CardImage;
import org.tallystick.cardhost.gp.Aes;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.HostChannel;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.Response;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** The applet itself with the vectors' card key: the vectors' requests go in, the vectors' bytes come out. */
class CardVectorTest {
  private static final byte[] NONE = new byte[0];
  private final JsonObject allowance = new VectorFile("allowance").valid(0).fields();
  private final JsonObject select = new VectorFile("select-answer").valid(0).fields();
  /** Each record starts with its request. */
  private final List<byte[]> requests = new VectorFile("card-record").valid().stream().map(one -> slice(one.bytes(), 0, 67)).toList();
  private final List<VectorFile.Case> answers = new VectorFile("pay-answer").valid();
  private final byte[] domain = slice(new VectorFile("opening").valid(0).bytes(), 4, 28);
  private final byte[] owner = slice(new VectorFile("opening").valid(0).bytes(), 32, 20);
  private final Secp256k1.KeyPair cardKey = testKey("card 1");
  private Card card;

  /** The vectors' test keys: SHA-256 of a public name, modulo n − 1, plus 1. */
  private static Secp256k1.KeyPair testKey(String name) {
    BigInteger hash = new BigInteger(1, Bytes.sha256(ascii("tallystick test key: " + name)));
    return new Secp256k1.KeyPair(hash.mod(Secp256k1.N.subtract(BigInteger.ONE)).add(BigInteger.ONE));
  }

  private HostChannel channel() {
    card.transmit(join(hex("00a4040008"), TestCard.AID));
    return new HostChannel(card::transmit, KeySet.initial(), TestCard.PERSONALIZATION_LEVEL).open();
  }

  /** No card lets its key be set, so the vectors' key is laid into the memory image of one that has just made its own. */
  private static Card withKey(TestCard origin, Secp256k1.KeyPair key) {
    CardImage image = origin.card().image();
    SortedMap<String, byte[]> parts = image.instances().get(0);
    Map<String, byte[]> replaced = Map.of("pair.private", Secp256k1.scalarBytes(key.scalar()), "pair.public", key.publicKey(), "publicKey", key.publicKey());
    replaced.forEach((suffix, value) -> {
      List<String> paths = parts.keySet().stream().filter(path -> path.endsWith("." + suffix)).toList();
      assertEquals(1, paths.size(), suffix);
      parts.put(paths.get(0), value);
    });
    return Card.of(image);
  }

  @BeforeEach
  void personalize() {
    TestCard origin = TestCard.installed();
    origin.expect(0x9000, origin.channel().send(0x46, 0, 0, NONE));
    card = withKey(origin, cardKey);
    HostChannel host = channel();
    byte[] issuerKey = join(new byte[] {1}, testKey("issuer").publicKey());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F02, domain)).statusWord());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F03, issuerKey)).statusWord());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F04, hex(allowance.get("card").getAsString()))).statusWord());
    assertEquals(0x9000, host.send(0xE2, 0x88, 0, TestCard.dgi(0x7F05, owner)).statusWord());
  }

  private void allow() {
    byte[] body = slice(new VectorFile("allowance").valid(0).bytes(), 52, 62);
    byte[] signature = hex(select.get("allowanceSignature").getAsString());
    assertEquals(0x9000, channel().send(0x14, 0, 0, join(body, signature)).statusWord());
  }

  private Response pay(byte[] request) {
    return Response.of(card.transmit(join(hex("8010000043"), request)));
  }

  private byte[] shortSelectAnswer() {
    return Response.of(card.transmit(join(hex("00a4040408"), TestCard.AID, hex("00")))).data();
  }

  private byte[] selectAnswer() {
    return Response.of(card.transmit(join(hex("00a4040008"), TestCard.AID, hex("00")))).data();
  }

  @Test
  void theVectorsHistoryIsThisCards() {
    allow();
    assertArrayEquals(new VectorFile("short-select-answer").valid(1).bytes(), shortSelectAnswer());
    assertArrayEquals(new VectorFile("select-answer").valid(1).bytes(), selectAnswer());
    List<byte[]> given = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Response answer = pay(requests.get(i));
      assertEquals(0x9000, answer.statusWord());
      given.add(answer.data());
      byte[] expected = answers.get(i).bytes();
      assertArrayEquals(slice(expected, 0, 48), slice(answer.data(), 0, 48), "everything but the signature's randomness");
      byte[] der = slice(answer.data(), 48, answer.data().length - 48);
      assertTrue(Secp256k1.verifies(cardKey.publicKey(), der, new VectorFile("voucher-message").valid(i).bytes()));
    }
    assertArrayEquals(new VectorFile("select-answer").valid(0).bytes(), selectAnswer());
    assertArrayEquals(new VectorFile("short-select-answer").valid(0).bytes(), shortSelectAnswer());
    for (int i = 0; i < 3; i++) assertArrayEquals(given.get(i), pay(requests.get(i)).data(), "the replay of each");
    for (int i = 0; i < 3; i++) {
      byte[] replayed = Response.of(card.transmit(join(hex("8010000143"), requests.get(i)))).data();
      assertArrayEquals(slice(new VectorFile("short-pay-answer").valid(i).bytes(), 0, 2), slice(replayed, 0, 2));
      assertArrayEquals(slice(given.get(i), 48, given.get(i).length - 48), slice(replayed, 2, replayed.length - 2));
    }
    assertArrayEquals(new VectorFile("select-answer").valid(0).bytes(), selectAnswer());
    for (int i = 0; i < 3; i++) {
      Response log = channel().send(0x16, 2 - i, 0, NONE);
      assertArrayEquals(new VectorFile("card-record").valid(i).bytes(), slice(log.data(), 0, 143));
    }
  }

  @Test
  void openingAndProofAreSignedOverTheVectorsBytes() {
    VectorFile.Case opening = new VectorFile("opening").valid(0);
    assertTrue(Secp256k1.verifies(cardKey.publicKey(), channel().send(0x1E, 0, 0, NONE).data(), opening.bytes()));
    allow();
    selectAnswer();
    for (int i = 0; i < 3; i++) pay(requests.get(i));
    VectorFile.Case proof = new VectorFile("state-proof").valid(0);
    byte[] challenge = hex(proof.fields().get("challenge").getAsString());
    byte[] answer = Response.of(card.transmit(join(hex("8012000010"), challenge))).data();
    assertArrayEquals(slice(proof.bytes(), 48, 47), slice(answer, 0, 47));
    assertTrue(Secp256k1.verifies(cardKey.publicKey(), slice(answer, 47, answer.length - 47), proof.bytes()));
  }

  /** The vectors' PIN commands, with the vectors' ephemeral key in the place of the one the card has just made. */
  @Test
  void theVectorsPinCommandsAreUnderstood() throws ReflectiveOperationException {
    for (VectorFile.Case one : new VectorFile("pin-command").valid()) {
      personalize();
      allow();
      JsonObject fields = one.fields();
      boolean unblocks = fields.get("instruction").getAsInt() == PinTerminal.UNBLOCK;
      String first = fields.get("first").getAsString();
      byte[] pins = join(PinTerminal.block(unblocks ? "9999" : first), PinTerminal.block(unblocks ? first : "87654321"));
      assertEquals(0x9000, channel().send(0xE2, 0x88, 0, TestCard.dgi(0x7F06, Aes.encrypt(KeySet.initial().dek(), new byte[16], pins))).statusWord());
      selectAnswer();
      boolean verifies = fields.get("instruction").getAsInt() == PinTerminal.VERIFY;
      if (verifies) assertEquals(0x9000, pay(requests.get(0)).statusWord());
      byte[] challenge = hex(fields.getAsJsonObject("session").get("challenge").getAsString());
      card.transmit(join(hex("801a000010"), challenge));
      replaceEphemeralKey(fields);
      byte[] command = join(new byte[] {(byte) 0x80, fields.get("instruction").getAsByte(), 0, 0, (byte) one.bytes().length}, one.bytes());
      assertEquals(0x9000, Response.of(card.transmit(command)).statusWord(), one.name());
      if (verifies) payWithPin();
    }
  }

  /** The vectors' PIN is for their second payment: it says so, and the sums without PIN begin anew. */
  private void payWithPin() {
    assertEquals(1, pay(requests.get(1)).data()[14]);
    assertArrayEquals(new byte[7], slice(selectAnswer(), 195, 7));
  }

  private void replaceEphemeralKey(JsonObject fields) throws ReflectiveOperationException {
    Object pinSession = field(card.runtime().applet(new AID(TestCard.AID, (short) 0, (byte) TestCard.AID.length)), "pinSession");
    KeyPair pair = (KeyPair) field(pinSession, "ephemeral");
    byte[] point = hex(fields.getAsJsonObject("session").get("ephemeralKey").getAsString());
    byte[] secret = hex(fields.get("cardSecret").getAsString());
    ((ECPublicKey) pair.getPublic()).setW(point, (short) 0, (short) point.length);
    ((ECPrivateKey) pair.getPrivate()).setS(secret, (short) 0, (short) secret.length);
  }

  private static Object field(Object owner, String name) throws ReflectiveOperationException {
    var field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }

  @Test
  void malformedRequestsAreRefusedByTheirFault() {
    allow();
    selectAnswer();
    Map<String, Integer> statusWords = Map.of("WRONG_LENGTH", 0x6700, "SURPLUS_BYTES", 0x6700, "ZERO_PAYEE", 0x6A80);
    new VectorFile("pay-request").invalid().forEach(element -> {
      JsonObject one = element.getAsJsonObject();
      byte[] request = hex(one.get("hex").getAsString());
      byte[] command = join(hex("80100000"), request.length == 0 ? NONE : new byte[] {(byte) request.length}, request);
      int statusWord = Response.of(card.transmit(command)).statusWord();
      String name = one.get("name").getAsString();
      int expected = switch (name) {
        case "counter zero" -> 0x9E08;
        case "amount zero" -> 0x6A80;
        case "category 64" -> 0x9E03;
        default -> statusWords.get(one.get("code").getAsString());
      };
      assertEquals(expected, statusWord, name);
    });
  }
}
