package org.tallystick.cardhost.gp;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.tallystick.cardhost.runtime.WriteEvents;
import org.tallystick.cardhost.stock.Trait;

/** PUT KEY and the key information template: three AES keys under one version (GP Amendment D §7.2). */
final class KeyStore {
  private static final int KEY_TYPE_AES = 0x88;
  private static final int FIRST_KEY_MULTIPLE = 0x81;
  private static final int CHECK_VALUE_LENGTH = 3;
  private static final int LAST_VERSION = 0x7F;
  private static final int KEY_TYPE_DES = 0x80;
  /** Versions that chips keep for AES; 20 to 2F are those of triple DES. */
  private static final int FIRST_AES_VERSION = 0x30;
  private static final int LAST_AES_VERSION = 0x3F;

  private final DomainState state;
  private final WriteEvents events;

  KeyStore(DomainState state, WriteEvents events) {
    this.state = state;
    this.events = events;
  }

  /** P1: 00 adds a new version (the keys a card is born with give way), else the version to replace. */
  byte[] put(int p1, int p2, byte[] data, Scp03Session session) {
    if (p2 != FIRST_KEY_MULTIPLE) throw new StatusException(0x6A86);
    boolean initial = state.keys.version() == KeySet.INITIAL_VERSION;
    if (p1 == 0 ? !initial : p1 != (state.keys.version() & 0xFF)) throw new StatusException(0x6A88);
    Fields fields = new Fields(data);
    int version = fields.number();
    if (version == 0 || version > LAST_VERSION) throw new StatusException(0x6A80);
    if (state.stock.has(Trait.AES_VERSIONS_APART) && (version < FIRST_AES_VERSION || version > LAST_AES_VERSION)) throw new StatusException(0x6A80);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.write(version);
    byte[] enc = readKey(fields, session, answer);
    byte[] mac = readKey(fields, session, answer);
    byte[] dek = readKey(fields, session, answer);
    fields.expectEnd();
    if (enc.length != mac.length || enc.length != dek.length) throw new StatusException(0x6A80);
    events.write("domain keys", () -> state.keys = new KeySet((byte) version, enc, mac, dek));
    return state.stock.has(Trait.CONFIRMS_KEYS) ? answer.toByteArray() : new byte[] {(byte) version};
  }

  private static byte[] readKey(Fields fields, Scp03Session session, ByteArrayOutputStream answer) {
    fields.expect(KEY_TYPE_AES);
    int padded = fields.number() - 1;
    int length = fields.number();
    if (length != 16 && length != 24 && length != 32 || padded != (length + 15) / 16 * 16) throw new StatusException(0x6A80);
    byte[] key = Arrays.copyOf(session.decryptData(fields.bytes(padded)), length);
    fields.expect(CHECK_VALUE_LENGTH);
    byte[] checkValue = Scp03.keyCheckValue(key);
    if (!Arrays.equals(fields.bytes(CHECK_VALUE_LENGTH), checkValue)) throw new StatusException(0x6A80);
    answer.writeBytes(checkValue);
    return key;
  }

  /** GET DATA 00E0: per key its id, version, type and length. */
  byte[] information() {
    byte version = state.keys.version();
    byte[][] entries = new byte[3][];
    for (int id = 1; id <= entries.length; id++) {
      entries[id - 1] = Tlv.of(0xC0, new byte[] {(byte) id, version, (byte) (state.stock.has(Trait.OLD) ? KEY_TYPE_DES : KEY_TYPE_AES), (byte) state.keys.length()});
    }
    return Tlv.of(0xE0, entries);
  }
}
