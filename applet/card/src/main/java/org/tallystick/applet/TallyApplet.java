package org.tallystick.applet;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The card's half of the tally: dispatches commands to the roles it allocated once. Checks come in one order
 * everywhere: class, instruction, P1P2, length, right, state, condition, values (spec §4.6).
 */
public final class TallyApplet extends Applet {
  private static final byte SELECT_BY_NAME = 0x04;
  /** The bits of {@code APDU.getProtocol()} that are the transmission protocol. */
  private static final byte APDU_PROTOCOL = 0x0F;

  private final Session session;
  private final Channel channel;
  private final CardData data;
  private final Payment payment;
  private final StateProof proof;
  private final AllowanceUpdate update;
  private final PaymentLog log;
  private final LogAccess access;
  private final PinSession pinSession;
  private final PinCommands pins;
  private final CertificateCheck certificate;
  private final Beacon beacon;
  private final Personalization personalization;

  private TallyApplet() {
    Persistent card = new Persistent();
    Ram ram = new Ram();
    Ring ring = new Ring();
    Signer signer = new Signer(card, ram);
    Verifier verifier = new Verifier(ram);
    Issuer issuer = new Issuer(card, ram, verifier);
    Voucher voucher = new Voucher(card, ring, ram, signer);
    session = new Session();
    channel = new Channel(session);
    data = new CardData(card, signer);
    payment = new Payment(card, ring, ram, session, signer, voucher);
    proof = new StateProof(card, ram, signer);
    update = new AllowanceUpdate(card, ram, session, issuer);
    access = new LogAccess(card, ram, session, verifier);
    log = new PaymentLog(card, ring, ram, session, voucher, access);
    pinSession = new PinSession(card, ram, signer);
    pins = new PinCommands(card, ram, session, pinSession);
    certificate = new CertificateCheck(card, session, issuer);
    beacon = new Beacon(card, issuer);
    personalization = new Personalization(card, ram, session, signer, issuer, pins);
  }

  /** Makes one instance; its AID (8 bytes) leads the install parameters (JavaCard API, Applet.install). */
  public static void install(byte[] parameters, short offset, byte length) {
    if (parameters[offset] != CardData.AID_LENGTH) ISOException.throwIt(Status.WRONG_VALUE);
    new TallyApplet().register(parameters, (short) (offset + 1), parameters[offset]);
  }

  @Override
  public void deselect() {
    channel.close();
  }

  @Override
  public void process(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    if (selectingApplet()) {
      apdu.setOutgoingAndSend((short) 0, data.select(buffer));
      return;
    }
    session.setSecure(false);
    try {
      dispatch(apdu, buffer);
    } catch (ISOException refusal) {
      abandonTransaction();
      throw refusal;
    } catch (RuntimeException fault) {
      abandonTransaction();
      ISOException.throwIt(Status.CONDITION);
    }
  }

  private static void abandonTransaction() {
    if (JCSystem.getTransactionDepth() != 0) JCSystem.abortTransaction();
  }

  private void dispatch(APDU apdu, byte[] buffer) {
    byte instruction = buffer[ISO7816.OFFSET_INS];
    boolean secure = checkClass(buffer[ISO7816.OFFSET_CLA], instruction);
    if (instruction == Instruction.SELECT) refuseOtherInstance(buffer);
    checkInstruction(instruction, secure);
    if (instruction == Instruction.INITIALIZE_UPDATE || instruction == Instruction.EXTERNAL_AUTHENTICATE) {
      channel.authenticate(apdu);
      return;
    }
    checkParameters(buffer, instruction);
    short length = isWithoutData(buffer, instruction, secure) ? 0 : receive(apdu);
    if (secure) length = channel.open(buffer, length);
    short answer = execute(buffer, instruction, length);
    if (secure) answer = channel.seal(buffer, answer);
    if (answer > 0) apdu.setOutgoingAndSend((short) 0, answer);
  }

  /**
   * Under T=0 the fifth byte of a command without data is Le, and the API forbids to receive then (JavaCard API,
   * APDU.setIncomingAndReceive). Which commands these are only their instruction tells; GET LOG comes in both forms, and
   * no data field of its has 0 bytes.
   */
  private static boolean isWithoutData(byte[] buffer, byte instruction, boolean secure) {
    if (secure || (byte) (APDU.getProtocol() & APDU_PROTOCOL) != APDU.PROTOCOL_T0) return false;
    switch (instruction) {
      case Instruction.GET_DATA:
      case Instruction.GET_CHALLENGE:
        return true;
      case Instruction.BEACON:
        return buffer[ISO7816.OFFSET_P1] == 0;
      case Instruction.GET_LOG:
        return buffer[ISO7816.OFFSET_LC] == 0;
      default:
        return false;
    }
  }

