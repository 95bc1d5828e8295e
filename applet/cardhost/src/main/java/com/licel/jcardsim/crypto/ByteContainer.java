package com.licel.jcardsim.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import javacard.framework.JCSystem;
import javacard.security.CryptoException;

/**
 * Stands in front of the simulator's class of this name. That one keeps a stale last byte when a shorter number follows
 * a longer one (about one key in 300 signs wrongly), and allocates a transient array at every reading.
 */
public final class ByteContainer {
  private final byte memoryType;
  private byte[] value;

  public ByteContainer() {
    this(JCSystem.MEMORY_TYPE_PERSISTENT);
  }

  public ByteContainer(byte memoryType) {
    this.memoryType = memoryType;
  }

  public ByteContainer(BigInteger number) {
    this();
    setBigInteger(number);
  }

  public ByteContainer(byte[] buffer, short offset, short length) {
    this();
    setBytes(buffer, offset, length);
  }

  public void setBigInteger(BigInteger number) {
    if (number.signum() < 0) throw new IllegalArgumentException("negative number");
    byte[] bytes = number.toByteArray();
    boolean signByte = bytes.length > 1 && bytes[0] == 0;
    value = signByte ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  public void setBytes(byte[] buffer) {
    value = buffer.clone();
  }

  public void setBytes(byte[] buffer, short offset, short length) {
    value = Arrays.copyOfRange(buffer, offset, offset + length);
  }

  public BigInteger getBigInteger() {
    return new BigInteger(1, initialized());
  }

  public byte[] getBytes(byte clearEvent) {
    return initialized().clone();
  }

  public short getBytes(byte[] target, short offset) {
    byte[] bytes = initialized();
    if (target.length - offset < bytes.length) CryptoException.throwIt(CryptoException.ILLEGAL_VALUE);
    System.arraycopy(bytes, 0, target, offset, bytes.length);
    return (short) bytes.length;
  }

  public void clear() {
    if (value != null) Arrays.fill(value, (byte) 0);
    value = null;
  }

  public boolean isInitialized() {
    return value != null && value.length > 0;
  }

  /** Where the simulator would keep the value: its keys ask for it at construction. */
  public byte memoryType() {
    return memoryType;
  }

  private byte[] initialized() {
    if (!isInitialized()) CryptoException.throwIt(CryptoException.UNINITIALIZED_KEY);
    return value;
  }
}
