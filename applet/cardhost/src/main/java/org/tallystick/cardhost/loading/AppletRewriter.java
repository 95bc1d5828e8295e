package org.tallystick.cardhost.loading;

import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Sends every write of the applet's code through {@code Hooks}, has its bytecodes counted, and refuses code whose writes it
 * could not follow: fields assigned outside constructors, and arrays of anything but bytes.
 */
public final class AppletRewriter {
  static final String HOOKS = "org/tallystick/cardhost/runtime/Hooks";
  private static final String OWNER_PIN = "javacard/framework/OwnerPIN";
  private static final String DURABLE_PIN = "org/tallystick/cardhost/runtime/DurablePin";

  private record Target(String name, String descriptor) {}

  private static final Map<String, Target> STATIC_CALLS = Map.of(
      "javacard/framework/Util.arrayCopy", new Target("arrayCopy", "([BS[BSS)S"),
      "javacard/framework/Util.arrayCopyNonAtomic", new Target("arrayCopyNonAtomic", "([BS[BSS)S"),
      "javacard/framework/Util.arrayFillNonAtomic", new Target("arrayFillNonAtomic", "([BSSB)S"),
      "javacard/framework/Util.setShort", new Target("setShort", "([BSS)S"),
      "javacard/security/KeyBuilder.buildKey", new Target("buildKey", "(BSZ)Ljavacard/security/Key;"),
      "javacard/security/KeyAgreement.getInstance", new Target("keyAgreement", "(BZ)Ljavacard/security/KeyAgreement;"));

  private static final Map<String, Target> INSTANCE_CALLS = Map.of(
      "javacard/security/RandomData.generateData", new Target("random", "(Ljavacard/security/RandomData;[BSS)V"),
      "javacard/security/KeyAgreement.generateSecret", new Target("agree", "(Ljavacard/security/KeyAgreement;[BSS[BS)S"),
      "javacard/security/KeyPair.genKeyPair", new Target("generate", "(Ljavacard/security/KeyPair;)V"),
      "javacard/security/ECPublicKey.setW", new Target("setPoint", "(Ljavacard/security/ECPublicKey;[BSS)V"),
      "javacard/security/ECPrivateKey.setS", new Target("setScalar", "(Ljavacard/security/ECPrivateKey;[BSS)V"),
      "javacard/security/Signature.init", new Target("init", "(Ljavacard/security/Signature;Ljavacard/security/Key;B)V"),
      "javacard/security/Signature.sign", new Target("sign", "(Ljavacard/security/Signature;[BSS[BS)S"),
      "javacard/security/Signature.verify", new Target("verify", "(Ljavacard/security/Signature;[BSS[BSS)Z"),
      "javacard/security/MessageDigest.doFinal", new Target("hash", "(Ljavacard/security/MessageDigest;[BSS[BS)S"),
      "javacardx/crypto/Cipher.doFinal", new Target("cipher", "(Ljavacardx/crypto/Cipher;[BSS[BS)S"));

  private AppletRewriter() {}

  /** A class file as the simulated card runs it; throws where its writes could not be followed. */
  public static byte[] rewrite(byte[] classFile) {
    ClassWriter writer = new ClassWriter(0);
    ClassReader reader = new ClassReader(classFile);
    String type = reader.getClassName().substring(reader.getClassName().lastIndexOf('/') + 1);
    reader.accept(new ClassVisitor(Opcodes.ASM9, writer) {
      @Override
      public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
        return next == null ? null : new CountingVisitor(new Rewriting(next, name), next, type + "." + name);
      }
    }, 0);
    return writer.toByteArray();
  }

  private static final class Rewriting extends MethodVisitor {
    private final String method;

    Rewriting(MethodVisitor next, String method) {
      super(Opcodes.ASM9, next);
      this.method = method;
    }

    @Override
    public void visitInsn(int opcode) {
      switch (opcode) {
        case Opcodes.BASTORE -> super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, "storeByte", "(Ljava/lang/Object;II)V", false);
        case Opcodes.SASTORE, Opcodes.IASTORE, Opcodes.AASTORE, Opcodes.LASTORE, Opcodes.CASTORE ->
            throw new IllegalArgumentException("the applet writes to an array that is not of bytes, in " + method);
        default -> super.visitInsn(opcode);
      }
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      boolean puts = opcode == Opcodes.PUTFIELD || opcode == Opcodes.PUTSTATIC;
      if (puts && !method.equals("<init>")) throw new IllegalArgumentException("field " + name + " is written in " + method);
      super.visitFieldInsn(opcode, owner, name, descriptor);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      super.visitTypeInsn(opcode, opcode == Opcodes.NEW && type.equals(OWNER_PIN) ? DURABLE_PIN : type);
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
      Target target = (opcode == Opcodes.INVOKESTATIC ? STATIC_CALLS : INSTANCE_CALLS).get(owner + "." + name);
      if (target != null) super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, target.name, target.descriptor, false);
      else if (opcode == Opcodes.INVOKESPECIAL && owner.equals(OWNER_PIN)) super.visitMethodInsn(opcode, DURABLE_PIN, name, descriptor, false);
      else super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
    }
  }
}
