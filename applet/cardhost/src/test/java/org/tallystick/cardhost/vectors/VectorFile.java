package org.tallystick.cardhost.vectors;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tallystick.cardhost.testing.Bytes;

/** Reads the vectors that every language agrees on, and builds bytes from their fields by the layouts of the spec. */
final class VectorFile {
  /** @param fields as named in the file */
  record Case(String name, JsonObject fields, byte[] bytes, String sha256) {}

  private static final Path FOLDER = Path.of(System.getProperty("tallystick.root", "../.."), "vectors");
  private final JsonObject file;

  VectorFile(String name) {
    try {
      file = JsonParser.parseString(Files.readString(FOLDER.resolve(name + ".json"))).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Known answers that others published. */
  static JsonObject outside(String name) {
    return new VectorFile("outside/" + name).file;
  }

  List<Case> valid() {
    List<Case> cases = new ArrayList<>();
    for (JsonElement element : file.getAsJsonArray("valid")) {
      JsonObject one = element.getAsJsonObject();
      cases.add(new Case(one.get("name").getAsString(), one.getAsJsonObject("fields"), Bytes.hex(one.get("hex").getAsString()),
          one.get("sha256").getAsString().substring(2)));
    }
    return cases;
  }

  Case valid(int index) {
    return valid().get(index);
  }

  JsonArray invalid() {
    return file.getAsJsonArray("invalid");
  }

  /**
   * Builds bytes by a layout: {@code TAG4} is ASCII, {@code name:6} a number of 6 bytes, {@code name:b} a byte string,
   * {@code name{…}} a nested object.
   */
  static byte[] build(String layout, JsonObject fields) {
    byte[] out = new byte[0];
    int at = 0;
    while (at < layout.length()) {
      int end = endOfToken(layout, at);
      out = Bytes.join(out, token(layout.substring(at, end), fields));
      at = end + 1;
    }
    return out;
  }

  private static int endOfToken(String layout, int at) {
    int depth = 0;
    for (int i = at; i < layout.length(); i++) {
      char c = layout.charAt(i);
      if (c == '{') depth++;
      if (c == '}') depth--;
      if (c == ' ' && depth == 0) return i;
    }
    return layout.length();
  }

  private static byte[] token(String token, JsonObject fields) {
    if (token.endsWith("}")) {
      int open = token.indexOf('{');
      return build(token.substring(open + 1, token.length() - 1), fields.getAsJsonObject(token.substring(0, open)));
    }
    int colon = token.indexOf(':');
    if (colon < 0) return Bytes.ascii(token);
    JsonElement value = fields.get(token.substring(0, colon));
    String type = token.substring(colon + 1);
    return type.equals("b") ? Bytes.hex(value.getAsString()) : number(value.getAsString(), Integer.parseInt(type));
  }

  private static byte[] number(String decimal, int length) {
    BigInteger value = new BigInteger(decimal);
    if (value.signum() < 0 || value.bitLength() > 8 * length) throw new IllegalArgumentException(decimal + " does not fit " + length + " bytes");
    byte[] bytes = new byte[length];
    byte[] raw = value.toByteArray();
    for (int i = 0; i < Math.min(length, raw.length); i++) bytes[length - 1 - i] = raw[raw.length - 1 - i];
    return bytes;
  }
}
