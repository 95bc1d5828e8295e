package org.tallystick.cardhost;

import org.tallystick.cardhost.latency.LatencyProfile;
import org.tallystick.cardhost.latency.Link;
import org.tallystick.cardhost.latency.Medium;

/**
 * Whose time is told of.
 *
 * @param chip the chip whose time each command takes, or null
 * @param link how it is reached
 * @param all whether each command's price on every known chip by every medium is printed
 */
record Pricing(LatencyProfile chip, Link link, boolean all) {
  static final Pricing NONE = new Pricing(null, Link.of(Medium.NFC106), false);

  boolean wanted() {
    return chip != null || all;
  }

  Pricing of(LatencyProfile profile) {
    return new Pricing(profile, link, all);
  }

  Pricing over(Medium medium) {
    return new Pricing(chip, new Link(medium, link.readerFrameBytes()), all);
  }

  Pricing withFrames(int readerFrameBytes) {
    return new Pricing(chip, new Link(link.medium(), readerFrameBytes), all);
  }

  Pricing ofAll() {
    return new Pricing(chip, link, true);
  }
}
