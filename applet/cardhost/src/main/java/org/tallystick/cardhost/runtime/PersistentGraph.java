package org.tallystick.cardhost.runtime;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javacard.framework.Applet;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.Key;
import javacard.security.KeyPair;
import org.tallystick.cardhost.loading.AppletLoader;
import org.tallystick.cardhost.loading.AppletRewriter;

/**
 * What one applet instance keeps without power, found by walking its fields: byte arrays that are not transient, EC
 * keys, and PINs. A path of field names addresses each part, so that an image can be laid over a fresh instance.
 * The applet's references never change after installation; {@link AppletRewriter} refuses code that would change one.
 */
public final class PersistentGraph {
  private static final int SCALAR_LENGTH = 32;
  private static final int POINT_LENGTH = 65;
  private static final byte[] ABSENT = new byte[0];

  private final SortedMap<String, Object> parts = new TreeMap<>();
  private final RamRegistry ram;

  PersistentGraph(Applet applet, RamRegistry ram) {
    this.ram = ram;
    walk("", applet);
  }

  /** A copy of every part by path; an uninitialized key is empty. */
  public SortedMap<String, byte[]> save() {
    SortedMap<String, byte[]> image = new TreeMap<>();
    parts.forEach((path, part) -> image.put(path, read(part)));
    return image;
  }

  /** Lays an image over this instance; its paths and lengths must be this applet's. */
  public void restore(Map<String, byte[]> image) {
    if (!image.keySet().equals(parts.keySet())) throw new IllegalArgumentException("the stored card is of another applet build");
    image.forEach((path, bytes) -> write(path, parts.get(path), bytes));
  }

  /** Each array with the last name of its path, each half of a key pair with the last two. */
  Map<Object, String> names() {
    Map<Object, String> names = new IdentityHashMap<>();
    parts.forEach((path, part) -> {
      boolean half = path.endsWith(".private") || path.endsWith(".public");
      int end = half ? path.lastIndexOf('.', path.lastIndexOf('.') - 1) : path.lastIndexOf('.');
      names.put(part, path.substring(end + 1));
    });
    return names;
  }

  private void walk(String path, Object owner) {
    Field[] fields = owner.getClass().getDeclaredFields();
    Arrays.sort(fields, Comparator.comparing(Field::getName));
    for (Field field : fields) {
      if (Modifier.isStatic(field.getModifiers())) continue;
      visit(path.isEmpty() ? field.getName() : path + "." + field.getName(), valueOf(field, owner));
    }
  }

  private void visit(String path, Object value) {
    if (value == null) return;
    if (value instanceof byte[] array) {
      if (ram.isTransient(array) == 0) add(path, array);
    } else if (value instanceof Key key) {
      if (!ram.isTransientKey(key)) add(path, key);
    } else if (value instanceof KeyPair pair) {
      visit(path + ".private", pair.getPrivate());
      visit(path + ".public", pair.getPublic());
    } else if (value instanceof DurablePin pin) {
      add(path, pin.memory());
    } else if (value.getClass().getClassLoader() instanceof AppletLoader) {
      walk(path, value);
    } else if (value.getClass().isArray() || value instanceof Number || value instanceof Boolean) {
      throw new IllegalStateException("the applet keeps state that is not a byte array: " + path);
    }
  }

  /** One object may be reached by several roles; the first path in order names it. */
  private void add(String path, Object part) {
    if (parts.values().stream().noneMatch(known -> known == part)) parts.put(path, part);
  }

  private static Object valueOf(Field field, Object owner) {
    try {
      field.setAccessible(true);
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot read " + field, e);
    }
  }

  private static byte[] read(Object part) {
    if (part instanceof byte[] array) return array.clone();
    if (!((Key) part).isInitialized()) return ABSENT;
    if (part instanceof ECPublicKey key) {
      byte[] point = new byte[POINT_LENGTH];
      key.getW(point, (short) 0);
      return point;
    }
    byte[] scalar = new byte[SCALAR_LENGTH];
    short length = ((ECPrivateKey) part).getS(scalar, (short) 0);
    byte[] padded = new byte[SCALAR_LENGTH];
    System.arraycopy(scalar, 0, padded, SCALAR_LENGTH - length, length);
    return padded;
  }

  private static void write(String path, Object part, byte[] bytes) {
    if (part instanceof byte[] array) {
      if (array.length != bytes.length) throw new IllegalArgumentException("the stored card is of another applet build: " + path);
      System.arraycopy(bytes, 0, array, 0, bytes.length);
    } else if (bytes.length == POINT_LENGTH && part instanceof ECPublicKey key) {
      key.setW(bytes, (short) 0, (short) POINT_LENGTH);
    } else if (bytes.length == SCALAR_LENGTH && part instanceof ECPrivateKey key) {
      key.setS(bytes, (short) 0, (short) SCALAR_LENGTH);
    } else if (bytes.length != 0) {
      throw new IllegalArgumentException("the stored card is of another applet build: " + path);
    }
  }
}
