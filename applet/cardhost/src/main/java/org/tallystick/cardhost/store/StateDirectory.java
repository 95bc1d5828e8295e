package org.tallystick.cardhost.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The card's memory on disk: one file that is replaced as a whole, and a lock that one process holds. A host that
 * forgets what its card signed would forge a fork, so every write is on the platter before the answer leaves. Copying
 * the directory copies the card. The file holds the card's private key in clear: it is a development card.
 *
 * <p>File: magic 8 ‖ format u32 ‖ generation u64 ‖ length u32 ‖ image ‖ SHA-256 of all before 32.
 */
public final class StateDirectory implements AutoCloseable {
  private static final byte[] MAGIC = "TLYCARD1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final int FORMAT = 1;
  private static final int HEADER = 8 + 4 + 8 + 4;
  private static final int DIGEST = 32;
  private static final int MAX_BYTES = 1_048_576;

  private final Path directory;
  private final Path file;
  private final FileChannel lockChannel;
  private long generation;

  private StateDirectory(Path directory, FileChannel lockChannel) {
    this.directory = directory;
    this.file = directory.resolve("card.state");
    this.lockChannel = lockChannel;
  }

  /** Makes the directory if needed and takes its lock. */
  public static StateDirectory open(Path directory) throws StateException {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      }
      FileChannel channel = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw new StateException("the card in " + directory + " is in use by another process");
      }
      return new StateDirectory(directory, channel);
    } catch (IOException e) {
      throw new StateException("cannot use the state directory " + directory + ": " + e.getMessage(), e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  public long generation() {
    return generation;
  }

  /** The stored image, or null for a card that never was written. */
  public byte[] read() throws StateException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) return null;
    try {
      if (Files.size(file) > MAX_BYTES) throw new StateException("the card file " + file + " is too large to be one");
      return parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new StateException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private byte[] parse(byte[] bytes) throws StateException {
    if (bytes.length < HEADER + DIGEST || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new StateException(file + " is not a card file");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes, MAGIC.length, HEADER - MAGIC.length);
    int format = header.getInt();
    if (format != FORMAT) throw new StateException(file + " has format " + format + "; this cardhost knows format " + FORMAT);
    long stored = header.getLong();
    int length = header.getInt();
    if (length != bytes.length - HEADER - DIGEST) throw new StateException(file + " is cut short or too long");
    byte[] digest = sha256(Arrays.copyOf(bytes, HEADER + length));
    if (!Arrays.equals(digest, Arrays.copyOfRange(bytes, HEADER + length, bytes.length))) throw new StateException(file + " is damaged");
    generation = stored;
    return Arrays.copyOfRange(bytes, HEADER, HEADER + length);
  }

  /** Replaces the image durably; returns only when a power cut cannot bring the old one back. */
  public void write(byte[] image) throws StateException {
    requireUntouched();
    ByteBuffer content = ByteBuffer.allocate(HEADER + image.length);
    content.put(MAGIC).putInt(FORMAT).putLong(generation + 1).putInt(image.length).put(image);
    Path fresh = directory.resolve("card.state.new");
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        writeFully(channel, ByteBuffer.wrap(content.array()));
        writeFully(channel, ByteBuffer.wrap(sha256(content.array())));
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
        parent.force(true);
      }
    } catch (IOException e) {
      throw new StateException("cannot write " + file + ": " + e.getMessage(), e);
    }
    generation++;
  }

  /** The file must still be the one this process wrote: whoever replaced it holds another past of the same card. */
  private void requireUntouched() throws StateException {
    if (generation == 0) {
      if (Files.exists(file)) throw new StateException(file + " appeared while this card was running");
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer stored = ByteBuffer.allocate(8);
      channel.read(stored, MAGIC.length + 4);
      if (stored.getLong(0) != generation) {
        throw new StateException(file + " has generation " + stored.getLong(0) + ", expected " + generation + ": it was replaced while in use");
      }
    } catch (IOException e) {
      throw new StateException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) channel.write(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lets go of the lock. */
  @Override
  public void close() throws StateException {
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw new StateException("cannot close the lock of " + directory, e);
    }
  }
}
