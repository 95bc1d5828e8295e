package org.tallystick.cardhost.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.slice;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.PinTerminal;
import org.tallystick.cardhost.testing.Secp256k1;
import org.tallystick.cardhost.testing.TestCard;

/** Java builds every object's bytes from the fields of the shared vectors (docs/spec §3, §4). */
class ObjectVectorTest {
  private static final String DOMAIN = "domain{chainId:8 vault:b}";
  private static final String BODY = "issuerKeyId:1 seq:4 maxSpent:6 softSpent:6 maxCounter:4 perTap:6 pinAbove:6 noPinSum:6 noPinCount:1 "
      + "notBefore:4 notAfter:4 cardIndex:4 categories:8 flags:2";
  private static final String REQUEST = "cardTag:b counter:4 payee:b amount:6 time:4 challenge:b terminalId:b category:1";
  private static final String HEAD = "TLYS " + DOMAIN + " issuerKeyId:1 seq:4 issuedAt:4 asOf:4 cards:4 listHash:b";
  private static final String ANSWER = "counter:4 spent:6 allowanceSeq:4 cvm:1 flags:1 link:b signature:b";

  private static final Map<String, String> LAYOUTS = Map.ofEntries(
      Map.entry("domain", "chainId:8 vault:b"),
      Map.entry("voucher-message", "TLY1 " + DOMAIN + " payee:b counter:4 amount:6 context:b"),
      Map.entry("voucher-context", "TLYC challenge:b terminalId:b time:4 spent:6 allowanceSeq:4 category:1 cvm:1 flags:1 link:b"),
      Map.entry("allowance-body", BODY),
      Map.entry("allowance", "TLYA " + DOMAIN + " card:b body{" + BODY + "}"),
      Map.entry("merchant-certificate", "TLYM " + DOMAIN + " issuerKeyId:1 payee:b category:1 terminalId:b terminalKey:b notBefore:4 notAfter:4 "
          + "perTap:6 unsentSum:6 unsentCount:4 perCardSum:6 softwareSum:6"),
      Map.entry("status-list-head", HEAD),
      Map.entry("beacon", "head{" + HEAD + "} signature:b"),
      Map.entry("state-proof", "TLYP " + DOMAIN + " challenge:b counter:4 spent:6 seq:4 state:1 head:b"),
      Map.entry("opening", "TLYO " + DOMAIN + " owner:b"),
      Map.entry("receipt", "TLYR " + DOMAIN + " issuerKeyId:1 payee:b terminalId:b uploadSeq:4 uploadHash:b receivedAt:4"),
      Map.entry("terminal-request", "TLYW " + DOMAIN + " payee:b terminalId:b kind:1 time:4 nonce:b bodyHash:b"),
      Map.entry("certificate-request", "TLYQ " + DOMAIN + " payee:b terminalId:b terminalKey:b category:1 time:4"),
      Map.entry("admission", "TLYJ " + DOMAIN + " issuerKeyId:1 issuedAt:4 requestHash:b certificateHash:b termsHash:b"),
      Map.entry("order-report", "TLYI " + DOMAIN + " reportHash:b"),
      Map.entry("log-reading", "TLYG " + DOMAIN + " cardTag:b challenge:b"),
      Map.entry("upload", "TLYU " + DOMAIN + " payee:b terminalId:b uploadSeq:4 previousJournalHead:b bodyHash:b"),
      Map.entry("reversal", "TLYX " + DOMAIN + " cardKey:b request{" + REQUEST + "}"),
      Map.entry("refund-order", "TLYF " + DOMAIN + " voucherId:b total:6 deadline:4"),
      Map.entry("pin-session", "TLYE " + DOMAIN + " challenge:b ephemeralKey:b"),
      Map.entry("pay-request", REQUEST),
      Map.entry("pay-answer", ANSWER),
      Map.entry("short-pay-answer", "cvm:1 flags:1 signature:b"),
      Map.entry("card-record", "request{" + REQUEST + "} spent:6 allowanceSeq:4 cvm:1 flags:1 link:b messageHash:b"));

  @TestFactory
  Stream<DynamicTest> layouts() {
    return LAYOUTS.entrySet().stream().flatMap(layout -> new VectorFile(layout.getKey()).valid().stream()
        .map(one -> DynamicTest.dynamicTest(layout.getKey() + ": " + one.name(), () -> check(one, VectorFile.build(layout.getValue(), one.fields())))));
  }

  private static void check(VectorFile.Case one, byte[] built) {
    assertEquals(Bytes.hex(one.bytes()), Bytes.hex(built));
    assertEquals(one.sha256(), Bytes.hex(Bytes.sha256(built)));
  }

