package org.tallystick.cardhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.BasicInterpreter;
import org.objectweb.asm.tree.analysis.BasicValue;

/**
 * A card computes in 16 bits where Java computes in 32. A sum may pass through 32 bits only if it is cut back before
 * anything looks at its upper half: an index, a comparison, a division, a right shift, an argument (JCVM 3.0.4 §2.2.3.1).
 * Converters refuse the rest one by one; this finds it before a converter is at hand.
 */
class NarrowArithmeticTest {
  private static final Path CLASSES = Path.of(System.getProperty("tallystick.applet.classes"));

  /** A value whose upper 16 bits may differ from what a card would have. */
  private static final BasicValue WIDE = new BasicValue(Type.INT_TYPE) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  };

  @Test
  void theAppletNeverLooksBeyondSixteenBits() throws IOException, AnalyzerException {
    Set<String> faults = new TreeSet<>();
    int methods = 0;
    try (Stream<Path> files = Files.walk(CLASSES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        methods += check(Files.readAllBytes(file), faults);
      }
    }
    assertTrue(methods > 50);
    assertEquals(Set.of(), faults);
  }

  /** Written to be found. */
  static final class Careless {
    static boolean compares(short a, short b) {
      return a + b > 5;
    }

    static byte indexes(byte[] array, short a, short b) {
      return array[a + b];
    }

    static short shifts(short a, short b) {
      return (short) ((a + b) >> 1);
    }

    static short careful(short a, short b) {
      return (short) ((short) (a + b) >> 1);
    }
  }

  @Test
  void findsWhatAConverterRefuses() throws IOException, AnalyzerException {
    Set<String> faults = new TreeSet<>();
    try (var file = Careless.class.getResourceAsStream("NarrowArithmeticTest$Careless.class")) {
      check(file.readAllBytes(), faults);
    }
    assertEquals(3, faults.size(), faults.toString());
    assertTrue(faults.stream().noneMatch(fault -> fault.contains("careful")));
  }

  private static int check(byte[] classFile, Set<String> faults) throws AnalyzerException {
    ClassNode type = new ClassNode();
    new ClassReader(classFile).accept(type, 0);
    for (MethodNode method : type.methods) {
      new Analyzer<>(new Widths(type.name + "." + method.name, faults)).analyze(type.name, method);
    }
    return type.methods.size();
  }

  private static final class Widths extends BasicInterpreter {
    private final String where;
    private final Set<String> faults;

    Widths(String where, Set<String> faults) {
      super(Opcodes.ASM9);
      this.where = where;
      this.faults = faults;
    }

    private void refuse(BasicValue value, String use) {
      if (value == WIDE) faults.add(where + ": " + use + " of a sum that was not cut to 16 bits");
    }

    @Override
    public BasicValue copyOperation(AbstractInsnNode instruction, BasicValue value) throws AnalyzerException {
      if (instruction.getOpcode() == Opcodes.ISTORE) refuse(value, "keeping");
      return value == WIDE ? WIDE : super.copyOperation(instruction, value);
    }

    @Override
    public BasicValue unaryOperation(AbstractInsnNode instruction, BasicValue value) throws AnalyzerException {
      switch (instruction.getOpcode()) {
        case Opcodes.I2B, Opcodes.I2S -> { }
        case Opcodes.INEG -> {
          return WIDE;
        }
        default -> refuse(value, "use");
      }
      return super.unaryOperation(instruction, value);
    }

    @Override
    public BasicValue binaryOperation(AbstractInsnNode instruction, BasicValue left, BasicValue right) throws AnalyzerException {
      switch (instruction.getOpcode()) {
        case Opcodes.IADD, Opcodes.ISUB, Opcodes.IMUL, Opcodes.ISHL -> {
          return WIDE;
        }
        case Opcodes.IAND -> {
          return left == WIDE && right == WIDE ? WIDE : BasicValue.INT_VALUE;
        }
        case Opcodes.IOR, Opcodes.IXOR -> {
          return left == WIDE || right == WIDE ? WIDE : BasicValue.INT_VALUE;
        }
        default -> {
          refuse(left, "comparing, dividing, shifting or indexing");
          refuse(right, "comparing, dividing, shifting or indexing");
          return super.binaryOperation(instruction, left, right);
        }
      }
    }

    @Override
    public BasicValue ternaryOperation(AbstractInsnNode instruction, BasicValue array, BasicValue index, BasicValue value) {
      refuse(index, "indexing");
      refuse(value, "storing");
      return null;
    }

    @Override
    public BasicValue naryOperation(AbstractInsnNode instruction, List<? extends BasicValue> values) throws AnalyzerException {
      values.forEach(value -> refuse(value, "passing"));
      return super.naryOperation(instruction, values);
    }

    @Override
    public void returnOperation(AbstractInsnNode instruction, BasicValue value, BasicValue expected) {
      refuse(value, "returning");
    }

    @Override
    public BasicValue merge(BasicValue one, BasicValue other) {
      return one == WIDE || other == WIDE ? WIDE : super.merge(one, other);
    }
  }
}
