package org.tallystick.cardhost.card;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.tallystick.cardhost.gp.DomainState;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.stock.Stock;

/**
 * Everything a card keeps without power, as bytes: the security domain and each instance's persistent graph.
 *
 * @param domain the security domain, with the registry of instances
 * @param instances one graph for each registered instance, in the registry's order
 */
public record CardImage(DomainState domain, List<SortedMap<String, byte[]>> instances) {
  private static final int MAX_FIELD = 65_535;

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      writeDomain(out);
      for (SortedMap<String, byte[]> instance : instances) {
        out.writeShort(instance.size());
        for (var part : instance.entrySet()) {
          out.writeUTF(part.getKey());
          writeField(out, part.getValue());
        }
      }
      out.writeByte(domain.stock.flags());
      out.writeInt(domain.stock.memory());
      writeField(out, domain.serial);
      out.writeByte(domain.stock.flags() >> 8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** @throws IOException if the bytes are not a whole image and nothing else */
  public static CardImage decode(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      DomainState domain = readDomain(in);
      List<SortedMap<String, byte[]>> instances = new ArrayList<>();
      for (int i = 0; i < domain.instances.size(); i++) {
        SortedMap<String, byte[]> instance = new TreeMap<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) instance.put(in.readUTF(), readField(in));
        instances.add(instance);
      }
      readStock(in, domain);
      if (in.read() != -1) throw new IOException("surplus bytes after the image");
      return new CardImage(domain, instances);
    }
  }

  /**
   * At the end, because cards of earlier releases end before it: all of them were development cards. Those after them end
   * before the second byte of flags.
   */
  private static void readStock(DataInputStream in, DomainState domain) throws IOException {
    domain.stock = Stock.ofDevelopment();
    domain.serial = java.util.Arrays.copyOfRange(domain.diversification, 4, DomainState.DIVERSIFICATION_LENGTH);
    if (in.available() == 0) return;
    int flags = in.readUnsignedByte();
    int memory = in.readInt();
    domain.serial = readField(in);
    if (in.available() > 0) flags |= in.readUnsignedByte() << 8;
    domain.stock = Stock.of(flags, memory);
  }

  private void writeDomain(DataOutputStream out) throws IOException {
    writeField(out, domain.diversification);
    out.writeByte(domain.keys.version());
    writeField(out, domain.keys.enc());
    writeField(out, domain.keys.mac());
    writeField(out, domain.keys.dek());
    out.writeInt(domain.sequence);
    out.writeByte(domain.triesLeft);
    out.writeByte(domain.lifeCycle);
    out.writeBoolean(domain.packageLoaded);
    writeField(out, domain.issuerNumber);
    writeField(out, domain.imageNumber);
    out.writeByte(domain.instances.size());
    for (DomainState.Instance instance : domain.instances) {
      writeField(out, instance.aid);
      out.writeByte(instance.lifeCycle);
    }
  }

  private static DomainState readDomain(DataInputStream in) throws IOException {
    DomainState domain = new DomainState();
    domain.diversification = readField(in);
    domain.keys = new KeySet(in.readByte(), readField(in), readField(in), readField(in));
    domain.sequence = in.readInt();
    domain.triesLeft = in.readUnsignedByte();
    domain.lifeCycle = in.readByte();
    domain.packageLoaded = in.readBoolean();
    domain.issuerNumber = readField(in);
    domain.imageNumber = readField(in);
    for (int left = in.readUnsignedByte(); left > 0; left--) domain.instances.add(new DomainState.Instance(readField(in), in.readByte()));
    return domain;
  }

  private static void writeField(DataOutputStream out, byte[] field) throws IOException {
    if (field.length > MAX_FIELD) throw new IOException("a field of " + field.length + " bytes");
    out.writeShort(field.length);
    out.write(field);
  }

  private static byte[] readField(DataInputStream in) throws IOException {
    byte[] field = new byte[in.readUnsignedShort()];
    in.readFully(field);
    return field;
  }
}