  @Test
  void selectAnswers() {
    for (VectorFile.Case one : new VectorFile("select-answer").valid()) {
      JsonObject fields = one.fields();
      boolean whole = fields.has("cardTag");
      byte[] lead = whole ? hex("6f81e78408f054414c4c5900018581da01") : hex("6f0e8408f054414c4c590001850201");
      String rest = whole ? "state:1 cardTag:b cardKey:b allowanceBody{" + BODY + "} allowanceSignature:b counter:4 spent:6 noPinUsed:6 noPinTaps:1 head:b" : "state:1";
      check(one, join(lead, VectorFile.build(rest, fields)));
    }
  }

  @Test
  void shortSelectAnswers() {
    for (VectorFile.Case one : new VectorFile("short-select-answer").valid()) {
      String rest = "state:1 cardTag:b allowanceSeq:4 counter:4 spent:6 noPinUsed:6 noPinTaps:1 head:b";
      check(one, join(hex("6241853f01"), VectorFile.build(rest, one.fields())));
    }
  }

  @Test
  void mailboxRequests() {
    for (VectorFile.Case one : new VectorFile("mailbox-request").valid()) {
      check(one, VectorFile.build(one.fields().get("ask").getAsInt() == 1 ? "ask:1 cursor:b" : "ask:1 cardTag:b shownSeq:4", one.fields()));
    }
  }

  @Test
  void mailboxPages() {
    for (VectorFile.Case one : new VectorFile("mailbox-page").valid()) {
      var entries = one.fields().getAsJsonArray("entries");
      byte[] built = join(VectorFile.build("next:b more:1", one.fields()), new byte[] {(byte) (entries.size() >> 8), (byte) entries.size()});
      for (JsonElement entry : entries) built = join(built, VectorFile.build("cardTag:b body{" + BODY + "} signature:b", entry.getAsJsonObject()));
      check(one, built);
    }
  }

  @Test
  void cardTagsAndAddresses() {
    for (VectorFile.Case one : new VectorFile("card-tag").valid()) {
      check(one, slice(Bytes.sha256(VectorFile.build(DOMAIN + " cardKey:b", one.fields())), 0, 8));
    }
    for (VectorFile.Case one : new VectorFile("card-address").valid()) {
      check(one, TestCard.addressOf(hex(one.fields().get("uncompressed").getAsString())));
    }
    for (VectorFile.Case one : new VectorFile("voucher-id").valid()) {
      check(one, Bytes.sha256(VectorFile.build("card:b message:b", one.fields())));
    }
  }

  @Test
  void pinBlocksAndCommands() {
    for (VectorFile.Case one : new VectorFile("pin-block").valid()) check(one, PinTerminal.block(one.fields().get("digits").getAsString()));
    for (VectorFile.Case one : new VectorFile("pin-command").valid()) {
      JsonObject fields = one.fields();
      byte[] session = VectorFile.build("TLYE " + DOMAIN + " challenge:b ephemeralKey:b", fields.getAsJsonObject("session"));
      PinTerminal terminal = PinTerminal.of(session, new BigInteger(1, hex(fields.get("terminalSecret").getAsString())));
      int instruction = fields.get("instruction").getAsInt();
      String first = fields.get("first").getAsString();
      check(one, instruction == PinTerminal.VERIFY ? terminal.verify(first, hex(fields.get("requestHash").getAsString()))
          : terminal.replace(instruction, first, fields.get("second").getAsString()));
    }
  }

  @Test
  void knownAnswersFromOutside() {
    for (JsonElement element : VectorFile.outside("ethereum-addresses").getAsJsonArray("keys")) {
      JsonObject one = element.getAsJsonObject();
      Secp256k1.KeyPair key = new Secp256k1.KeyPair(new BigInteger(1, hex(one.get("privateKey").getAsString())));
      assertArrayEquals(hex(one.get("address").getAsString()), TestCard.addressOf(key.publicKey()));
    }
  }

  @Test
  void cardSignatures() {
    for (VectorFile.Case one : new VectorFile("card-signature").valid()) {
      var rs = Secp256k1.parseDer(one.bytes());
      assertArrayEquals(VectorFile.build("r:b s:b", one.fields()), join(Secp256k1.scalarBytes(rs[0]), Secp256k1.scalarBytes(rs[1])), one.name());
    }
    new VectorFile("card-signature").invalid().forEach(element -> {
      JsonObject one = element.getAsJsonObject();
      byte[] der = hex(one.get("hex").getAsString());
      boolean refused;
      try {
        Secp256k1.parseDer(der);
        refused = false;
      } catch (RuntimeException strict) {
        refused = true;
      }
      assertTrue(refused, one.get("name").getAsString());
    });
  }
}
