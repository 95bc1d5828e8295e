package org.tallystick.cardhost.gp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The card's end of one SCP03 session (S8 or S16; GP Amendment D v1.1.2 §6.2). It is born by INITIALIZE UPDATE,
 * opened by EXTERNAL AUTHENTICATE, and any failure is for the caller to answer by dropping it.
 */
public final class Scp03Session {
  static final int C_MAC = 0x01;
  static final int C_DECRYPTION = 0x02;
  static final int R_MAC = 0x10;
  static final int R_ENCRYPTION = 0x20;
  private static final int HEADER = 5;
  private static final byte RESPONSE_COUNTER = (byte) 0x80;

  /** Of MACs and cryptograms: 8 in S8 mode, 16 in S16 mode, as long as the host's challenge. */
  private final int macLength;
  private final boolean skipsEmpty;
  private final byte[] dek;
  private final byte[] sessionEnc;
  private final byte[] sessionMac;
  private final byte[] sessionRmac;
  private final byte[] cardCryptogram;
  private final byte[] hostCryptogram;
  private byte[] chaining = new byte[Aes.BLOCK];
  private long commandCounter;
  private int level;
  private boolean open;

  public Scp03Session(KeySet keys, byte[] hostChallenge, byte[] cardChallenge) {
    this(keys, hostChallenge, cardChallenge, false);
  }

  /** @param skipsEmpty a fault of some chips: the counter stands still at commands without data */
  Scp03Session(KeySet keys, byte[] hostChallenge, byte[] cardChallenge, boolean skipsEmpty) {
    this.skipsEmpty = skipsEmpty;
    dek = keys.dek().clone();
    macLength = hostChallenge.length;
    int keyBits = keys.length() * 8;
    int macBits = macLength * 8;
    sessionEnc = Scp03.derive(keys.enc(), Scp03.S_ENC, keyBits, hostChallenge, cardChallenge);
    sessionMac = Scp03.derive(keys.mac(), Scp03.S_MAC, keyBits, hostChallenge, cardChallenge);
    sessionRmac = Scp03.derive(keys.mac(), Scp03.S_RMAC, keyBits, hostChallenge, cardChallenge);
    cardCryptogram = Scp03.derive(sessionMac, Scp03.CARD_CRYPTOGRAM, macBits, hostChallenge, cardChallenge);
    hostCryptogram = Scp03.derive(sessionMac, Scp03.HOST_CRYPTOGRAM, macBits, hostChallenge, cardChallenge);
  }

  public byte[] cardCryptogram() {
    return cardCryptogram.clone();
  }

  /** Levels that EXTERNAL AUTHENTICATE may ask for (§7.1.2.1). */
  public static boolean isKnownLevel(int level) {
    return level == 0 || level == 0x01 || level == 0x03 || level == 0x11 || level == 0x13 || level == 0x33;
  }

  /** EXTERNAL AUTHENTICATE: host cryptogram and C-MAC (8 or 16 each) over the whole command. */
  public boolean authenticate(byte[] command, int requestedLevel) {
    if (open || command.length != HEADER + 2 * macLength) return false;
    if (!macMatches(command, 2 * macLength)) return false;
    byte[] cryptogram = Arrays.copyOfRange(command, HEADER, HEADER + macLength);
    if (!java.security.MessageDigest.isEqual(cryptogram, hostCryptogram)) return false;
    open = true;
    level = requestedLevel;
    return true;
  }

  public boolean isOpen() {
    return open;
  }

  public int level() {
    return level;
  }

  /** Checks and decrypts a command; answers its clear form with its own Lc, or null if it is not genuine. */
  public byte[] unwrap(byte[] command) {
    if (!open || (level & C_MAC) == 0) return null;
    int length = command[4] & 0xFF;
    if (length > macLength || !skipsEmpty) commandCounter++;
    if (command.length != HEADER + length || length < macLength || !macMatches(command, length)) return null;
    byte[] data = Arrays.copyOfRange(command, HEADER, HEADER + length - macLength);
    if ((level & C_DECRYPTION) != 0 && data.length > 0) {
      if (data.length % Aes.BLOCK != 0) return null;
      data = Aes.unpad(Aes.decrypt(sessionEnc, counterBlock((byte) 0), data));
      if (data == null) return null;
    }
    byte[] clear = Arrays.copyOf(command, HEADER + data.length);
    clear[0] &= ~0x04;
    clear[4] = (byte) data.length;
    System.arraycopy(data, 0, clear, HEADER, data.length);
    return clear;
  }

  /** Protects the data of a successful answer; the status bytes go into the MAC and are sent by the caller. */
  public byte[] wrap(byte[] data, int statusWord) {
    if (!open || (level & R_MAC) == 0) return data;
    byte[] sent = data;
    if ((level & R_ENCRYPTION) != 0 && data.length > 0) sent = Aes.encrypt(sessionEnc, counterBlock(RESPONSE_COUNTER), Aes.pad(data));
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    input.writeBytes(chaining);
    input.writeBytes(sent);
    input.write(statusWord >> 8);
    input.write(statusWord);
    byte[] answer = Arrays.copyOf(sent, sent.length + macLength);
    System.arraycopy(Aes.cmac(sessionRmac, input.toByteArray()), 0, answer, sent.length, macLength);
    return answer;
  }

  /** Sensitive data under the static data encryption key (§6.2.8): AES-CBC with a zero ICV. */
  public byte[] decryptData(byte[] data) {
    return Aes.decrypt(dek, new byte[Aes.BLOCK], data);
  }

  public byte[] encryptData(byte[] data) {
    return Aes.encrypt(dek, new byte[Aes.BLOCK], data);
  }

  /** Wipes the keys: a closed session answers nothing any more. */
  public void close() {
    open = false;
    level = 0;
    for (byte[] secret : new byte[][] {dek, sessionEnc, sessionMac, sessionRmac, hostCryptogram}) Arrays.fill(secret, (byte) 0);
  }

  /** The C-MAC covers the chaining value and the command as sent, without the MAC itself (§6.2.4). */
  private boolean macMatches(byte[] command, int length) {
    int covered = HEADER + length - macLength;
    byte[] input = ByteBuffer.allocate(Aes.BLOCK + covered).put(chaining).put(command, 0, covered).array();
    byte[] mac = Aes.cmac(sessionMac, input);
    boolean matches = true;
    for (int i = 0; i < macLength; i++) matches &= mac[i] == command[covered + i];
    if (matches) chaining = mac;
    return matches;
  }

  private byte[] counterBlock(byte first) {
    byte[] block = ByteBuffer.allocate(Aes.BLOCK).putLong(8, commandCounter).array();
    block[0] = first;
    return Aes.encryptBlock(sessionEnc, block);
  }
}
