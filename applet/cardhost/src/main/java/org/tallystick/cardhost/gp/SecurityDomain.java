package org.tallystick.cardhost.gp;

import java.util.Arrays;
import java.util.HexFormat;
import org.tallystick.cardhost.runtime.WriteEvents;
import org.tallystick.cardhost.stock.Stock;

/** The issuer security domain: what answers while no applet is selected (GP Card Specification v2.3.1 chapter 11). */
public final class SecurityDomain {
  private static final int CARD_TERMINATED = 0xFF;
  private static final byte[] CARD_DATA = HexFormat.of().parseHex(
      "664c734a06072a864886fc6b01600c060a2a864886fc6b02020301630906072a864886fc6b03640b06092a864886fc6b040370"
          + "650b06092b8510864864020103660c060a2b060104012a026e0102");
  /** Fabricator and dates of a card that was never made: a development card says so in its CPLC ("TL"). */
  private static final byte[] CPLC_HEAD = HexFormat.of().parseHex("544c544c000100000100");

  private final DomainState state;
  private final WriteEvents events;
  private final ChannelHolder channel;
  private final Registry registry;
  private final KeyStore keyStore;

  public SecurityDomain(DomainState state, WriteEvents events, ChannelHolder channel, Registry registry) {
    this.state = state;
    this.events = events;
    this.channel = channel;
    this.registry = registry;
    this.keyStore = new KeyStore(state, events);
  }

  /** SELECT's answer: AID, and the longest command data. */
  public byte[] select() {
    return Tlv.of(0x6F, Tlv.of(0x84, Registry.DOMAIN_AID), Tlv.of(0xA5, Tlv.of(0x9F65, new byte[] {(byte) 0xFF})));
  }

  /** Any other command, without Le; answers data and status word. */
  public byte[] process(byte[] command) {
    try {
      return dispatch(command);
    } catch (StatusException refused) {
      return withStatus(new byte[0], refused.statusWord());
    }
  }

  private byte[] dispatch(byte[] command) {
    int cla = command[0] & 0xFF;
    int instruction = command[1] & 0xFF;
    boolean secure = (cla & 0x04) != 0;
    if ((cla & ~0x84) != 0) throw new StatusException((cla & 0x03) != 0 ? 0x6881 : 0x6E00);
    if (state.lifeCycle == (byte) CARD_TERMINATED && instruction != 0xCA) throw new StatusException(0x6985);
    if (instruction == 0x50 || instruction == 0x82) return withStatus(channel.process(command, Registry.DOMAIN_AID), 0x9000);
    Scp03Session session = channel.session();
    if (!secure) {
      if (instruction != 0xCA) throw new StatusException(isManagement(instruction) ? 0x6982 : 0x6D00);
      return withStatus(data(command), 0x9000);
    }
    byte[] clear = session == null ? null : session.unwrap(command);
    if (clear == null) {
      channel.close();
      throw new StatusException(0x6982);
    }
    byte[] answer = instruction == 0xCA ? data(clear) : manage(session, clear);
    return withStatus(session.wrap(answer, 0x9000), 0x9000);
  }

  private static boolean isManagement(int instruction) {
    return switch (instruction) {
      case 0xD8, 0xE2, 0xE4, 0xE6, 0xE8, 0xF0, 0xF2 -> true;
      default -> false;
    };
  }

  private byte[] manage(Scp03Session session, byte[] command) {
    int p1 = command[2] & 0xFF;
    int p2 = command[3] & 0xFF;
    byte[] data = Arrays.copyOfRange(command, 5, command.length);
    return switch (command[1] & 0xFF) {
      case 0xD8 -> keyStore.put(p1, p2, data, session);
      case 0xE2 -> storeData(data);
      case 0xE4 -> registry.delete(p1, p2, data);
      case 0xE6 -> registry.install(p1, p2, data);
      case 0xE8 -> registry.load(p1, p2, data);
      case 0xF0 -> registry.setStatus(p1, p2, data);
      case 0xF2 -> registry.status(p1, p2, data);
      default -> throw new StatusException(0x6D00);
    };
  }

  private byte[] data(byte[] command) {
    int tag = (command[2] & 0xFF) << 8 | command[3] & 0xFF;
    return switch (tag) {
      case 0x9F7F -> Tlv.of(0x9F7F, productionData());
      case 0x0066 -> CARD_DATA;
      case 0x00E0 -> keyStore.information();
      case 0xFF21 -> resources();
      case 0x00CF -> Tlv.of(0xCF, state.diversification);
      case 0x00C1 -> Tlv.of(0xC1, new byte[] {(byte) (state.sequence >> 16), (byte) (state.sequence >> 8), (byte) state.sequence});
      case 0x0042 -> present(0x42, state.issuerNumber);
      case 0x0045 -> present(0x45, state.imageNumber);
      default -> throw new StatusException(0x6A88);
    };
  }

  /** Extended card resources: number of instances, free persistent and transient bytes (ETSI TS 102 226 §8.2.1.7.2). */
  private byte[] resources() {
    int free = state.stock.memory() - state.instances.size() * Stock.INSTANCE_BYTES;
    byte[] memory = {(byte) (free >> 24), (byte) (free >> 16), (byte) (free >> 8), (byte) free};
    return Tlv.of(0xFF21, Tlv.of(0x81, new byte[] {(byte) state.instances.size()}), Tlv.of(0x82, memory), Tlv.of(0x83, new byte[] {0x08, 0x00}));
  }

  /** CPLC (42 bytes): the serial number is the chip's own, the rest says "development card". */
  private byte[] productionData() {
    byte[] cplc = new byte[42];
    System.arraycopy(CPLC_HEAD, 0, cplc, 0, CPLC_HEAD.length);
    System.arraycopy(state.serial, 0, cplc, 12, state.serial.length);
    return cplc;
  }

  private static byte[] present(int tag, byte[] value) {
    if (value.length == 0) throw new StatusException(0x6A88);
    return Tlv.of(tag, value);
  }

  /** STORE DATA of the issuer's number (42) or the card's image number (45), one TLV a command. */
  private byte[] storeData(byte[] data) {
    Fields fields = new Fields(data);
    int tag = fields.number();
    byte[] value = fields.prefixed();
    fields.expectEnd();
    switch (tag) {
      case 0x42 -> events.write("issuer number", () -> state.issuerNumber = value);
      case 0x45 -> events.write("image number", () -> state.imageNumber = value);
      default -> throw new StatusException(0x6A88);
    }
    return new byte[0];
  }

  private static byte[] withStatus(byte[] data, int statusWord) {
    byte[] answer = Arrays.copyOf(data, data.length + 2);
    answer[data.length] = (byte) (statusWord >> 8);
    answer[data.length + 1] = (byte) statusWord;
    return answer;
  }
}
