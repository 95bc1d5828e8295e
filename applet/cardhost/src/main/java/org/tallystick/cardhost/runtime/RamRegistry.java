package org.tallystick.cardhost.runtime;

import com.licel.jcardsim.base.TransientMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import javacard.framework.JCSystem;
import javacard.security.Key;

/** The card's transient arrays and transient keys; counts their bytes, because real cards have little. */
final class RamRegistry extends TransientMemory {
  private final List<Key> deselectKeys = new ArrayList<>();
  private final List<Key> resetKeys = new ArrayList<>();
  private int bytes;
  private List<Object> newArrays = new ArrayList<>();
  private List<Key> newKeys = new ArrayList<>();
  private int newBytes;

  /** What one instance asked for, so that it can be given back when the instance is deleted. */
  record Share(List<Object> arrays, List<Key> keys, int bytes) {}

  @Override
  protected void storeArray(Object array, byte event) {
    super.storeArray(array, event);
    newArrays.add(array);
    count(sizeOf(array));
  }

  private void count(int more) {
    bytes += more;
    newBytes += more;
  }

  /** Everything asked for since the last share was taken. */
  Share takeShare() {
    Share share = new Share(newArrays, newKeys, newBytes);
    newArrays = new ArrayList<>();
    newKeys = new ArrayList<>();
    newBytes = 0;
    return share;
  }

  void giveBack(Share share) {
    Set<Object> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    gone.addAll(share.arrays);
    gone.addAll(share.keys);
    clearOnDeselect.removeIf(gone::contains);
    clearOnReset.removeIf(gone::contains);
    deselectKeys.removeIf(gone::contains);
    resetKeys.removeIf(gone::contains);
    bytes -= share.bytes;
  }

  @Override
  public byte isTransient(Object array) {
    for (Object known : clearOnDeselect) if (known == array) return JCSystem.CLEAR_ON_DESELECT;
    for (Object known : clearOnReset) if (known == array) return JCSystem.CLEAR_ON_RESET;
    return JCSystem.NOT_A_TRANSIENT_OBJECT;
  }

  void registerKey(Key key, boolean onDeselect) {
    (onDeselect ? deselectKeys : resetKeys).add(key);
    newKeys.add(key);
    count(key.getSize() / Byte.SIZE);
  }

  boolean isTransientKey(Key key) {
    return deselectKeys.stream().anyMatch(known -> known == key) || resetKeys.stream().anyMatch(known -> known == key);
  }

  @Override
  protected void clearOnDeselect() {
    super.clearOnDeselect();
    deselectKeys.forEach(Key::clearKey);
  }

  @Override
  protected void clearOnReset() {
    super.clearOnReset();
    deselectKeys.forEach(Key::clearKey);
    resetKeys.forEach(Key::clearKey);
  }

  int bytes() {
    return bytes;
  }

  private static int sizeOf(Object array) {
    if (array instanceof byte[] byteArray) return byteArray.length;
    if (array instanceof boolean[] booleanArray) return booleanArray.length;
    if (array instanceof short[] shortArray) return 2 * shortArray.length;
    return 4 * ((Object[]) array).length;
  }
}
