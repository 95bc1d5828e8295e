package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tallystick.cardhost.testing.ConvertibilityCheck;
import org.tallystick.cardhost.testing.InconvertibleApplet;

/** The applet must stay convertible to a CAP file, and the check that says so must see each thing that would hinder it. */
class AppletApiTest {
  private static final Path CLASSES = Path.of(System.getProperty("tallystick.applet.classes"));
  private static final String BAD = "org/tallystick/cardhost/testing/InconvertibleApplet";

  @Test
  void usesOnlyWhatEveryCardHas() throws IOException {
    ConvertibilityCheck check = new ConvertibilityCheck();
    try (Stream<Path> files = Files.walk(CLASSES)) {
      List<Path> classes = files.filter(file -> file.toString().endsWith(".class")).toList();
      assertTrue(classes.size() > 10, "the applet's classes in " + CLASSES);
      for (Path file : classes) check.scan(Files.readAllBytes(file));
    }
    assertTrue(check.methods() > 50);
    assertEquals(Set.of(), check.faults());
  }

  @ParameterizedTest
  @ValueSource(strings = {
      " has class version 61",
      ".<clinit>",
      ".COUNTER is static and no constant",
      ".COUNTER is not final",
      ".table is static and no constant",
      ".total is not final",
      ".total uses int",
      ".addWide uses int",
      ".addWide sum uses int",
      ".addWide needs int or wider",
      ".letter uses char",
      ".allocates allocates an array",
      ".allocates allocates java/lang/Object",
      ".allocates allocates by javacard/framework/JCSystem.makeTransientByteArray",
      ".later calls javacard/framework/OwnerPIN.isValidated",
      ".constant loads the constant 70000",
      ".lambda uses invokedynamic"})
  void seesWhatCannotBeConverted(String fault) throws IOException {
    ConvertibilityCheck check = new ConvertibilityCheck();
    try (InputStream in = InconvertibleApplet.class.getResourceAsStream("InconvertibleApplet.class")) {
      check.scan(in.readAllBytes());
    }
    assertTrue(check.faults().contains(BAD + fault), BAD + fault + " is not among " + check.faults());
  }
}
