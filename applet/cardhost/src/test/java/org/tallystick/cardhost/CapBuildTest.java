package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.tools.ant.BuildException;
import org.apache.tools.ant.Project;
import org.apache.tools.ant.ProjectHelper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pro.javacard.ant.JavaCard;

/** applet/cap/build.xml run by Ant itself, with a task that stands in for the converter's. */
class CapBuildTest {
  private static final Path ROOT = Path.of(System.getProperty("tallystick.root")).toAbsolutePath().normalize();
  private static final Path BUILD = ROOT.resolve("applet/cap/build.xml");

  @TempDir
  private Path tools;

  /** The tools as their makers pack them: exports lie in a folder beside the jar. */
  @BeforeEach
  void bringTools() throws IOException {
    Files.createFile(tools.resolve("ant-javacard.jar"));
    Files.createDirectories(tools.resolve("kit"));
    Files.createDirectories(tools.resolve("gp/exports/org/globalplatform/javacard"));
    Files.createFile(tools.resolve("gp/gpapi-globalplatform.jar"));
  }

  private void build(Map<String, String> arguments) {
    // Surefire sets a property of this name, which Ant would take for a base folder that the user asks for.
    String surefire = System.clearProperty("basedir");
    Project project = new Project();
    project.init();
    if (surefire != null) System.setProperty("basedir", surefire);
    arguments.forEach(project::setUserProperty);
    project.setUserProperty("ant.file", BUILD.toString());
    ProjectHelper.configureProject(project, new File(BUILD.toString()));
    project.executeTarget(project.getDefaultTarget());
  }

  private Map<String, String> brought() {
    return Map.of("ant-javacard", tools.resolve("ant-javacard.jar").toString(), "jckit", tools.resolve("kit").toString(),
        "globalplatform", tools.resolve("gp").toString());
  }

  @Test
  void givesTheConverterPathsThatAreThereAndTheNamesOfTheSpecification() {
    build(brought());
    assertEquals(List.of("javacard", "cap", "applet", "import"), JavaCard.RUN.stream().map(JavaCard.Element::name).toList());
    Map<String, String> cap = JavaCard.RUN.get(1).attributes();
    assertEquals(Map.of("jckit", tools.resolve("kit").toString()), JavaCard.RUN.get(0).attributes());
    assertEquals(Map.of("targetsdk", "3.0.4", "aid", "F054414C4C5900", "version", "1.0", "ints", "false", "verify", "true",
        "output", ROOT.resolve("applet/card/target/tallystick.cap").toString(),
        "sources", ROOT.resolve("applet/card/src/main/java").toString()), cap);
    assertEquals(Map.of("class", "org.tallystick.applet.TallyApplet", "aid", "F054414C4C590001"), JavaCard.RUN.get(2).attributes());
    assertEquals(Map.of("exps", tools.resolve("gp/exports").toString(), "jar", tools.resolve("gp/gpapi-globalplatform.jar").toString()),
        JavaCard.RUN.get(3).attributes());
    assertTrue(Files.isDirectory(Path.of(cap.get("sources"))), cap.get("sources"));
    assertTrue(Files.isDirectory(Path.of(cap.get("output")).getParent()), cap.get("output"));
    assertTrue(Files.exists(Path.of(cap.get("sources"), "org/tallystick/applet/TallyApplet.java")));
  }

  @Test
  void takesPathsThatAreRelativeToTheRoot() {
    Map<String, String> relative = new java.util.HashMap<>();
    brought().forEach((name, path) -> relative.put(name, ROOT.relativize(Path.of(path).toAbsolutePath()).toString()));
    build(relative);
    assertEquals(tools.resolve("kit").toString(), JavaCard.RUN.get(0).attributes().get("jckit"));
  }

  @Test
  void saysWhichToolIsNotThere() throws IOException {
    for (String left : brought().keySet()) {
      Map<String, String> some = new java.util.HashMap<>(brought());
      some.remove(left);
      String message = assertThrows(BuildException.class, () -> build(some)).getMessage();
      assertTrue(message.contains("-D" + left), message);
    }
    Files.delete(tools.resolve("gp/gpapi-globalplatform.jar"));
    String message = assertThrows(BuildException.class, () -> build(brought())).getMessage();
    assertTrue(message.contains("gpapi-globalplatform.jar"), message);
  }
}
