package org.tallystick.cardhost.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tallystick.cardhost.testing.AllowanceFields;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.TestCard;

/** The rules of a payment at their bounds, from docs/spec/pay-rules.json: the software card is asked the same. */
class PayRuleTest {
  private static final Path CASES = Path.of(System.getProperty("tallystick.root", "../.."), "docs/spec/pay-rules.json");
  private final TestCard origin = TestCard.personalized();
  private JsonObject file;

  @TestFactory
  Stream<DynamicTest> everyRuleAtItsBound() throws IOException {
    file = JsonParser.parseString(Files.readString(CASES)).getAsJsonObject();
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonElement element : file.getAsJsonArray("cases")) {
      JsonObject one = element.getAsJsonObject();
      tests.add(DynamicTest.dynamicTest(one.get("name").getAsString(), () -> check(one)));
    }
    return tests.stream();
  }

  private void check(JsonObject one) {
    TestCard card = origin.copy();
    card.update(allowance(merged("allowance", one)));
    JsonArray before = one.has("before") ? one.getAsJsonArray("before") : new JsonArray();
    int times = one.has("times") ? one.get("times").getAsInt() : 1;
    for (int i = 0; i < times; i++) {
      for (JsonElement amount : before) {
        card.expect(0x9000, card.pay(request(card, file.getAsJsonObject("request")).withAmount(Long.parseLong(amount.getAsString()))));
      }
    }
    RequestFields request = request(card, merged("request", one));
    byte[] memory = card.fingerprint();
    int expected = Integer.parseInt(one.get("sw").getAsString(), 16);
    assertEquals(expected, card.pay(request).statusWord());
    if (expected != 0x9000) assertArrayEquals(memory, card.fingerprint(), "a failing rule writes nothing");
  }

  /** The file's own object with what the case changes. */
  private JsonObject merged(String name, JsonObject one) {
    JsonObject whole = file.getAsJsonObject(name).deepCopy();
    if (one.has(name)) one.getAsJsonObject(name).entrySet().forEach(field -> whole.add(field.getKey(), field.getValue()));
    return whole;
  }

  private static AllowanceFields allowance(JsonObject fields) {
    return AllowanceFields.standard().withSeq(2).withMaxSpent(amount(fields, "maxSpent")).withMaxCounter(fields.get("maxCounter").getAsLong())
        .withPerTap(amount(fields, "perTap")).withPin(amount(fields, "pinAbove"), amount(fields, "noPinSum"), fields.get("noPinCount").getAsInt())
        .withValidity(fields.get("notBefore").getAsLong(), fields.get("notAfter").getAsLong())
        .withCategories(Long.parseUnsignedLong(fields.get("categories").getAsString().substring(2), 16)).withFlags(fields.get("flags").getAsInt());
  }

  private static RequestFields request(TestCard card, JsonObject fields) {
    return card.request(amount(fields, "amount")).withTime(fields.get("time").getAsLong()).withCategory(fields.get("category").getAsInt());
  }

  private static long amount(JsonObject fields, String name) {
    return Long.parseLong(fields.get(name).getAsString());
  }
}
