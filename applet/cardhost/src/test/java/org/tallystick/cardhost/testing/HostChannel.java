package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;
import static org.tallystick.cardhost.testing.Bytes.slice;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.tallystick.cardhost.gp.Aes;
import org.tallystick.cardhost.gp.KeySet;
import org.tallystick.cardhost.gp.Scp03;

/** The host's end of SCP03, written apart from the card's: only AES, CMAC and the derivation are shared. */
public final class HostChannel {
  /** No status word: the answer never came. */
  public static final int TORN = -1;
  private static final byte[] HOST_CHALLENGE = Bytes.hex("0102030405060708");
  private final UnaryOperator<byte[]> card;
  private final KeySet keys;
  private final int level;
  private byte[] enc;
  private byte[] mac;
  private byte[] rmac;
  private byte[] chaining = new byte[16];
  private long counter;
  private byte[] initializeUpdate;

  public HostChannel(UnaryOperator<byte[]> card, KeySet keys, int level) {
    this.card = card;
    this.keys = keys;
    this.level = level;
  }

  /** Opens the channel; fails with the status word that refused it. */
  public HostChannel open() {
    int statusWord = tryOpen();
    if (statusWord != 0x9000) throw new IllegalStateException(String.format("%04X", statusWord));
    return this;
  }

  /** INITIALIZE UPDATE and EXTERNAL AUTHENTICATE; answers the last status word, {@link #TORN} if the power went. */
  public int tryOpen() {
    int statusWord = initialize();
    return statusWord == 0x9000 ? authenticate() : statusWord;
  }

  /** INITIALIZE UPDATE alone. */
  public int initialize() {
    byte[] answer = card.apply(join(Bytes.hex("8050000008"), HOST_CHALLENGE, Bytes.hex("00")));
    if (answer == null) return TORN;
    Response first = Response.of(answer);
    if (first.statusWord() != 0x9000) return first.statusWord();
    initializeUpdate = first.data();
    byte[] challenge = slice(initializeUpdate, 13, 8);
    enc = Scp03.derive(keys.enc(), Scp03.S_ENC, 128, HOST_CHALLENGE, challenge);
    mac = Scp03.derive(keys.mac(), Scp03.S_MAC, 128, HOST_CHALLENGE, challenge);
    rmac = Scp03.derive(keys.mac(), Scp03.S_RMAC, 128, HOST_CHALLENGE, challenge);
    return first.statusWord();
  }

  /** EXTERNAL AUTHENTICATE alone. */
  public int authenticate() {
    byte[] cryptogram = Scp03.derive(mac, Scp03.HOST_CRYPTOGRAM, 64, HOST_CHALLENGE, slice(initializeUpdate, 13, 8));
    byte[] answer = card.apply(macced(Bytes.hex("8482000000"), level, cryptogram));
    return answer == null ? TORN : Response.of(answer).statusWord();
  }

  public byte[] initializeUpdate() {
    return initializeUpdate;
  }

  /** Whether the card proved to know the keys. */
  public boolean cardIsGenuine() {
    byte[] expected = Scp03.derive(mac, Scp03.CARD_CRYPTOGRAM, 64, HOST_CHALLENGE, slice(initializeUpdate, 13, 8));
    return Arrays.equals(expected, slice(initializeUpdate, 21, 8));
  }

  /** Sends one command under the session's level, checks the response MAC, answers the clear response. */
  public Response send(int ins, int p1, int p2, byte[] data) {
    byte[] answer = card.apply(wrap(ins, p1, p2, data));
    return answer == null ? null : unwrap(Response.of(answer));
  }

  /** The protected command as it goes over the wire. */
  public byte[] wrap(int ins, int p1, int p2, byte[] data) {
    counter++;
    byte[] body = data;
    if ((level & 0x02) != 0 && data.length > 0) {
      byte[] icv = Aes.encryptBlock(enc, number(counter, 16));
      body = Aes.encrypt(enc, icv, Aes.pad(data));
    }
    byte[] header = {(byte) 0x84, (byte) ins, (byte) p1, (byte) p2, 0};
    return macced(header, p1, body);
  }

  private Response unwrap(Response response) {
    boolean success = response.statusWord() == 0x9000 || response.statusWord() >> 8 == 0x62 || response.statusWord() >> 8 == 0x63;
    if ((level & 0x10) == 0 || !success) return response;
    int end = response.data().length - 8;
    if (end < 0) throw new IllegalStateException("a success without response MAC");
    byte[] sent = slice(response.data(), 0, end);
    byte[] expected = Aes.cmac(rmac, join(chaining, sent, number(response.statusWord(), 2)));
    if (!Arrays.equals(slice(expected, 0, 8), slice(response.data(), end, 8))) throw new IllegalStateException("wrong response MAC");
    if ((level & 0x20) == 0 || sent.length == 0) return new Response(sent, response.statusWord());
    byte[] block = number(counter, 16);
    block[0] = (byte) 0x80;
    return new Response(Aes.unpad(Aes.decrypt(enc, Aes.encryptBlock(enc, block), sent)), response.statusWord());
  }

  private byte[] macced(byte[] header, int p1, byte[] body) {
    byte[] covered = join(header, body);
    covered[2] = (byte) p1;
    covered[4] = (byte) (body.length + 8);
    chaining = Aes.cmac(mac, join(chaining, covered));
    return join(covered, slice(chaining, 0, 8));
  }
}
