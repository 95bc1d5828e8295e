package org.tallystick.cardhost.runtime;

import com.licel.jcardsim.base.LoadFile;
import com.licel.jcardsim.base.SimulatorRuntime;
import com.licel.jcardsim.utils.AIDUtil;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.security.Key;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/**
 * A JavaCard runtime that keeps its promises: what a transaction wrote is rolled back when it is aborted, left open or
 * torn, and every durable write is counted and can be the last one (JCRE 3.0.4 chapter 7).
 */
public final class CardRuntime extends SimulatorRuntime {
  private final WriteEvents events;
  private final RamRegistry ram;
  private final UndoLog undo = new UndoLog();
  private final BytecodeCounter bytecodes = new BytecodeCounter();
  final KeptEngines engines = new KeptEngines();
  /** Persistent arrays and keys, with their names. */
  private final Map<Object, String> persistent = new IdentityHashMap<>();
  private final Map<AID, PersistentGraph> graphs = new TreeMap<>(AIDUtil.comparator());
  private final Map<AID, RamRegistry.Share> shares = new TreeMap<>(AIDUtil.comparator());
  private OperationListener operations = (operation, amount) -> { };
  private SecureChannel channel;
  private AID selectionTarget;
  private boolean installing;
  private boolean lacksTransientKeys;
  private boolean lacksAgreement;

  public CardRuntime(WriteEvents events) {
    this(events, new RamRegistry());
  }

  private CardRuntime(WriteEvents events, RamRegistry ram) {
    super(ram);
    this.events = events;
    this.ram = ram;
    // What the answer to reset announces; the simulator would say T=0.
    currentProtocol = APDU.PROTOCOL_T1;
  }

  /** Behaves as a chip does that has no transient EC private keys or no ECDH, or that speaks T=0. */
  public void imitate(boolean withoutTransientKeys, boolean withoutAgreement, boolean overT0) {
    lacksTransientKeys = withoutTransientKeys;
    lacksAgreement = withoutAgreement;
    if (overT0) currentProtocol = APDU.PROTOCOL_T0;
  }

  boolean lacksTransientKeys() {
    return lacksTransientKeys;
  }

  boolean lacksAgreement() {
    return lacksAgreement;
  }

  /** Lets one listener hear of every operation. */
  public void observe(OperationListener listener) {
    operations = listener;
  }

  /** What the applet's own code has executed. */
  public BytecodeCounter bytecodes() {
    return bytecodes;
  }

  OperationListener operations() {
    return operations;
  }

  /** Lays an image's part over the instance that was installed for it. */
  public void restore(AID aid, Map<String, byte[]> image) {
    graphs.get(aid).restore(image);
    engines.restored();
  }

  /** The channel that {@code GPSystem.getSecureChannel()} answers to applets. */
  public void bind(SecureChannel secureChannel) {
    channel = secureChannel;
  }

  /** Installs an applet class under an AID; the constructor's writes are part of the installation. */
  public void install(AID aid, Class<? extends Applet> applet, byte[] parameters) {
    installing = true;
    try {
      loadApplet(aid, applet);
      installApplet(aid, parameters, (short) 0, (byte) parameters.length);
      PersistentGraph graph = new PersistentGraph(getApplet(aid), ram);
      graphs.put(aid, graph);
      shares.put(aid, ram.takeShare());
      persistent.putAll(graph.names());
    } catch (RuntimeException failed) {
      forgetLoadFile(aid);
      ram.giveBack(ram.takeShare());
      throw failed;
    } finally {
      installing = false;
    }
  }

  /** The simulator names a load file after how many there are, so the name of one that stayed could come twice. */
  @Override
  public void loadApplet(AID aid, Class<? extends Applet> applet) {
    short number = 0;
    while (loadFiles.containsKey(loadFileName(number))) number++;
    loadLoadFile(new LoadFile(loadFileName(number), loadFileName(number), applet));
    generatedLoadFileAIDs.put(aid, loadFileName(number));
  }

  private static AID loadFileName(short number) {
    return AIDUtil.create(new byte[] {-1, -1, -1, (byte) (number >> 8), (byte) number});
  }

  /** Takes an array for persistent memory, as installation does with an instance's. */
  void adopt(byte[] array, String name) {
    persistent.put(array, name);
  }

  /** Removes an instance with all it holds. */
  public void uninstall(AID aid) {
    deleteApplet(aid);
    forgetLoadFile(aid);
    ram.giveBack(shares.remove(aid));
    graphs.remove(aid).names().keySet().forEach(persistent::remove);
    if (aid.equals(currentAID)) currentAID = null;
  }

  private void forgetLoadFile(AID aid) {
    AID generated = generatedLoadFileAIDs.get(aid);
    if (generated != null) loadFiles.remove(generated);
    generatedLoadFileAIDs.remove(aid);
  }

