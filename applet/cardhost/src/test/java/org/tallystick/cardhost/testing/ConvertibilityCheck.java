package org.tallystick.cardhost.testing;

import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * What keeps class files from being converted to a CAP file for a real card: members beyond the JavaCard 3.0.4 API (the
 * simulator carries 3.0.5), int, long or float, anything static that needs an initialiser, allocation after installation.
 */
public final class ConvertibilityCheck {
  /** Checked one by one against the JavaCard 3.0.4 API specification; GlobalPlatform against its Card API 1.5. */
  private static final Set<String> ALLOWED = Set.of(
      "java/lang/Object.<init>",
      "javacard/framework/APDU.getBuffer", "javacard/framework/APDU.getIncomingLength", "javacard/framework/APDU.receiveBytes",
      "javacard/framework/APDU.setIncomingAndReceive", "javacard/framework/APDU.setOutgoingAndSend",
      "javacard/framework/APDU.getProtocol",
      "javacard/framework/AID.getBytes",
      "javacard/framework/Applet.<init>",
      "org/tallystick/applet/TallyApplet.register", "org/tallystick/applet/TallyApplet.selectingApplet",
      "javacard/framework/ISOException.throwIt",
      "javacard/framework/JCSystem.abortTransaction", "javacard/framework/JCSystem.beginTransaction",
      "javacard/framework/JCSystem.commitTransaction", "javacard/framework/JCSystem.getAID",
      "javacard/framework/JCSystem.getTransactionDepth", "javacard/framework/JCSystem.makeTransientByteArray",
      "javacard/framework/OwnerPIN.<init>", "javacard/framework/OwnerPIN.check", "javacard/framework/OwnerPIN.getTriesRemaining",
      "javacard/framework/OwnerPIN.resetAndUnblock", "javacard/framework/OwnerPIN.update",
      "javacard/framework/Util.arrayCompare", "javacard/framework/Util.arrayCopy", "javacard/framework/Util.arrayCopyNonAtomic",
      "javacard/framework/Util.arrayFillNonAtomic", "javacard/framework/Util.getShort", "javacard/framework/Util.setShort",
      "javacard/security/CryptoException.getReason", "javacard/security/ECPrivateKey.setS",
      "javacard/security/AESKey.clearKey", "javacard/security/AESKey.setKey",
      "javacard/security/ECKey.setA", "javacard/security/ECKey.setB", "javacard/security/ECKey.setFieldFP", "javacard/security/ECKey.setG",
      "javacard/security/ECKey.setK", "javacard/security/ECKey.setR",
      "javacard/security/ECPublicKey.getW", "javacard/security/ECPublicKey.setW",
      "javacard/security/Key.isInitialized", "javacard/security/ECPublicKey.isInitialized",
      "javacard/security/RandomData.generateData", "javacard/security/RandomData.getInstance",
      "javacard/security/KeyAgreement.generateSecret", "javacard/security/KeyAgreement.getInstance", "javacard/security/KeyAgreement.init",
      "javacard/security/KeyBuilder.buildKey",
      "javacard/security/KeyPair.<init>", "javacard/security/KeyPair.genKeyPair", "javacard/security/KeyPair.getPrivate",
      "javacard/security/KeyPair.getPublic",
      "javacard/security/MessageDigest.doFinal", "javacard/security/MessageDigest.getInstance", "javacard/security/MessageDigest.reset",
      "javacard/security/Signature.getInstance", "javacard/security/Signature.init", "javacard/security/Signature.sign",
      "javacard/security/Signature.verify",
      "javacardx/crypto/Cipher.doFinal", "javacardx/crypto/Cipher.getInstance", "javacardx/crypto/Cipher.init",
      "org/globalplatform/GPSystem.getSecureChannel",
      "org/globalplatform/SecureChannel.decryptData", "org/globalplatform/SecureChannel.getSecurityLevel",
      "org/globalplatform/SecureChannel.processSecurity", "org/globalplatform/SecureChannel.resetSecurity",
      "org/globalplatform/SecureChannel.unwrap", "org/globalplatform/SecureChannel.wrap");
  private static final Set<String> ALLOCATING = Set.of(
      "javacard/framework/JCSystem.makeTransientByteArray", "javacard/security/KeyBuilder.buildKey", "javacard/security/Signature.getInstance",
      "javacard/security/MessageDigest.getInstance", "javacard/security/KeyAgreement.getInstance", "javacard/security/RandomData.getInstance",
      "javacardx/crypto/Cipher.getInstance");
  /** Where the applet allocates for its constructors. */
  private static final String ENGINES = "org/tallystick/applet/Engines";
  private static final int JAVA_8 = 52;
  private final Set<String> faults = new TreeSet<>();
  private int methods;

