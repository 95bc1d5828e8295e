package org.tallystick.cardhost.gp;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.tallystick.cardhost.runtime.WriteEvents;
import org.tallystick.cardhost.stock.Stock;

/**
 * INSTALL, DELETE, LOAD, GET STATUS and SET STATUS over the one package this card can run. A CAP file cannot be loaded
 * into a simulated card: LOAD checks that it names our package and then offers the built-in applet under that name.
 */
public final class Registry {
  public static final byte[] DOMAIN_AID = HexFormat.of().parseHex("a000000151000000");
  public static final byte[] PACKAGE_AID = HexFormat.of().parseHex("f054414c4c5900");
  public static final byte[] MODULE_AID = HexFormat.of().parseHex("f054414c4c590001");
  private static final byte[] NO_RECEIPT = {0};
  private static final byte[] DOMAIN_PRIVILEGES = {(byte) 0x9E, (byte) 0xFE, (byte) 0x80};
  private static final byte[] NO_PRIVILEGES = {0, 0, 0};
  private static final int MAX_INSTANCES = 8;

  /** Makes and removes the instances themselves. */
  public interface Installer {
    /** @return the status word of the applet's own refusal, or 0x9000 */
    int install(byte[] aid);

    void uninstall(byte[] aid);
  }

  private final DomainState state;
  private final WriteEvents events;
  private final Installer installer;
  private final LoadFileCheck loading = new LoadFileCheck();

  public Registry(DomainState state, WriteEvents events, Installer installer) {
    this.state = state;
    this.events = events;
    this.installer = installer;
  }

  /** INSTALL (GP Card Specification v2.3.1 §11.5): for load, for install, for make selectable. */
  public byte[] install(int p1, int p2, byte[] data) {
    if (p2 != 0) throw new StatusException(0x6A86);
    switch (p1) {
      case 0x02 -> prepareLoad(new Fields(data));
      case 0x04, 0x0C -> installInstance(new Fields(data), p1 == 0x0C);
      case 0x08 -> makeSelectable(new Fields(data));
      default -> throw new StatusException(0x6A86);
    }
    return NO_RECEIPT;
  }

  private void prepareLoad(Fields fields) {
    byte[] aid = fields.prefixed();
    fields.prefixed();
    fields.prefixed();
    fields.prefixed();
    fields.prefixed();
    fields.expectEnd();
    if (!Arrays.equals(aid, PACKAGE_AID)) throw new StatusException(0x6A80);
    if (state.packageLoaded) throw new StatusException(0x6985);
    loading.begin();
  }

  private void installInstance(Fields fields, boolean selectable) {
    byte[] packageAid = fields.prefixed();
    byte[] moduleAid = fields.prefixed();
    byte[] aid = fields.prefixed();
    fields.prefixed();
    fields.prefixed();
    fields.prefixed();
    fields.expectEnd();
    if (!state.packageLoaded || !Arrays.equals(packageAid, PACKAGE_AID) || !Arrays.equals(moduleAid, MODULE_AID)) throw new StatusException(0x6A88);
    if (aid.length < 5 || aid.length > 16) throw new StatusException(0x6A80);
    if (find(aid) != null || Arrays.equals(aid, DOMAIN_AID)) throw new StatusException(0x6985);
    boolean isFull = state.stock.memory() - (state.instances.size() + 1) * Stock.INSTANCE_BYTES < 0;
    if (state.instances.size() == MAX_INSTANCES || isFull) throw new StatusException(0x6A84);
    byte lifeCycle = selectable ? DomainState.Instance.SELECTABLE : DomainState.Instance.INSTALLED;
    int statusWord = installer.install(aid);
    if (statusWord != 0x9000) throw new StatusException(statusWord);
    events.write("registry", () -> state.instances.add(new DomainState.Instance(aid, lifeCycle)));
  }

  private void makeSelectable(Fields fields) {
    fields.prefixed();
    fields.prefixed();
    DomainState.Instance instance = require(fields.prefixed());
    if (instance.lifeCycle == DomainState.Instance.INSTALLED) {
      events.write("registry", () -> instance.lifeCycle = DomainState.Instance.SELECTABLE);
    }
  }

  /** LOAD (§11.6). */
  public byte[] load(int p1, int p2, byte[] data) {
    if (!loading.add(p2, data)) throw new StatusException(0x6985);
    if (p1 == 0x80) {
      if (!loading.namesPackage(PACKAGE_AID)) throw new StatusException(0x6A80);
      events.write("registry", () -> state.packageLoaded = true);
    } else if (p1 != 0) {
      throw new StatusException(0x6A86);
    }
    return NO_RECEIPT;
  }

  /** DELETE (§11.2): P2 80 deletes a package with its instances. */
  public byte[] delete(int p1, int p2, byte[] data) {
    if (p1 != 0 || (p2 != 0 && p2 != 0x80)) throw new StatusException(0x6A86);
    Fields fields = new Fields(data);
    fields.expect(0x4F);
    byte[] aid = fields.prefixed();
    fields.expectEnd();
    if (Arrays.equals(aid, PACKAGE_AID)) {
      deletePackage(p2 == 0x80);
    } else {
      DomainState.Instance instance = require(aid);
      events.write("registry", () -> remove(instance));
    }
    return NO_RECEIPT;
  }

