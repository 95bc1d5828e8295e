package org.tallystick.cardhost.card;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import javacard.framework.AID;
import javacard.framework.ISOException;
import org.tallystick.cardhost.gp.AppletChannel;
import org.tallystick.cardhost.gp.ChannelHolder;
import org.tallystick.cardhost.gp.DomainState;
import org.tallystick.cardhost.gp.Registry;
import org.tallystick.cardhost.gp.SecurityDomain;
import org.tallystick.cardhost.loading.AppletLoader;
import org.tallystick.cardhost.runtime.CardRuntime;
import org.tallystick.cardhost.runtime.TearError;
import org.tallystick.cardhost.runtime.WriteEvents;
import org.tallystick.cardhost.stock.Birth;
import org.tallystick.cardhost.stock.Trait;

/**
 * One whole card: the issuer security domain and the applet instances behind one APDU door. Not thread-safe: a card has
 * one reader. The persistent image changes only in {@link #transmit}.
 */
public final class Card {
  private static final AppletLoader APPLETS = new AppletLoader();
  private static final int SELECT = 0xA4;
  private static final int BY_NAME = 0x04;
  /** The values of SELECT's P2 besides 00 that this card knows (ISO 7816-4 §11.1.1); applets are handed them. */
  private static final byte NEXT_OCCURRENCE = 0x02;
  private static final byte RETURN_FCP = 0x04;
  private static final byte CARD_LOCKED = 0x7F;

  private final WriteEvents events = new WriteEvents();
  private final CardRuntime runtime = new CardRuntime(events);
  private final DomainState state;
  private final ChannelHolder channel;
  private final Registry registry;
  private final SecurityDomain domain;
  private byte[] selectedAid = Registry.DOMAIN_AID;

  private Card(DomainState state) {
    this.state = state;
    channel = new ChannelHolder(state, events);
    registry = new Registry(state, events, new RuntimeInstaller());
    domain = new SecurityDomain(state, events, channel, registry);
    runtime.imitate(state.stock.has(Trait.NO_TRANSIENT_KEYS), state.stock.has(Trait.NO_AGREEMENT), state.stock.has(Trait.T0));
    runtime.bind(new AppletChannel(channel, () -> selectedAid));
  }

  /** A development card from the factory. */
  public static Card fresh(SecureRandom random) {
    return fresh(random, Birth.ofDevelopment());
  }

  /** A card of any stock. */
  public static Card fresh(SecureRandom random, Birth birth) {
    return new Card(DomainState.fresh(random, birth));
  }

  /** A card with the memory of an image. */
  public static Card of(CardImage image) {
    Card card = new Card(image.domain());
    for (int i = 0; i < image.instances().size(); i++) {
      byte[] aid = image.domain().instances.get(i).aid;
      card.installInRuntime(aid);
      card.runtime.restore(aidOf(aid), image.instances().get(i));
    }
    return card;
  }

  /** Everything that survives without power, copied. */
  public CardImage image() {
    List<SortedMap<String, byte[]>> instances = new ArrayList<>();
    for (DomainState.Instance instance : state.instances) instances.add(runtime.graph(aidOf(instance.aid)).save());
    return new CardImage(state, instances);
  }

  public WriteEvents events() {
    return events;
  }

  public CardRuntime runtime() {
    return runtime;
  }

  /** Power off and on: RAM, sessions and selection are gone; the security domain is selected. */
  public void reset() {
    runtime.reset();
    channel.close();
    selectedAid = Registry.DOMAIN_AID;
    events.powerRestored();
    removeHalfInstalled();
  }

  /**
   * Runs one command.
   *
   * @return data and status word, or null if the power was cut: then {@link #reset} must follow
   */
  public byte[] transmit(byte[] command) {
    if (!Apdu.isWellFormed(command)) return status(0x6700);
    try {
      byte[] answer = route(command);
      return events.isTorn() ? null : answer;
    } catch (TearError torn) {
      return null;
    }
  }

  private byte[] route(byte[] command) {
    boolean selects = command[0] == 0 && (command[1] & 0xFF) == SELECT && command[2] == BY_NAME;
    if (Apdu.isExtended(command)) return status(0x6700);
    byte[] clear = Apdu.withoutLe(command);
    if (selects && (command[3] == 0 || command[3] == NEXT_OCCURRENCE || command[3] == RETURN_FCP)) {
      byte[] answer = select(Arrays.copyOfRange(clear, 5, clear.length), command[3]);
      if (answer != null) return answer;
    }
    if (runtime.hasSelectedApplet()) return runtime.transmitCommand(command.length <= 5 ? command : clear);
    if (selects) return status(0x6A82);
    return domain.process(clear);
  }

  /** Null: no such application, so the command goes on to whatever is selected (JCRE 3.0.4 §4.5). */
  private byte[] select(byte[] name, byte p2) {
    boolean next = p2 == NEXT_OCCURRENCE;
    if (!next && startsWith(Registry.DOMAIN_AID, name)) return selectDomain();
    boolean passed = !next;
    for (DomainState.Instance instance : state.instances) {
      boolean matches = startsWith(instance.aid, name) && instance.lifeCycle != DomainState.Instance.INSTALLED;
      if (matches && passed) return selectInstance(instance, p2);
      passed |= Arrays.equals(instance.aid, selectedAid);
    }
    return null;
  }

  private byte[] selectDomain() {
    runtime.deselectApplet();
    channel.close();
    selectedAid = Registry.DOMAIN_AID;
    byte[] fci = domain.select();
    byte[] answer = Arrays.copyOf(fci, fci.length + 2);
    answer[fci.length] = (byte) (state.lifeCycle == CARD_LOCKED ? 0x62 : 0x90);
    answer[fci.length + 1] = (byte) (state.lifeCycle == CARD_LOCKED ? 0x83 : 0x00);
    return answer;
  }

  private byte[] selectInstance(DomainState.Instance instance, byte p2) {
    if (state.lifeCycle == CARD_LOCKED || state.lifeCycle == (byte) 0xFF) return status(0x6A82);
    if (!instance.isSelectable()) return status(0x6999);
    channel.close();
    selectedAid = instance.aid;
    return runtime.select(aidOf(instance.aid), p2);
  }

  /** An installation torn before it was registered leaves an instance that nobody knows: it never was. */
  private void removeHalfInstalled() {
    for (AID aid : runtime.installed()) {
      byte[] bytes = new byte[16];
      byte length = aid.getBytes(bytes, (short) 0);
      if (registry.find(Arrays.copyOf(bytes, length)) == null) runtime.uninstall(aid);
    }
  }

  private int installInRuntime(byte[] aid) {
    byte[] parameters = new byte[1 + aid.length + 2];
    parameters[0] = (byte) aid.length;
    System.arraycopy(aid, 0, parameters, 1, aid.length);
    try {
      runtime.install(aidOf(aid), APPLETS.applet(), parameters);
      return 0x9000;
    } catch (ISOException refused) {
      return refused.getReason() & 0xFFFF;
    }
  }

  private static boolean startsWith(byte[] aid, byte[] prefix) {
    return prefix.length <= aid.length && Arrays.equals(aid, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static AID aidOf(byte[] bytes) {
    return new AID(bytes, (short) 0, (byte) bytes.length);
  }

  private static byte[] status(int statusWord) {
    return new byte[] {(byte) (statusWord >> 8), (byte) statusWord};
  }

  private final class RuntimeInstaller implements Registry.Installer {
    @Override
    public int install(byte[] aid) {
      return installInRuntime(aid);
    }

    @Override
    public void uninstall(byte[] aid) {
      runtime.uninstall(aidOf(aid));
    }
  }
}
