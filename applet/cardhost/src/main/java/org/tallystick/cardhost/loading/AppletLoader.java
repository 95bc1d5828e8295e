package org.tallystick.cardhost.loading;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import javacard.framework.Applet;

/** Loads the built-in applet's classes, rewritten; everything else comes from the host's own loader. */
public final class AppletLoader extends ClassLoader {
  private static final String PACKAGE = "org.tallystick.applet.";
  private static final String APPLET = PACKAGE + "TallyApplet";

  public AppletLoader() {
    super(AppletLoader.class.getClassLoader());
  }

  public Class<? extends Applet> applet() {
    try {
      return loadClass(APPLET).asSubclass(Applet.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the applet is not on the class path", e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      if (!name.startsWith(PACKAGE)) return super.loadClass(name, resolve);
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (file == null) throw new ClassNotFoundException(name);
      byte[] rewritten = AppletRewriter.rewrite(file.readAllBytes());
      return defineClass(name, rewritten, 0, rewritten.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
