package org.tallystick.cardhost.loading;

import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Has a method tell {@link Hooks#count} how many of its instructions run. A stretch without a branch is told of at once, at
 * its end and before each call: what a call throws away must not have been counted, and what led to it must.
 */
final class CountingVisitor extends MethodVisitor {
  private static final int STACK_FOR_COUNTING = 2;

  private final MethodVisitor plain;
  private final String method;
  private int pending;

  /**
   * @param next where the method's own instructions go
   * @param plain where the counting goes, past whatever else rewrites the method
   */
  CountingVisitor(MethodVisitor next, MethodVisitor plain, String method) {
    super(Opcodes.ASM9, next);
    this.plain = plain;
    this.method = method;
  }

  private void tell() {
    if (pending == 0) return;
    plain.visitLdcInsn(method);
    plain.visitIntInsn(Opcodes.SIPUSH, pending);
    plain.visitMethodInsn(Opcodes.INVOKESTATIC, AppletRewriter.HOOKS, "count", "(Ljava/lang/String;I)V", false);
    pending = 0;
  }

  private void tellWith(int more) {
    pending += more;
    tell();
  }

  @Override
  public void visitInsn(int opcode) {
    boolean leaves = opcode == Opcodes.ATHROW || (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN);
    if (opcode != Opcodes.I2S) pending++;
    if (leaves) tell();
    super.visitInsn(opcode);
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    pending++;
    super.visitIntInsn(opcode, operand);
  }

  @Override
  public void visitVarInsn(int opcode, int index) {
    pending++;
    super.visitVarInsn(opcode, index);
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    pending++;
    super.visitTypeInsn(opcode, type);
  }

  @Override
  public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
    pending++;
    super.visitFieldInsn(opcode, owner, name, descriptor);
  }

  @Override
  public void visitLdcInsn(Object value) {
    pending++;
    super.visitLdcInsn(value);
  }

  @Override
  public void visitIincInsn(int index, int increment) {
    pending++;
    super.visitIincInsn(index, increment);
  }

  @Override
  public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
    pending++;
    super.visitMultiANewArrayInsn(descriptor, dimensions);
  }

  @Override
  public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
    tellWith(1);
    super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
  }

  @Override
  public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
    throw new IllegalArgumentException("no card has invokedynamic, in " + method);
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    tellWith(1);
    super.visitJumpInsn(opcode, label);
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
    tellWith(1);
    super.visitTableSwitchInsn(min, max, otherwise, labels);
  }

  @Override
  public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
    tellWith(1);
    super.visitLookupSwitchInsn(otherwise, keys, labels);
  }

  /** Whoever jumps here has not run what stands before. */
  @Override
  public void visitLabel(Label label) {
    tell();
    super.visitLabel(label);
  }

  @Override
  public void visitMaxs(int maxStack, int maxLocals) {
    super.visitMaxs(maxStack + STACK_FOR_COUNTING, maxLocals);
  }
}
