package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.tallystick.cardhost.testing.Bytes.hex;
import static org.tallystick.cardhost.testing.Bytes.join;

import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.testing.TestCard;

/** The order of checks that every command shares (spec §4.6): class, instruction, P1P2, length, then the rest. */
class CommandFormTest {
  private final TestCard card = TestCard.personalized();

  private int status(String command) {
    return card.send(hex(command)).statusWord();
  }

  @Test
  void unknownClassesComeFirst() {
    assertEquals(0x6E00, status("00100000"));
    assertEquals(0x6E00, status("0110ffff"));
    assertEquals(0x6E00, status("c0100000"));
    assertEquals(0x6E00, status("90ff0000"));
    assertEquals(0x6E00, status("81100000"));
  }

  @Test
  void thenUnknownInstructions() {
    assertEquals(0x6D00, status("80ff1234"));
    assertEquals(0x6D00, status("84ff1234"));
    assertEquals(0x6D00, status("80110000"));
    assertEquals(0x6D00, status("80a40400"));
  }

  @Test
  void everyCommandHasItsClasses() {
    assertEquals(0x6E00, status("84100000"));
    assertEquals(0x6E00, status("84120000"));
    assertEquals(0x6E00, status("80820000"));
    assertEquals(0x6E00, status("801e0000"));
    assertEquals(0x6E00, status("80460000"));
    assertEquals(0x6E00, status("80e28800"));
  }

  @Test
  void thenParameters() {
    assertEquals(0x6A86, status("80100100"));
    assertEquals(0x6A86, status("80100002"));
    assertEquals(0x6A86, status("80120001"));
    assertEquals(0x6A86, status("80140001"));
    assertEquals(0x6A86, status("84e28000"));
    assertEquals(0x6A86, status("801c0200"));
    assertEquals(0x6A86, status("80200001"));
  }

  @Test
  void thenLength() {
    assertEquals(0x6700, status("80100000"));
    assertEquals(0x6700, status("801000000100"));
    assertEquals(0x6700, status("80120000" + "0f" + "00".repeat(15)));
    assertEquals(0x6700, status("80ca df01 01 00"));
    assertEquals(0x6700, status("801c0000 01 00"));
  }

  @Test
  void secureMessagingWithoutAChannelIsNoRight() {
    assertEquals(0x6982, status("84caDF0108" + "00".repeat(8)));
    assertEquals(0x6982, status("84e2880008" + "00".repeat(8)));
  }

  @Test
  void aForgedCommandClosesTheChannel() {
    var host = card.channel();
    byte[] genuine = host.wrap(0xCA, 0xDF, 0x01, new byte[0]);
    byte[] forged = genuine.clone();
    forged[forged.length - 1] ^= 1;
    assertEquals(0x6982, card.send(forged).statusWord());
    assertEquals(0x6982, card.send(genuine).statusWord(), "the channel is gone");
  }

  @Test
  void malformedCommandsNeverReachTheApplet() {
    assertEquals(0x6700, status("8010"));
    assertEquals(0x6700, status("801000004300"));
    assertEquals(0x6700, status("80100000 00 0043" + "00".repeat(67)));
    assertEquals(0x6700, card.send(join(hex("8010000001"), new byte[3])).statusWord());
  }

  @Test
  void selectingAnInstanceThatIsNotThereLeavesTheSelection() {
    assertEquals(0x6A82, card.select(hex("f054414c4c590009")).statusWord());
    assertEquals(0x6A82, card.select(hex("a0000000041010")).statusWord());
    assertEquals(0x6A86, status("00a40000023f00"));
    assertEquals(0x9000, card.pay(card.request(1)).statusWord());
  }

  @Test
  void theLongestCommandWithLeArrivesWhole() {
    assertEquals(0x6700, card.send(join(hex("80100000ff"), new byte[255], hex("00"))).statusWord());
  }
}
