package org.tallystick.cardhost.loading;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Code whose writes could not be followed must not run at all. */
class AppletRewriterTest {
  static final class KeepsAField {
    byte state;

    void change() {
      state = 1;
    }
  }

  static final class KeepsShorts {
    final short[] states = new short[2];

    void change() {
      states[0] = 1;
    }
  }

  static final class KeepsBytes {
    final byte[] states = new byte[2];

    void change() {
      states[0] = 1;
    }
  }

  private static byte[] fileOf(Class<?> type) throws IOException {
    try (InputStream in = type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class")) {
      return in.readAllBytes();
    }
  }

  @Test
  void refusesStateThatIsNotAByteArray() {
    assertThrows(IllegalArgumentException.class, () -> AppletRewriter.rewrite(fileOf(KeepsAField.class)));
    assertThrows(IllegalArgumentException.class, () -> AppletRewriter.rewrite(fileOf(KeepsShorts.class)));
  }

  @Test
  void takesByteArrays() throws IOException {
    byte[] rewritten = AppletRewriter.rewrite(fileOf(KeepsBytes.class));
    assertTrue(new String(rewritten, java.nio.charset.StandardCharsets.ISO_8859_1).contains("storeByte"));
  }
}
