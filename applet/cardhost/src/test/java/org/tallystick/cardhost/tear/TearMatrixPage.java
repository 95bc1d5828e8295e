package org.tallystick.cardhost.tear;

import java.util.List;

/** The page docs/reference/tear-matrix.md. */
final class TearMatrixPage {
  private TearMatrixPage() {}

  static String render(List<String> rows, long tears, long doubleTears) {
    return """
        # What a torn card leaves behind

        This page is written by a test (`TearMatrixTest` in `applet/cardhost`), which fails when the page
        and the card differ. A durable write is one committed transaction, or one persistent write outside a
        transaction. The test cuts the power before and after each of them, in every state in which the
        command may run, puts the card back on the reader and goes on as a terminal does. Then it tears the
        recovery too, at each of its writes, and goes on again. It also loses the answer of the whole
        command. In all of these runs it counts: *lost* is debited without a voucher that the terminal can
        read, *made* is a voucher without a debit, *stuck* is a card that may pay and cannot.

        Tries are counted by a test of their own (`PinTearTest`): under two tears in a row each takes one
        try of PIN or PUK at most, none gives one back, and the PIN is the old one or the new.

        It made %d tears and %d tears of a recovery: lost 0, made 0, stuck 0.

        "Torn before" and "torn after" say what memory holds when power returns: *as before* the command,
        *done* as after it, or which of its writes are done. What a signature over a committed record lacks
        is made anew by the next reading.

        | command | state | write | torn before | torn after | what the terminal does next | lost | made | stuck |
        |---|---|---|---|---|---|---|---|---|
        %s
        """.formatted(tears, doubleTears, String.join("\n", rows));
  }
}
