package org.tallystick.cardhost.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tallystick.cardhost.card.CardImage;
import org.tallystick.cardhost.runtime.TearPlan;
import org.tallystick.cardhost.testing.Bytes;
import org.tallystick.cardhost.testing.RequestFields;
import org.tallystick.cardhost.testing.TestCard;

/** The state directory: what is answered is on disk, one process holds it, and nothing but itself changes it. */
class DurableCardTest {
  private static final byte[] INITIALIZE_UPDATE = hex("8050000008010203040506070800");
  private static final byte[] SELECT = hex("00a4040008f054414c4c59000100");
  @TempDir
  Path folder;

  private DurableCard open() throws StateException {
    return DurableCard.open(folder.resolve("card"), new SecureRandom());
  }

  private void put(TestCard card) throws StateException {
    try (StateDirectory directory = StateDirectory.open(folder.resolve("card"))) {
      directory.write(card.memory());
    }
  }

  private static byte[] pay(RequestFields request) {
    return Bytes.join(hex("8010000043"), request.encode(), hex("00"));
  }

  @Test
  void aNewCardIsStoredBeforeItIsUsed() throws StateException, IOException {
    byte[] born;
    try (DurableCard card = open()) {
      assertEquals(1, card.generation());
      born = card.card().image().encode();
    }
    try (DurableCard card = open()) {
      assertEquals(1, card.generation());
      assertArrayEquals(born, card.card().image().encode());
    }
    assertEquals("rw-------", java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("card/card.state"))));
  }

  @Test
  void everyAnswerIsOnDiskBeforeItLeaves() throws StateException, IOException {
    try (DurableCard card = open()) {
      for (int sequence = 1; sequence <= 3; sequence++) {
        card.transmit(INITIALIZE_UPDATE);
        Path copy = folder.resolve("copy" + sequence);
        Files.createDirectory(copy);
        Files.copy(folder.resolve("card/card.state"), copy.resolve("card.state"));
        try (DurableCard stored = DurableCard.open(copy, new SecureRandom())) {
          assertArrayEquals(card.card().image().encode(), stored.card().image().encode());
          assertEquals(card.generation(), stored.generation());
        }
      }
      assertEquals(4, card.generation());
      card.transmit(hex("80ca00cf00"));
      assertEquals(4, card.generation(), "reading writes nothing");
    }
  }

  @Test
  void paymentsGoOnAfterARestart() throws StateException {
    TestCard origin = TestCard.personalized();
    RequestFields first = origin.request(5);
    put(origin);
    byte[] answer;
    try (DurableCard card = open()) {
      card.transmit(SELECT);
      answer = card.transmit(pay(first));
    }
    try (DurableCard card = open()) {
      card.transmit(SELECT);
      assertArrayEquals(answer, card.transmit(pay(first)), "the same voucher, signature and all");
      byte[] second = card.transmit(pay(RequestFields.of(origin.tag(), 2, 6)));
      assertEquals(11, Bytes.number(second, 4, 6));
    }
  }

  @Test
  void aTornCommandKeepsWhatWasWritten() throws StateException {
    TestCard origin = TestCard.personalized();
    RequestFields request = origin.request(5);
    put(origin);
    try (DurableCard card = open()) {
      card.planTear(new TearPlan(1, false));
      card.transmit(SELECT);
      assertNull(card.transmit(pay(request)));
    }
    try (DurableCard card = open()) {
      byte[] select = card.transmit(SELECT);
      assertEquals(1, Bytes.number(select, 185, 4));
      assertEquals(0x90, card.transmit(pay(request))[card.transmit(pay(request)).length - 2] & 0xFF);
    }
  }

  @Test
  void aCopiedDirectoryIsAClone() throws StateException, IOException {
    TestCard origin = TestCard.personalized();
    put(origin);
    Path copy = folder.resolve("clone");
    Files.createDirectory(copy);
    Files.copy(folder.resolve("card/card.state"), copy.resolve("card.state"));
    try (DurableCard one = open(); DurableCard other = DurableCard.open(copy, new SecureRandom())) {
      one.transmit(SELECT);
      other.transmit(SELECT);
      byte[] here = one.transmit(pay(RequestFields.of(origin.tag(), 1, 5)));
      byte[] there = other.transmit(pay(RequestFields.of(origin.tag(), 1, 7)));
      assertEquals(1, Bytes.number(here, 0, 4));
      assertEquals(1, Bytes.number(there, 0, 4));
      assertNotEquals(Bytes.hex(here), Bytes.hex(there));
    }
  }

  @Test
  void oneDirectoryIsOneCardAtATime() throws StateException {
    try (DurableCard card = open()) {
      assertThrows(StateException.class, this::open);
      assertEquals(1, card.generation());
    }
    open().close();
  }

  @Test
  void aReplacedFileStopsTheCard() throws StateException, IOException {
    try (DurableCard card = open()) {
      byte[] old = Files.readAllBytes(folder.resolve("card/card.state"));
      card.transmit(INITIALIZE_UPDATE);
      Files.write(folder.resolve("card/card.state"), old);
      assertThrows(StateException.class, () -> card.transmit(INITIALIZE_UPDATE), "an older past of the same card");
    }
  }

  @Test
  void anyChangedByteIsNoticed() throws StateException, IOException {
    open().close();
    Path file = folder.resolve("card/card.state");
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i += 7) {
      byte[] bad = good.clone();
      bad[i] ^= 0x10;
      Files.write(file, bad);
      assertThrows(StateException.class, this::open, "byte " + i);
    }
    for (int length : new int[] {0, 1, 23, good.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertThrows(StateException.class, this::open, "length " + length);
    }
    Files.write(file, Bytes.join(good, new byte[1]));
    assertThrows(StateException.class, this::open, "a surplus byte");
    Files.write(file, good);
    open().close();
  }

  @Test
  void anImageOfAnotherBuildIsRefused() throws IOException {
    CardImage image = CardImage.decode(TestCard.personalized().memory());
    String part = image.instances().get(0).firstKey();
    image.instances().get(0).put(part + "x", image.instances().get(0).remove(part));
    assertThrows(IllegalArgumentException.class, () -> org.tallystick.cardhost.card.Card.of(image));
    assertThrows(IOException.class, () -> CardImage.decode(Bytes.join(TestCard.personalized().memory(), new byte[1])));
  }

  @Test
  void theImageHoldsThePartsOfAnInstanceByName() {
    var parts = TestCard.personalized().card().image().instances().get(0);
    assertTrue(parts.keySet().stream().anyMatch(path -> path.endsWith("pair.private")));
    assertFalse(parts.keySet().stream().anyMatch(path -> path.contains("scratch")), "RAM is not kept");
  }
}
