package org.tallystick.cardhost.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tallystick.cardhost.testing.Bytes.hex;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import javacard.framework.ISOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tallystick.cardhost.loading.AppletRewriter;
import org.tallystick.cardhost.testing.BytecodeCount;
import org.tallystick.cardhost.testing.TestCard;

/** Methods whose instructions were counted by hand, and the applet's own commands. */
class BytecodeCounterTest {
  static final class Counted {
    /** sload sload sadd (s2s) sreturn */
    static short twice(short n) {
      return (short) (n + n);
    }

    /** 2 before; 3 to look and 5 to step for each, 3 to see the end; 2 to answer. */
    static short steps(short times) {
      short i = 0;
      while (i < times) i++;
      return i;
    }

    /** 2 and never more: what the call throws is not returned from. */
    static void refuse() {
      ISOException.throwIt((short) 0x6A80);
    }

    /** 1 + 2 in the callee, then astore, a constant, sreturn: what did not run before the catch is not counted. */
    static byte survive() {
      try {
        refuse();
        return 0;
      } catch (ISOException expected) {
        return 1;
      }
    }

    /** sload, the switch, a constant, sreturn; and a jump past the branches below. */
    static short choose(byte which) {
      return switch (which) {
        case 1 -> 10;
        case 2 -> 20;
        default -> 30;
      };
    }
  }

  /** Gives the class under test through the rewriter, as the applet's classes come. */
  private static final class Rewritten extends ClassLoader {
    Rewritten() {
      super(BytecodeCounterTest.class.getClassLoader());
    }

    Class<?> define() throws IOException {
      try (InputStream file = Counted.class.getResourceAsStream("BytecodeCounterTest$Counted.class")) {
        byte[] bytes = AppletRewriter.rewrite(file.readAllBytes());
        return defineClass(Counted.class.getName(), bytes, 0, bytes.length);
      }
    }
  }

  private TestCard card;
  private BytecodeCounter counter;
  private Class<?> counted;

  /** The runtime that counts is that of the card which was made last in this thread. */
  @BeforeEach
  void makeCard() throws IOException {
    card = TestCard.personalized();
    counter = card.card().runtime().bytecodes();
    counted = new Rewritten().define();
  }

  private long executed(String name, Object... arguments) throws ReflectiveOperationException {
    for (Method method : counted.getDeclaredMethods()) {
      if (!method.getName().equals(name)) continue;
      method.setAccessible(true);
      long before = counter.total();
      try {
        method.invoke(null, arguments);
      } catch (InvocationTargetException thrown) {
        assertTrue(thrown.getCause() instanceof ISOException, () -> "it threw " + thrown.getCause());
      }
      return counter.total() - before;
    }
    throw new NoSuchMethodException(name);
  }

  @Test
  void countsWhatRunsAndNoCastToShort() throws ReflectiveOperationException {
    assertEquals(4, executed("twice", (short) 3));
    assertEquals(7, executed("steps", (short) 0));
    assertEquals(7 + 8, executed("steps", (short) 1));
    assertEquals(7 + 8 * 100, executed("steps", (short) 100));
    for (byte which = 0; which <= 3; which++) assertEquals(4 + (which == 3 || which == 0 ? 0 : 1), executed("choose", which), "choose " + which);
  }

  @Test
  void countsNothingThatAnExceptionPassedOver() throws ReflectiveOperationException {
    assertEquals(2, executed("refuse"));
    assertEquals(1 + 2 + 3, executed("survive"));
  }

  @Test
  void tellsWhichMethodRanHowMuch() {
    BytecodeCount select = BytecodeCount.of(card, hex("00a4040008f054414c4c59000100"));
    assertEquals(select.total(), select.byMethod().values().stream().mapToLong(Long::longValue).sum());
    assertTrue(select.byMethod().containsKey("CardData.select"), () -> "" + select);
    assertEquals(0, select.of("Payment"));
    BytecodeCount again = BytecodeCount.of(card, hex("00a4040008f054414c4c59000100"));
    assertEquals(select, again, "the same command of the same state costs the same");
  }

  @Test
  void forgetsTheMethodsOfAnEarlierCount() {
    counter.countByMethod();
    counter.add("A.a", 3);
    counter.countByMethod();
    counter.add("A.b", 4);
    assertEquals(Map.of("A.b", 4L), counter.byMethod());
  }
}
