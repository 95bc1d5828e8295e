/*
 * The least that an exchange over PC/SC can cost: SCardTransmit of libpcsclite in a loop, and nothing around it.
 *
 *   exchange READER COMMAND   COMMAND in hexadecimal
 *
 * For each number on standard input it sends the command that often, and prints the nanoseconds of each exchange in one line.
 * An answer that does not end in 9000 ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

enum { COMMAND_MAX = 261, RESPONSE_MAX = 65538, TIMES_MAX = 10000 };

static void fail(const char *call, LONG code) {
    fprintf(stderr, "%s failed: %s\n", call, pcsc_stringify_error(code));
    exit(1);
}

static long long now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static DWORD parse_hex(const char *text, BYTE *bytes) {
    size_t digits = strlen(text);
    if (digits % 2 != 0 || digits > 2 * COMMAND_MAX) exit(2);
    for (size_t i = 0; i < digits / 2; i++) {
        unsigned value;
        if (sscanf(text + 2 * i, "%2x", &value) != 1) exit(2);
        bytes[i] = (BYTE)value;
    }
    return (DWORD)(digits / 2);
}

int main(int count, char **arguments) {
    static BYTE response[RESPONSE_MAX];
    static long long times[TIMES_MAX];
    BYTE command[COMMAND_MAX];
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    int exchanges;

    if (count != 3) return 2;
    DWORD command_length = parse_hex(arguments[2], command);
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code != SCARD_S_SUCCESS) fail("SCardEstablishContext", code);
    code = SCardConnect(context, arguments[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
    if (code != SCARD_S_SUCCESS) fail("SCardConnect", code);
    const SCARD_IO_REQUEST *header = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;

    while (scanf("%d", &exchanges) == 1) {
        if (exchanges < 1 || exchanges > TIMES_MAX) return 2;
        for (int i = 0; i < exchanges; i++) {
            DWORD response_length = sizeof response;
            long long start = now_ns();
            code = SCardTransmit(card, header, command, command_length, NULL, response, &response_length);
            times[i] = now_ns() - start;
            if (code != SCARD_S_SUCCESS) fail("SCardTransmit", code);
            if (response_length < 2 || response[response_length - 2] != 0x90 || response[response_length - 1] != 0x00) return 3;
        }
        for (int i = 0; i < exchanges; i++) printf("%lld%c", times[i], i + 1 == exchanges ? '\n' : ' ');
        fflush(stdout);
    }
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return 0;
}
