package org.tallystick.cardhost.tear;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** What the applet's arrays and keys hold, by the specification's names. */
final class WriteNames {
  private static final Map<String, String> NAMES = Map.ofEntries(
      Map.entry("life", "state and progress"), Map.entry("domain", "domain"), Map.entry("cardTag", "cardTag"),
      Map.entry("publicKey", "public key on record"), Map.entry("address", "card address"), Map.entry("owner", "owner"),
      Map.entry("issuer", "issuer key on record"), Map.entry("first", "spare issuer key object"), Map.entry("second", "spare issuer key object"), Map.entry("current", "issuer key in force"),
      Map.entry("allowance", "allowance"), Map.entry("money", "counter, spent, no-PIN sums, head"), Map.entry("slots", "ring record"),
      Map.entry("stored", "beacon"), Map.entry("terminalKey", "terminal key object"), Map.entry("pin", "PIN"), Map.entry("puk", "PUK"),
      Map.entry("pair.private", "key pair object"), Map.entry("ephemeral.public", "ephemeral public key"));

  private WriteNames() {}

  /** A write outside a transaction carries its length behind a slash. */
  static String of(String parts) {
    if (parts.startsWith("slots/")) return "ring signature with its length";
    if (parts.endsWith("/tries")) return NAMES.get(parts.substring(0, parts.indexOf('/'))) + ", its tries";
    if (parts.contains("/")) return of(parts.substring(0, parts.indexOf('/')));
    return Arrays.stream(parts.split(", ")).map(part -> NAMES.getOrDefault(part, part)).filter(part -> !part.equals("pair.public"))
        .collect(Collectors.joining(" + "));
  }
}