  /** Everything this instance keeps without power; walked once, because its references never change. */
  public PersistentGraph graph(AID aid) {
    return graphs.get(aid);
  }

  /** The instance itself, for tests that must look inside. */
  public Applet applet(AID aid) {
    return getApplet(aid);
  }

  public boolean hasSelectedApplet() {
    return currentAID != null;
  }

  /** Leaves the selected applet, as when another security domain's application is selected. */
  public void deselectApplet() {
    if (currentAID == null) return;
    GPSystem.bind(channel);
    deselect(lookupApplet(currentAID));
    currentAID = null;
  }

  /** Selects one instance by its whole AID, with the P2 that the terminal sent, and answers what the instance does. */
  public byte[] select(AID aid, byte p2) {
    byte[] command = new byte[5 + 16];
    command[1] = (byte) 0xA4;
    command[2] = 0x04;
    command[3] = p2;
    byte length = aid.getBytes(command, (short) 5);
    command[4] = length;
    selectionTarget = aid;
    try {
      return transmitCommand(Arrays.copyOf(command, 5 + length));
    } finally {
      selectionTarget = null;
    }
  }

  @Override
  protected AID findAppletForSelectApdu(byte[] command, com.licel.jcardsim.base.ApduCase apduCase) {
    return selectionTarget;
  }

  @Override
  public byte[] transmitCommand(byte[] command) {
    GPSystem.bind(channel);
    try {
      return super.transmitCommand(command);
    } finally {
      if (transactionDepth != 0) rollBack();
    }
  }

  /** Power off: an open transaction is undone, RAM is gone, nothing is selected. */
  @Override
  public void reset() {
    activateSimulatorRuntimeInstance();
    if (transactionDepth != 0) rollBack();
    super.reset();
  }

  @Override
  public void beginTransaction() {
    super.beginTransaction();
    undo.clear();
  }

  @Override
  public void commitTransaction() {
    if (transactionDepth == 0) super.commitTransaction();
    operations.on(Operation.COMMIT, undo.writes());
    events.write(undo.arrays().stream().map(persistent::get).collect(Collectors.joining(", ")), () -> {
      undo.clear();
      super.commitTransaction();
    });
  }

  @Override
  public void abortTransaction() {
    super.abortTransaction();
    undo.rollBack();
  }

  private void rollBack() {
    transactionDepth = 0;
    undo.rollBack();
  }

  /** An atomic write to an array: undone with the transaction, or an event of its own; RAM is written as it is. */
  void writeArray(Object array, int offset, int length, Runnable effect) {
    if (installing || !persistent.containsKey(array)) {
      effect.run();
    } else if (transactionDepth != 0) {
      if (events.isTorn()) throw new TearError();
      undo.save((byte[]) array, offset, length);
      effect.run();
    } else {
      operations.on(Operation.PERSISTENT_WRITE, length);
      events.write(persistent.get(array) + "/" + length, effect);
    }
  }

  /** A non-atomic write may be half done after a tear, so the applet may use it on RAM only. */
  void requireRam(Object array) {
    if (!installing && persistent.containsKey(array)) {
      throw new IllegalStateException("a non-atomic write to persistent memory");
    }
  }

  /** Setting a key or making a pair: durable at once, and not part of a transaction on every card. The listener hears nothing. */
  void writeKeys(Runnable effect, Key... keys) {
    String what = Arrays.stream(keys).filter(persistent::containsKey).map(persistent::get).collect(Collectors.joining(", "));
    if (installing || what.isEmpty()) {
      effect.run();
      return;
    }
    if (transactionDepth != 0) throw new IllegalStateException("a key was written inside a transaction");
    events.write(what, effect);
  }

  /** Gives a key its value: a write where the key is a persistent one. */
  void setKey(Runnable effect, Key key, int bytes) {
    if (!installing && persistent.containsKey(key)) operations.on(Operation.PERSISTENT_WRITE, bytes);
    writeKeys(effect, key);
  }

  /** A write that no transaction takes back, such as a PIN's tries. */
  void writeOutsideTransactions(Object array, Runnable effect) {
    if (!installing) operations.on(Operation.PERSISTENT_WRITE, 1);
    if (installing) effect.run();
    else events.write(persistent.get(array) + "/tries", effect);
  }

  void registerTransientKey(Key key, boolean onDeselect) {
    ram.registerKey(key, onDeselect);
  }

  /** Bytes of transient arrays and keys that applets have asked for. */
  public int ramBytes() {
    return ram.bytes();
  }

  /** The most bytes that one transaction has written since start. */
  public int largestTransactionBytes() {
    return undo.largestTransaction();
  }

  /** The AIDs of all instances. */
  public List<AID> installed() {
    return List.copyOf(applets.keySet());
  }
}
