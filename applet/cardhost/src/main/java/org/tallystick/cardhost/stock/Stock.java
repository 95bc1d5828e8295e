package org.tallystick.cardhost.stock;

import java.util.EnumSet;
import java.util.Set;

/**
 * How a card left its maker, apart from its keys; kept with the card.
 *
 * @param traits what sets it apart
 * @param memory free persistent bytes that GET DATA FF21 shows; below an instance's need INSTALL answers 6A84
 */
public record Stock(Set<Trait> traits, int memory) {
  /** Persistent bytes of one instance on the chips that were measured. */
  public static final int INSTANCE_BYTES = 6_900;
  private static final int PLENTY = 65_536;

  public Stock {
    traits = Set.copyOf(traits);
  }

  /** The card that this host has always been. */
  public static Stock ofDevelopment() {
    return with(PLENTY, Trait.CONFIRMS_KEYS);
  }

  static Stock with(int memory, Trait... traits) {
    return new Stock(Set.of(traits), memory);
  }

  public boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /** The traits as bits, for the card's image. */
  public int flags() {
    return traits.stream().mapToInt(Trait::flag).sum();
  }

  public static Stock of(int flags, int memory) {
    Set<Trait> traits = EnumSet.noneOf(Trait.class);
    for (Trait trait : Trait.values()) if ((flags & trait.flag()) != 0) traits.add(trait);
    return new Stock(traits, memory);
  }

  Stock and(Trait trait) {
    return of(flags() | trait.flag(), memory);
  }

  Stock withMemory(int bytes) {
    return new Stock(traits, bytes);
  }
}
