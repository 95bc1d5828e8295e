package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.latency.LatencyProfile;
import org.tallystick.cardhost.latency.Link;
import org.tallystick.cardhost.latency.Medium;
import org.tallystick.cardhost.runtime.TearPlan;
import org.tallystick.cardhost.stock.Birth;

class OptionsTest {
  private static Options parse(String line) {
    return Options.parse(line.isEmpty() ? new String[0] : line.split(" "));
  }

  @Test
  void namesWhatANewCardIsMadeAs() {
    assertEquals(Birth.of("jcop4").blank(), parse("--port 1 --state d --blank --chip jcop4").birth());
    assertEquals(Birth.ofDevelopment().withKeys((byte) 0x30, 32).wide(), parse("--port 1 --state d --keys 30:256 --s16").birth());
    assertEquals(Birth.of("h19cr").withMemory(6_000), parse("--port 1 --state d --chip h19cr --memory 6000").birth());
  }

  @Test
  void readsTheCommandLine() {
    assertEquals(new Options(35963, Path.of("d"), null, false, Pricing.NONE, Birth.ofDevelopment()), parse("--port 35963 --state d"));
    assertEquals(new Options(0, Path.of("d"), new TearPlan(3, false), true, new Pricing(LatencyProfile.JCOP3, Link.of(Medium.CONTACT), false), Birth.ofDevelopment()), parse("--listen --port 0 --state d --tear 3:after --latency jcop3 --medium contact"));
  }

  @Test
  void readsWhoseTimeIsTold() {
    assertEquals(new Pricing(LatencyProfile.JCOP3_SCP03, new Link(Medium.NFC848, 64), true), parse("--port 1 --state d --fsd 64 --medium nfc848 --prices --latency jcop3-scp03").pricing());
    assertEquals(new Pricing(null, Link.of(Medium.NFC106), true), parse("--port 1 --state d --prices").pricing());
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    for (String wrong : new String[] {"", "--port 1", "--state d", "--port x --state d", "--port 65536 --state d", "--port 0 --state d",
        "--port", "--port 1 --state", "--port 1 --state d --tear", "--port 1 --state d --tear 0:after", "--port 1 --state d more", "--port 1 --state d --latency jcop9", "--port 1 --state d --medium air", "--port 1 --state d --medium nfc", "--port 1 --state d --fsd 128"}) {
      assertThrows(IllegalArgumentException.class, () -> parse(wrong), wrong);
    }
  }

  @Test
  void quotesForJson() {
    assertEquals("\"a\\\"b\\\\c\\u000a\"", EventLog.quote("a\"b\\c\n"));
  }
}
