package org.tallystick.cardhost.gp;

import java.io.ByteArrayOutputStream;

/** Writes the few BER-TLV structures a security domain answers with. */
final class Tlv {
  private Tlv() {}

  static byte[] of(int tag, byte[]... values) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] value : values) body.writeBytes(value);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (tag > 0xFF) out.write(tag >> 8);
    out.write(tag);
    if (body.size() > 0x7F) out.write(0x81);
    out.write(body.size());
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }
}
