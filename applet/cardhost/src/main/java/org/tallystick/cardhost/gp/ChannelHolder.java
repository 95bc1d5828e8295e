package org.tallystick.cardhost.gp;

import java.util.Arrays;
import org.tallystick.cardhost.runtime.WriteEvents;
import org.tallystick.cardhost.stock.Trait;

/**
 * Opens and holds the one secure channel of the issuer security domain, for itself and for the applets that delegate
 * to it. A wrong cryptogram costs one of the tries left, counted before it is compared, so that a tear gives none back.
 */
public final class ChannelHolder {
  private static final int SCP = 0x03;
  /** i = 70: pseudo-random card challenge, R-MAC and R-ENCRYPTION (Amendment D §5.1). */
  private static final int SCP_PARAMETER = 0x70;
  /** Added in S16 mode. */
  private static final int S16 = 0x01;
  private static final byte SCP_OLD = 0x02;
  private static final int INITIALIZE_UPDATE = 0x50;
  private static final int SEQUENCE_LIMIT = 0xFFFFFF;

  private final DomainState state;
  private final WriteEvents events;
  private Scp03Session session;

  public ChannelHolder(DomainState state, WriteEvents events) {
    this.state = state;
    this.events = events;
  }

  /** The open session, or null. */
  public Scp03Session session() {
    return session != null && session.isOpen() ? session : null;
  }

  public void close() {
    if (session != null) session.close();
    session = null;
  }

  /** INITIALIZE UPDATE or EXTERNAL AUTHENTICATE with all of its data; answers the response's data. */
  public byte[] process(byte[] command, byte[] selectedAid) {
    if ((command[1] & 0xFF) == INITIALIZE_UPDATE) return initializeUpdate(command, selectedAid);
    return externalAuthenticate(command);
  }

  private byte[] initializeUpdate(byte[] command, byte[] selectedAid) {
    close();
    if (command[0] != (byte) 0x80) throw new StatusException(0x6E00);
    if (command[3] != 0) throw new StatusException(0x6A86);
    int size = state.stock.has(Trait.WIDE) ? 16 : 8;
    if (command.length != 5 + size) throw new StatusException(0x6700);
    if (command[2] != 0 && command[2] != state.keys.version()) throw new StatusException(0x6A88);
    if (state.triesLeft == 0) throw new StatusException(0x6983);
    if (state.sequence == SEQUENCE_LIMIT) throw new StatusException(0x6985);
    events.write("sequence counter", () -> state.sequence++);
    if (state.stock.has(Trait.OLD)) return oldAnswer();
    byte[] sequence = {(byte) (state.sequence >> 16), (byte) (state.sequence >> 8), (byte) state.sequence};
    byte[] hostChallenge = Arrays.copyOfRange(command, 5, 5 + size);
    byte[] cardChallenge = Scp03.derive(state.keys.enc(), Scp03.CARD_CHALLENGE, size * 8, sequence, selectedAid);
    session = new Scp03Session(state.keys, hostChallenge, cardChallenge, state.stock.has(Trait.COUNTER_FAULT));
    java.io.ByteArrayOutputStream answer = new java.io.ByteArrayOutputStream();
    answer.writeBytes(state.diversification);
    answer.write(state.keys.version());
    answer.write(SCP);
    answer.write(state.stock.has(Trait.WIDE) ? SCP_PARAMETER | S16 : SCP_PARAMETER);
    answer.writeBytes(cardChallenge);
    answer.writeBytes(session.cardCryptogram());
    answer.writeBytes(sequence);
    return answer.toByteArray();
  }

  /**
   * What a card of SCP02 says (GP Card Specification v2.3.1 §E.5.1): its name, version, 02, counter 2, challenge 6, cryptogram 8.
   * No session comes of it here, whatever keys are tried.
   */
  private byte[] oldAnswer() {
    byte[] answer = new byte[28];
    new java.security.SecureRandom().nextBytes(answer);
    System.arraycopy(state.diversification, 0, answer, 0, DomainState.DIVERSIFICATION_LENGTH);
    answer[10] = state.keys.version();
    answer[11] = SCP_OLD;
    answer[12] = (byte) (state.sequence >> 8);
    answer[13] = (byte) state.sequence;
    return answer;
  }

  private byte[] externalAuthenticate(byte[] command) {
    Scp03Session pending = session;
    if (command[0] != (byte) 0x84) throw refuse(0x6E00);
    if (command[3] != 0 || !Scp03Session.isKnownLevel(command[2] & 0xFF)) throw refuse(0x6A86);
    if (command.length != 5 + (state.stock.has(Trait.WIDE) ? 32 : 16)) throw refuse(0x6700);
    if (pending == null || pending.isOpen()) throw refuse(0x6985);
    events.write("tries", () -> state.triesLeft--);
    if (!pending.authenticate(command, command[2] & 0xFF)) throw refuse(0x6300);
    events.write("tries", () -> state.triesLeft = DomainState.TRIES);
    return new byte[0];
  }

  private StatusException refuse(int statusWord) {
    close();
    return new StatusException(statusWord);
  }
}
