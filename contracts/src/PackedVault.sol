// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "./CardMessages.sol";
import {DelegatedReturns} from "./DelegatedReturns.sol";
import {Vault} from "./Vault.sol";
import {PackedCard, PLACE_SEQUENCE, PLACES} from "./PackedCard.sol";
import {ResultBitmap} from "./ResultBitmap.sol";

/// @title The vault that settles cheapest: one word a card, one storage write a card in a batch, no log a voucher.
/// @notice Behaves as the reference does, but skips an item whose counter lies so far ahead that more than two words of unpaid
/// counters would have to be written first; `advance` writes them (spec §7.7).
/// @dev `settle` keeps what it reads again and again at fixed places in memory:
///
/// 0x080 M (spec §3.1): tag and domain, from 0x0a0 the payee, from 0x0b4 counter, amount and context
/// 0x0e0 what ecrecover takes: digest, v, r, s; the address that it answers replaces the digest
/// 0x160 how far the hot loop came
/// 0x200 the table: for each payee of the payload its address, then u24 groups settled, then u72 units they paid
contract PackedVault is DelegatedReturns {
    using PackedCard for uint256;

    uint256 private constant HEAD = 66;
    uint256 private constant GROUP_HEAD = 24;
    uint256 private constant VOUCHER = 94;
    uint256 private constant TABLE = 0x200;
    /// One group in a word of the table. 2^24 groups cannot be called for, and 2^24 payments fit 72 bits.
    uint256 private constant GROUP = 1 << 72;
    /// Gap words that one item may write in `settle`.
    uint256 private constant GAP_WORDS = 2;
    /// The top bits of balance and of paid: without them paid cannot overflow, and with one of them plain code decides.
    uint256 private constant LARGE = (1 << 255) | (1 << 207);
    /// The same and the far part of the window: with a bit there base is raised before the group's items are settled.
    uint256 private constant ATTENTION = (1 << 255) | (1 << 207) | (((1 << 100) - 1) << 20);
    uint256 private constant WINDOW = (1 << 120) - 1;
    /// Taken from a card's word so many times, moves as many units from balance to paid.
    uint256 private constant UNIT = (1 << 208) - (1 << 160);
    uint256 private constant S_MASK = (1 << 255) - 1;
    /// The smallest s that is not low.
    uint256 private constant HIGH_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1;

    /// Bit counter % 256 of word counter / 256 is 1 while that counter, at or below the card's base, is unpaid.
    mapping(address => mapping(uint256 => uint256)) private gaps;

    /// A payload: where its groups stand in the calldata, where the table ends, whether no payee is zero.
    struct Batch {
        uint256 at;
        uint256 end;
        uint256 tableEnd;
        bool hot;
    }

    /// What is left of a group: the card, its items in the calldata from `at` to `until`, its payee's word in the table, and the
    /// card's word as it stands there, not yet stored. `at` is 0 when the payload is finished.
    struct Group {
        address card;
        uint256 at;
        uint256 until;
        uint256 entry;
        uint256 word;
    }

    constructor(address token_, uint256 scale_) Vault(token_, scale_) {}

    // ---- settling -------------------------------------------------------------------------------------------------

    function settle(bytes calldata payload) external returns (bytes memory result) {
        Batch memory batch = readBatch(payload);
        result = ResultBitmap.allOnes((batch.end - batch.at) / VOUCHER);
        settleGroups(batch, result);
        uint256 groups = creditMerchants(batch.tableEnd);
        ResultBitmap.trim(result, (batch.end - batch.at - GROUP_HEAD * groups) / VOUCHER);
        record(payload, result);
    }

    /// Settles group after group. The form of a group is judged when plain code comes to it: `settle` calls nobody, so that a
    /// malformed one undoes all of it and no state is touched (spec §7.3).
    function settleGroups(Batch memory batch, bytes memory result) private {
        uint256 at = batch.at;
        uint256 counted = at;
        uint256 items = 0;
        Group memory group;
        while (at < batch.end) {
            if (batch.hot) settleHot(group, batch, at);
            else readGroup(group, at);
            if (group.at == 0) return;
            if (group.at >= group.until || group.until > batch.end) revert MalformedPayload();
            if (group.entry >= batch.tableEnd) revert MalformedPayload();
            (counted, items) = countTo(counted, items, group.at);
            settleRest(group, result, items + (group.at - counted - GROUP_HEAD) / VOUCHER);
            at = group.until;
        }
    }

    /// The hot loop. Settles group after group while each item is good and its counter lies in its card's window; stops at the
    /// payload's end, or at an item, a card or a head for which plain code decides. The groups before are stored and summed. An
    /// item that is paid changes the word as `PackedCard.mark` and `PackedCard.pay` do.
    ///
    /// A head of no item, one whose items pass the end and one that is not there lead to a bad item, as zeros follow all calldata:
    /// so plain code sees each malformed head, save one whose payee is not in the table, at which the loop stops by itself.
    ///
    /// A recovery that fails leaves the fresh digest standing, never the address of the item before, and no digest is an opened
    /// card's address. A precompile can fail otherwise only for want of gas, which leaves too little for anything that follows.
    function settleHot(Group memory group, Batch memory batch, uint256 from) private {
        assembly ("memory-safe") {
            function halt(card_, at, items, entry, word) {
                mstore(0x160, card_)
                mstore(0x180, at)
                mstore(0x1a0, add(at, mul(94, items)))
                mstore(0x1c0, entry)
                mstore(0x1e0, word)
            }

            // As `PackedCard.settled`.
            function settled(word) -> raised {
                let window := and(word, WINDOW)
                let first := and(not(window), add(window, 1))
                let used := add(gt(first, 0xffffffff), gt(first, 0xffffffffffffffff))
                used := shl(5, add(used, gt(first, 0xffffffffffffffffffffffff)))
                used := add(used, byte(shr(27, and(mul(shr(used, first), PLACE_SEQUENCE), 0xffffffff)), PLACES))
                raised := add(sub(word, window), add(shl(128, used), shr(used, window)))
            }

            function settleFrom(end, tableEnd, at) {
                for {} 1 {} {
                    let head := calldataload(at)
                    let entry := add(TABLE, shl(5, shr(240, head)))
                    let card_ := and(shr(80, head), 0xffffffffffffffffffffffffffffffffffffffff)
                    // Items to come after the next one.
                    let more := sub(and(shr(64, head), 0xffff), 1)
                    at := add(24, at)
                    let word := sload(card_)
                    if iszero(gt(lt(entry, tableEnd), and(word, ATTENTION))) {
                        word := settled(word)
                        if or(iszero(lt(entry, tableEnd)), and(word, LARGE)) {
                            halt(card_, at, add(more, 1), entry, word)
                            leave
                        }
                    }
                    // What follows the payee in the table's word is overwritten by each item.
                    mstore(0xa0, mload(entry))
                    // Minus base minus 1.
                    let offset := not(and(shr(128, word), 0xffffffff))
                    let units := shr(208, word)
                    for {} 1 {} {
                        // counter u32, amount u48, then the context: the last 30 bytes of M, and two more that M does not reach.
                        let item := calldataload(at)
                        mstore(0xb4, item)
                        pop(staticcall(gas(), 2, 0x80, 82, 0xe0, 32))
                        mstore(0x120, calldataload(add(30, at)))
                        {
                            let s := calldataload(add(62, at))
                            mstore(0x100, add(27, shr(255, s)))
                            mstore(0x140, and(s, S_MASK))
                        }
                        pop(staticcall(gas(), 1, 0xe0, 128, 0xe0, 32))
                        let left := sub(units, and(shr(176, item), 0xffffffffffff))
                        let place := add(shr(224, item), offset)
                        // In the window and unused; the amount not zero and at most what is left, or the difference is no smaller; s
                        // low; signed.
                        let good := and(
                            and(shr(place, and(not(word), WINDOW)), lt(left, units)),
                            and(lt(mload(0x140), HIGH_S), eq(mload(0xe0), card_))
                        )
                        if iszero(gt(good, more)) {
                            if iszero(good) {
                                halt(card_, at, add(more, 1), entry, sub(word, mul(sub(shr(208, word), units), UNIT)))
                                leave
                            }
                            word := add(shl(place, 1), word)
                            units := left
                            at := add(94, at)
                            more := sub(more, 1)
                            continue
                        }
                        let paid := sub(shr(208, word), left)
                        sstore(card_, sub(add(shl(place, 1), word), mul(paid, UNIT)))
                        mstore(entry, add(mload(entry), add(paid, GROUP)))
                        break
                    }
                    at := add(94, at)
                    if xor(at, end) {
                        continue
                    }
                    mstore(0x180, 0)
                    leave
                }
            }

            settleFrom(mload(add(batch, 0x20)), mload(add(batch, 0x40)), from)
            mcopy(group, 0x160, 0xa0)
        }
    }

    /// Settles the rest of a group in plain code and adds what the whole group paid to its payee's sum.
    function settleRest(Group memory group, bytes memory result, uint256 item) private {
        (address card_, uint256 entry, uint256 word) = (group.card, group.entry, group.word);
        assembly ("memory-safe") {
            mstore(0xa0, mload(entry))
        }
        uint256 before = slotOf(card_);
        for (uint256 at = group.at; at < group.until; at += VOUCHER) {
            uint256 next = settleItem(card_, word, at);
            if (next == word) result[item / 8] &= ~bytes1(uint8(1 << (item % 8)));
            word = next;
            ++item;
        }
        if (word != before) store(card_, word);
        uint256 paid = before.balance() - word.balance();
        assembly ("memory-safe") {
            mstore(entry, add(mload(entry), add(paid, GROUP)))
        }
    }

    /// Settles one item; answers the card's word unchanged when it is skipped.
    function settleItem(address card_, uint256 word, uint256 at) private returns (uint256) {
        uint256 head;
        assembly ("memory-safe") {
            head := calldataload(at)
        }
        uint32 counter = uint32(head >> 224);
        uint48 amount = uint48(head >> 176);
        if (!word.covers(amount)) return word;
        if (counter <= word.base()) {
            if (!isGap(card_, counter) || !isSigned(card_, at)) return word;
            clearGap(card_, counter);
            return word.pay(amount);
        }
        if (word.isMarked(counter)) return word;
        uint256 tidy = word.holds(counter) ? word : word.settled();
        if (!tidy.reaches(counter, GAP_WORDS) || !isSigned(card_, at)) return word;
        return slide(card_, tidy, counter, GAP_WORDS).mark(counter).pay(amount);
    }

    /// Whether the card signed the item to the payee that stands in the buffer.
    function isSigned(address card_, uint256 at) private view returns (bool) {
        bytes32 digest;
        bytes32 r;
        bytes32 vs;
        address payee;
        assembly ("memory-safe") {
            payee := shr(96, mload(0xa0))
            calldatacopy(0xb4, at, 30)
            if iszero(staticcall(gas(), 2, 0x80, 82, 0, 32)) {
                revert(0, 0)
            }
            digest := mload(0)
            r := calldataload(add(at, 30))
            vs := calldataload(add(at, 62))
        }
        return payee != address(0) && CardMessages.signerOf(digest, r, vs) == card_;
    }

    /// Adds to each merchant what its groups paid; answers how many groups there were.
    function creditMerchants(uint256 tableEnd) private returns (uint256 groups) {
        for (uint256 entry = TABLE; entry < tableEnd; entry += 32) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(entry)
            }
            groups += uint24(word >> 72);
            uint72 sum = uint72(word);
            if (sum > 0) merchant[address(uint160(word >> 96))].earned += sum;
        }
    }

    // ---- parts of a payload ---------------------------------------------------------------------------------------

    /// Reads the head of a payload and lays out the memory: what never changes of M, and the table.
    function readBatch(bytes calldata payload) private view returns (Batch memory) {
        if (payload.length < HEAD) revert MalformedPayload();
        uint256 payees = uint16(bytes2(payload[64:66]));
        if (HEAD + 20 * payees > payload.length) revert MalformedPayload();
        bytes32 start = bytes32(abi.encodePacked("TLY1", uint64(block.chainid), address(this)));
        uint256 at;
        uint256 end;
        uint256 tableEnd;
        bool hot = true;
        assembly ("memory-safe") {
            // Nothing allocated before is used again.
            mstore(0x80, start)
            at := add(payload.offset, HEAD)
            end := add(payload.offset, payload.length)
            tableEnd := add(TABLE, shl(5, payees))
            for {
                let entry := TABLE
            } lt(entry, tableEnd) {
                entry := add(entry, 32)
            } {
                let payee := shr(96, calldataload(at))
                mstore(entry, shl(96, payee))
                if iszero(payee) {
                    hot := 0
                }
                at := add(at, 20)
            }
            mstore(0x40, tableEnd)
        }
        return Batch({at: at, end: end, tableEnd: tableEnd, hot: hot});
    }

    /// Reads the group at a head as the hot loop does, for payloads that it does not take.
    function readGroup(Group memory group, uint256 at) private view {
        uint256 head;
        assembly ("memory-safe") {
            head := calldataload(at)
        }
        group.card = address(uint160(head >> 80));
        group.at = at + GROUP_HEAD;
        group.until = group.at + VOUCHER * uint16(head >> 64);
        group.entry = TABLE + 32 * (head >> 240);
        group.word = slotOf(group.card);
    }

    /// Counts the items of whole groups from a group's head to the group that `at` lies in.
    function countTo(uint256 head, uint256 items, uint256 at) private pure returns (uint256, uint256) {
        while (true) {
            uint256 n;
            assembly ("memory-safe") {
                n := and(shr(64, calldataload(head)), 0xffff)
            }
            if (head + GROUP_HEAD + VOUCHER * n > at) return (head, items);
            head += GROUP_HEAD + VOUCHER * n;
            items += n;
        }
        return (head, items);
    }

    // ---- storage --------------------------------------------------------------------------------------------------

    /// The word of a card stands at the storage slot that its address names: no hash, and none of the other slots is so small
    /// or, being a hash, so short.
    function slotOf(address card_) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(shr(96, shl(96, card_)))
        }
    }

    function store(address card_, uint256 word) private {
        assembly ("memory-safe") {
            sstore(shr(96, shl(96, card_)), word)
        }
    }

    function isUsed(address card_, uint32 counter) public view override returns (bool) {
        uint256 slot = slotOf(card_);
        if (counter > slot.base()) return slot.isMarked(counter);
        return counter != 0 && !isGap(card_, counter);
    }

    function markUsed(address card_, uint32 counter) internal override {
        uint256 slot = slotOf(card_).settled();
        if (counter <= slot.base()) return clearGap(card_, counter);
        if (!slot.reaches(counter, GAP_WORDS)) revert Advance(card_, counter);
        store(card_, slide(card_, slot, counter, GAP_WORDS).mark(counter).settled());
    }

    function amounts(address card_) internal view override returns (uint48, uint48, bool) {
        uint256 slot = slotOf(card_);
        return (slot.balance(), slot.paid(), slot.isFlagged());
    }

    function setBalance(address card_, uint48 balance) internal override {
        store(card_, slotOf(card_).withBalance(balance));
    }

    function setFlag(address card_) internal override {
        store(card_, slotOf(card_).withFlag());
    }

    function prepare(address card_, uint32 counter, uint256 maxWords) internal override returns (uint32) {
        uint256 slot = slotOf(card_).settled();
        if (slot.reaches(counter, GAP_WORDS)) revert NothingToAdvance();
        slot = slide(card_, slot, counter, maxWords);
        store(card_, slot);
        return slot.base();
    }

    /// Slides the window towards a counter, writing the unpaid counters that leave it, at most `maxWords` words.
    function slide(address card_, uint256 slot, uint32 counter, uint256 maxWords) private returns (uint256) {
        while (!slot.holds(counter)) {
            (uint256 word, uint256 unpaid, uint256 next) = slot.step(counter);
            if (unpaid != 0) {
                if (maxWords == 0) break;
                --maxWords;
                gaps[card_][word] |= unpaid;
            }
            slot = next;
        }
        return slot;
    }

    function isGap(address card_, uint32 counter) private view returns (bool) {
        return (gaps[card_][counter >> 8] >> (counter & 255)) & 1 == 1;
    }

    function clearGap(address card_, uint32 counter) private {
        gaps[card_][counter >> 8] &= ~(1 << (counter & 255));
    }
}