  private void deletePackage(boolean withInstances) {
    if (!state.packageLoaded) throw new StatusException(0x6A88);
    if (!state.instances.isEmpty() && !withInstances) throw new StatusException(0x6985);
    events.write("registry", () -> {
      List.copyOf(state.instances).forEach(this::remove);
      state.packageLoaded = false;
    });
  }

  private void remove(DomainState.Instance instance) {
    installer.uninstall(instance.aid);
    state.instances.remove(instance);
  }

  /** GET STATUS (§11.4): P1 80 domain, 40 instances, 20 packages, 10 packages with modules; P2 02 answers TLV. */
  public byte[] status(int p1, int p2, byte[] data) {
    if (p2 != 0 && p2 != 2) throw new StatusException(0x6A86);
    Fields fields = new Fields(data);
    fields.expect(0x4F);
    byte[] prefix = fields.prefixed();
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    switch (p1) {
      case 0x80 -> entry(out, p2, prefix, DOMAIN_AID, state.lifeCycle, DOMAIN_PRIVILEGES, 0xC5);
      case 0x40 -> {
        for (DomainState.Instance instance : state.instances) entry(out, p2, prefix, instance.aid, instance.lifeCycle, NO_PRIVILEGES, 0xC5);
      }
      case 0x20 -> packageEntry(out, p2, prefix, false);
      case 0x10 -> packageEntry(out, p2, prefix, true);
      default -> throw new StatusException(0x6A86);
    }
    if (out.size() == 0) throw new StatusException(0x6A88);
    return out.toByteArray();
  }

  private void packageEntry(java.io.ByteArrayOutputStream out, int p2, byte[] prefix, boolean modules) {
    if (!state.packageLoaded || !startsWith(PACKAGE_AID, prefix)) return;
    if (p2 == 2) {
      byte[] listed = modules ? Tlv.of(0x84, MODULE_AID) : new byte[0];
      out.writeBytes(Tlv.of(0xE3, Tlv.of(0x4F, PACKAGE_AID), Tlv.of(0x9F70, new byte[] {1}), listed, Tlv.of(0xCC, DOMAIN_AID)));
      return;
    }
    out.write(PACKAGE_AID.length);
    out.writeBytes(PACKAGE_AID);
    out.write(1);
    out.write(0);
    if (!modules) return;
    out.write(1);
    out.write(MODULE_AID.length);
    out.writeBytes(MODULE_AID);
  }

  private static void entry(
      java.io.ByteArrayOutputStream out, int p2, byte[] prefix, byte[] aid, byte lifeCycle, byte[] privileges, int privilegeTag) {
    if (!startsWith(aid, prefix)) return;
    if (p2 == 2) {
      byte[] origin = Arrays.equals(aid, DOMAIN_AID) ? new byte[0] : Tlv.of(0xC4, PACKAGE_AID);
      out.writeBytes(Tlv.of(0xE3, Tlv.of(0x4F, aid), Tlv.of(0x9F70, new byte[] {lifeCycle}), Tlv.of(privilegeTag, privileges), origin,
          Tlv.of(0xCC, DOMAIN_AID)));
      return;
    }
    out.write(aid.length);
    out.writeBytes(aid);
    out.write(lifeCycle);
    out.write(privileges[0]);
  }

  /** SET STATUS (§11.10): life cycle of the card, or locking and unlocking an instance. */
  public byte[] setStatus(int p1, int p2, byte[] aid) {
    if (p1 == 0x80) {
      if (!isCardTransition(state.lifeCycle & 0xFF, p2)) throw new StatusException(0x6985);
      events.write("card life cycle", () -> state.lifeCycle = (byte) p2);
    } else if (p1 == 0x40) {
      DomainState.Instance instance = require(aid);
      boolean lock = (p2 & 0x80) != 0;
      byte target = (byte) (lock ? instance.lifeCycle | 0x80 : instance.lifeCycle & 0x7F);
      events.write("registry", () -> instance.lifeCycle = target);
    } else {
      throw new StatusException(0x6A86);
    }
    return new byte[0];
  }

  /** OP_READY 01 → INITIALIZED 07 → SECURED 0F ⇄ CARD_LOCKED 7F → TERMINATED FF (§5.1.1). */
  private static boolean isCardTransition(int from, int to) {
    return switch (to) {
      case 0x07 -> from == 0x01;
      case 0x0F -> from == 0x07 || from == 0x7F;
      case 0x7F -> from == 0x0F;
      case 0xFF -> from != 0xFF;
      default -> false;
    };
  }

  /** The instance with exactly this AID, or null. */
  public DomainState.Instance find(byte[] aid) {
    return state.instances.stream().filter(instance -> Arrays.equals(instance.aid, aid)).findFirst().orElse(null);
  }

  private DomainState.Instance require(byte[] aid) {
    DomainState.Instance instance = find(aid);
    if (instance == null) throw new StatusException(0x6A88);
    return instance;
  }

  static boolean startsWith(byte[] aid, byte[] prefix) {
    return prefix.length <= aid.length && Arrays.equals(aid, 0, prefix.length, prefix, 0, prefix.length);
  }
}