  /** The whole data field, however many blocks the reader cut it into; a command without data answers 0. */
  private static short receive(APDU apdu) {
    short received = apdu.setIncomingAndReceive();
    short length = apdu.getIncomingLength();
    while (received < length) received = (short) (received + apdu.receiveBytes((short) (ISO7816.OFFSET_CDATA + received)));
    return length;
  }

  /** Answers whether the command comes under secure messaging. */
  private static boolean checkClass(byte cla, byte instruction) {
    if (cla == Instruction.CLA_SECURE) return true;
    if (cla != Instruction.CLA_PLAIN && !(cla == Instruction.CLA_ISO && instruction == Instruction.SELECT)) {
      ISOException.throwIt(Status.WRONG_CLASS);
    }
    return false;
  }

  /** A SELECT that comes here and does not select named an instance that is not on this card. */
  private static void refuseOtherInstance(byte[] buffer) {
    if (buffer[ISO7816.OFFSET_CLA] != Instruction.CLA_ISO) ISOException.throwIt(Status.WRONG_INSTRUCTION);
    ISOException.throwIt(buffer[ISO7816.OFFSET_P1] == SELECT_BY_NAME ? Status.NO_SUCH_INSTANCE : Status.WRONG_PARAMETERS);
  }

  /** A command exists in the classes that its row of the specification names, and in no other. */
  private static void checkInstruction(byte instruction, boolean secure) {
    switch (instruction) {
      case Instruction.PAY:
      case Instruction.PROVE:
      case Instruction.PRESENT_CERTIFICATE:
      case Instruction.PIN_SESSION:
      case Instruction.BEACON:
      case Instruction.VERIFY_PIN:
      case Instruction.CHANGE_PIN:
      case Instruction.UNBLOCK:
      case Instruction.GET_CHALLENGE:
      case Instruction.INITIALIZE_UPDATE:
        if (secure) ISOException.throwIt(Status.WRONG_CLASS);
        return;
      case Instruction.EXTERNAL_AUTHENTICATE:
      case Instruction.OPEN:
      case Instruction.GENERATE_KEY:
      case Instruction.STORE_DATA:
        if (!secure) ISOException.throwIt(Status.WRONG_CLASS);
        return;
      case Instruction.UPDATE_ALLOWANCE:
      case Instruction.GET_LOG:
      case Instruction.GET_DATA:
        return;
      default:
        ISOException.throwIt(Status.WRONG_INSTRUCTION);
    }
  }

  private static void checkParameters(byte[] buffer, byte instruction) {
    boolean good;
    switch (instruction) {
      case Instruction.GET_DATA:
        return;
      case Instruction.PAY:
        good = Payment.hasGoodParameters(buffer);
        break;
      case Instruction.GET_LOG:
        good = buffer[ISO7816.OFFSET_P2] == 0;
        break;
      case Instruction.BEACON:
        good = Beacon.hasGoodParameters(buffer);
        break;
      case Instruction.STORE_DATA:
        good = buffer[ISO7816.OFFSET_P1] == Personalization.P1_LAST_BLOCK_DGI && buffer[ISO7816.OFFSET_P2] == 0;
        break;
      default:
        good = Util.getShort(buffer, ISO7816.OFFSET_P1) == 0;
    }
    if (!good) ISOException.throwIt(Status.WRONG_PARAMETERS);
  }

  private short execute(byte[] buffer, byte instruction, short length) {
    switch (instruction) {
      case Instruction.PAY:
        return payment.process(buffer, length);
      case Instruction.PROVE:
        return proof.process(buffer, length);
      case Instruction.UPDATE_ALLOWANCE:
        return update.process(buffer, length);
      case Instruction.GET_LOG:
        return log.process(buffer, length);
      case Instruction.GET_CHALLENGE:
        return access.challenge(buffer, length);
      case Instruction.PRESENT_CERTIFICATE:
        return certificate.process(buffer, length);
      case Instruction.PIN_SESSION:
        return pinSession.open(buffer, length);
      case Instruction.BEACON:
        return beacon.process(buffer, length);
      case Instruction.VERIFY_PIN:
        return pins.verify(buffer, length);
      case Instruction.CHANGE_PIN:
        return pins.change(buffer, length);
      case Instruction.UNBLOCK:
        return pins.unblock(buffer, length);
      case Instruction.OPEN:
        return personalization.open(buffer, length);
      case Instruction.GENERATE_KEY:
        return personalization.generateKey(buffer, length);
      case Instruction.STORE_DATA:
        return personalization.storeData(buffer, length);
      default:
        return data.get(buffer, length);
    }
  }
}