  /** Checks one class file. */
  public void scan(byte[] classFile) {
    new ClassReader(classFile).accept(new Scan(), 0);
  }

  /** One line a fault, with the member where it is. */
  public Set<String> faults() {
    return faults;
  }

  public int methods() {
    return methods;
  }

  private final class Scan extends ClassVisitor {
    private String owner;

    Scan() {
      super(Opcodes.ASM9);
    }

    @Override
    public void visit(int version, int access, String name, String signature, String superName, String[] interfaces) {
      owner = name;
      if (version > JAVA_8) faults.add(name + " has class version " + version);
    }

    @Override
    public FieldVisitor visitField(int access, String name, String descriptor, String signature, Object value) {
      requireSmall(Type.getType(descriptor), owner + "." + name);
      boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
      boolean isFinal = (access & Opcodes.ACC_FINAL) != 0;
      if (isStatic && value == null) faults.add(owner + "." + name + " is static and no constant");
      if (!isFinal) faults.add(owner + "." + name + " is not final");
      return null;
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
      methods++;
      String where = owner + "." + name;
      if (name.equals("<clinit>")) faults.add(where);
      for (Type type : Type.getArgumentTypes(descriptor)) requireSmall(type, where);
      requireSmall(Type.getReturnType(descriptor), where);
      return new Body(where, name.equals("<init>") || name.equals("install") || owner.equals(ENGINES));
    }
  }

  private void requireSmall(Type type, String where) {
    Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
    switch (element.getSort()) {
      case Type.INT, Type.LONG, Type.FLOAT, Type.DOUBLE, Type.CHAR -> faults.add(where + " uses " + element.getClassName());
      default -> { }
    }
  }

  private final class Body extends MethodVisitor {
    private final String where;
    private final boolean installs;

    Body(String where, boolean installs) {
      super(Opcodes.ASM9);
      this.where = where;
      this.installs = installs;
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
      String member = owner + "." + name;
      boolean own = owner.startsWith("org/tallystick/applet/") && !name.equals("register") && !name.equals("selectingApplet");
      if (!own && !ALLOWED.contains(member)) faults.add(where + " calls " + member);
      if (!installs && (ALLOCATING.contains(member) || owner.equals(ENGINES))) faults.add(where + " allocates by " + member);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (!installs && (opcode == Opcodes.NEW || opcode == Opcodes.ANEWARRAY)) faults.add(where + " allocates " + type);
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      if (!installs && opcode == Opcodes.NEWARRAY) faults.add(where + " allocates an array");
    }

    @Override
    public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
      faults.add(where + " uses invokedynamic");
    }

    @Override
    public void visitLdcInsn(Object value) {
      faults.add(where + " loads the constant " + value);
    }

    @Override
    public void visitLocalVariable(String name, String descriptor, String signature, Label start, Label end, int index) {
      requireSmall(Type.getType(descriptor), where + " " + name);
    }

    @Override
    public void visitInsn(int opcode) {
      if (opcode == Opcodes.IALOAD || opcode == Opcodes.IASTORE || (opcode >= Opcodes.I2L && opcode <= Opcodes.D2F)) faults.add(where + " needs int or wider");
    }
  }
}
