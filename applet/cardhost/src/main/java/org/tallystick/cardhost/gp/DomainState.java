package org.tallystick.cardhost.gp;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.tallystick.cardhost.stock.Birth;
import org.tallystick.cardhost.stock.Stock;
import org.tallystick.cardhost.stock.Trait;

/** What the issuer security domain keeps without power. Mutated only inside a counted durable write. */
public final class DomainState {
  public static final int DIVERSIFICATION_LENGTH = 10;
  public static final int TRIES = 10;
  public static final byte OP_READY = 0x01;
  private static final byte[] DIVERSIFICATION_PREFIX = {(byte) 0xF0, 0x54, 0x4C, 0x59};

  public Stock stock;
  public byte[] diversification;
  /** Six bytes: the chip's own in its CPLC. */
  public byte[] serial;
  public KeySet keys;
  public int sequence;
  public int triesLeft;
  public byte lifeCycle;
  public boolean packageLoaded;
  /** Issuer identification number and card image number; empty until stored. */
  public byte[] issuerNumber;
  public byte[] imageNumber;
  public final List<Instance> instances = new ArrayList<>();

  /** One installed applet instance in the registry. */
  public static final class Instance {
    public static final byte INSTALLED = 0x03;
    public static final byte SELECTABLE = 0x07;
    public static final byte LOCKED_BIT = (byte) 0x80;

    public final byte[] aid;
    public byte lifeCycle;

    public Instance(byte[] aid, byte lifeCycle) {
      this.aid = aid;
      this.lifeCycle = lifeCycle;
    }

    public boolean isSelectable() {
      return (lifeCycle & LOCKED_BIT) == 0 && lifeCycle >= SELECTABLE;
    }
  }

  /** A card as it comes from the factory: its diversification data are its own from birth. */
  public static DomainState fresh(SecureRandom random, Birth birth) {
    DomainState state = new DomainState();
    state.stock = birth.stock();
    state.diversification = new byte[DIVERSIFICATION_LENGTH];
    random.nextBytes(state.diversification);
    System.arraycopy(DIVERSIFICATION_PREFIX, 0, state.diversification, 0, DIVERSIFICATION_PREFIX.length);
    state.serial = java.util.Arrays.copyOfRange(state.diversification, DIVERSIFICATION_PREFIX.length, DIVERSIFICATION_LENGTH);
    if (state.stock.has(Trait.NAMELESS)) state.diversification = new byte[DIVERSIFICATION_LENGTH];
    state.keys = KeySet.wellKnown(birth.keyVersion(), birth.keyLength());
    state.triesLeft = TRIES;
    state.lifeCycle = OP_READY;
    state.packageLoaded = birth.packageLoaded();
    state.issuerNumber = new byte[0];
    state.imageNumber = new byte[0];
    return state;
  }
}
