package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** cardhost as its users have it: a process of its own, spoken to over a socket. */
public final class CardhostProcess implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;
  private final Process process;
  private final BufferedReader events;
  private Socket socket;

  private CardhostProcess(Process process) {
    this.process = process;
    events = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts the program with these arguments, on this test's own class path. */
  public static CardhostProcess start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), "org.tallystick.cardhost.Main"));
    command.addAll(arguments);
    return new CardhostProcess(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
  }

  /** Listening on a free port, with its reader connected. */
  public static CardhostProcess listening(Path state, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--listen", "--port", "0", "--state", state.toString()));
    arguments.addAll(List.of(more));
    CardhostProcess host = start(arguments);
    JsonObject ready = host.event();
    if (!ready.get("event").getAsString().equals("ready")) throw new IOException("the first event is " + ready);
    host.connect(ready.get("port").getAsInt());
    return host;
  }

  /** The next event line. */
  public JsonObject event() throws IOException {
    String line = events.readLine();
    if (line == null) throw new EOFException("cardhost ended without an event");
    return JsonParser.parseString(line).getAsJsonObject();
  }

  private void connect(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(LIMIT_SECONDS * 1_000);
    socket.setTcpNoDelay(true);
  }

  /** One APDU; null when the card vanished instead of answering. */
  public byte[] transmit(byte[] command) throws IOException {
    try {
      socket.getOutputStream().write(join(number(command.length, 2), command));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return answer;
    } catch (EOFException | SocketException vanished) {
      return null;
    }
  }

  /** kill -9. */
  public void kill() {
    process.destroyForcibly();
  }

  public long pid() {
    return process.pid();
  }

  /** Its exit code. */
  public int exit() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new IllegalStateException("cardhost does not end");
    return process.exitValue();
  }

  /** SIGTERM. */
  public int stop() throws InterruptedException {
    process.destroy();
    return exit();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (socket != null) socket.close();
    process.destroyForcibly();
    exit();
  }
}
