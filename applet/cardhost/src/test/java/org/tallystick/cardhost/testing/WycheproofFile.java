package org.tallystick.cardhost.testing;

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

/** Reads a file of Wycheproof for secp256k1 with SHA-256 ({@code vectors/outside}): {@code der}, {@code p1363} or {@code bitcoin}. */
public final class WycheproofFile {
  private static final Path FOLDER = Path.of(System.getProperty("tallystick.root", "../.."), "vectors/outside");
  private final List<Case> cases = new ArrayList<>();

  /** @param publicKey 65 bytes; @param signature bytes of whatever length, in the file's form */
  public record Case(int tcId, byte[] publicKey, byte[] message, byte[] signature, boolean valid) {
    /** Whether the s of an r ‖ s is above n/2. */
    public boolean hasHighS() {
      return s().compareTo(Secp256k1.N.shiftRight(1)) > 0;
    }

    /** r ‖ s with s replaced by n − s where it is high; an s of n or more is out of range either way and stays. */
    public byte[] withLowS() {
      if (!hasHighS() || s().compareTo(Secp256k1.N) >= 0) return signature;
      return Bytes.join(Bytes.slice(signature, 0, 32), Secp256k1.scalarBytes(Secp256k1.N.subtract(s())));
    }

    private BigInteger s() {
      return new BigInteger(1, Bytes.slice(signature, 32, 32));
    }
  }

  public WycheproofFile(String form) {
    JsonObject file;
    try {
      file = JsonParser.parseString(Files.readString(FOLDER.resolve("ecdsa-wycheproof-" + form + ".json"))).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (JsonElement element : file.getAsJsonArray("cases")) {
      JsonObject one = element.getAsJsonObject();
      cases.add(new Case(one.get("tcId").getAsInt(), bytes(one, "publicKey"), bytes(one, "msg"), bytes(one, "sig"),
          one.get("result").getAsString().equals("valid")));
    }
  }

  public List<Case> cases() {
    return cases;
  }

  private static byte[] bytes(JsonObject one, String name) {
    return Bytes.hex(one.get(name).getAsString());
  }
}
