// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "./CardMessages.sol";
import {PackedCard} from "./PackedCard.sol";
import {Vault} from "./Vault.sol";

/// @title The vault that settles cheapest: one word a card, one storage write a card in a batch, no log a voucher.
/// @notice Behaves as the reference does, but skips an item whose counter lies so far ahead that more than two words of unpaid
/// counters would have to be written first; `advance` writes them (spec §7.7).
contract PackedVault is Vault {
    using PackedCard for uint256;

    uint256 private constant HEAD = 66;
    uint256 private constant GROUP_HEAD = 24;
    uint256 private constant VOUCHER = 94;
    /// Gap words that one item may write in `settle`.
    uint256 private constant GAP_WORDS = 2;
    /// The top bits of balance and of paid: without them paid cannot overflow, and with one of them plain code decides.
    uint256 private constant LARGE = (1 << 255) | (1 << 207);
    /// The same and the far part of the window: with a bit there base is raised before the group's items are settled.
    uint256 private constant ATTENTION = (1 << 255) | (1 << 207) | (((1 << 100) - 1) << 20);

    /// Bit counter % 256 of word counter / 256 is 1 while that counter, at or below the card's base, is unpaid.
    mapping(address => mapping(uint256 => uint256)) private gaps;

    /// One group of a payload: the card, where its items stand in the calldata from `at` to `until`, its payee's index.
    struct Group {
        address card;
        uint256 at;
        uint256 until;
        uint256 index;
    }

    constructor(address token_, uint256 scale_) Vault(token_, scale_) {}

    // ---- settling -------------------------------------------------------------------------------------------------

    function settle(bytes calldata payload) external returns (bytes memory result) {
        takeBuffer();
        uint256 items = countItems(payload);
        uint256[] memory earned = new uint256[](uint16(bytes2(payload[64:66])));
        result = allOnes(items);
        settleGroups(payload, earned, result);
        for (uint256 i = 0; i < earned.length; ++i) {
            if (earned[i] > 0) merchant[payeeAt(payload, i)].earned += uint128(earned[i]);
        }
        record(payload, result);
    }

    /// Checks the whole form before any state is touched (spec §7.3).
    function countItems(bytes calldata payload) private pure returns (uint256 items) {
        if (payload.length < HEAD) revert MalformedPayload();
        uint256 payees = uint16(bytes2(payload[64:66]));
        uint256 at = HEAD + 20 * payees;
        uint256 end = payload.length;
        bool bad = at > end;
        assembly ("memory-safe") {
            end := add(payload.offset, end)
            at := add(payload.offset, at)
            for {} lt(at, end) {} {
                let head := calldataload(at)
                let n := and(shr(64, head), 0xffff)
                bad := or(bad, or(iszero(n), iszero(lt(shr(240, head), payees))))
                items := add(items, n)
                at := add(at, add(24, mul(94, n)))
            }
        }
        if (bad || at != end) revert MalformedPayload();
    }

    function settleGroups(bytes calldata payload, uint256[] memory earned, bytes memory result) private {
        uint256 at;
        uint256 end;
        assembly ("memory-safe") {
            at := add(payload.offset, add(66, mul(20, mload(earned))))
            end := add(payload.offset, payload.length)
            // What the hot loop reads from memory: the payload's end, its payees, the sums.
            mstore(0x160, end)
            mstore(0x180, add(payload.offset, 66))
            mstore(0x1a0, add(earned, 32))
        }
        bool hot = !hasZeroPayee(payload, earned.length);
        uint256 counted = at;
        uint256 items = 0;
        Group memory group;
        while (at < end) {
            uint256 word = hot ? settleHot(group, at) : readGroup(group, at);
            if (group.at < group.until) {
                (counted, items) = countTo(counted, items, group.at);
                uint256 first = items + (group.at - counted - GROUP_HEAD) / VOUCHER;
                earned[group.index] += settleRest(group, word, result, first);
            }
            at = group.until;
        }
    }

    /// The hot loop. Settles group after group while each item is good and its counter lies in its card's window; leaves at the
    /// payload's end, or at an item or a card for which plain code decides. Answers the card's word as it stands there, not yet
    /// stored; the groups before are stored. An item that is paid changes the word as `PackedCard.mark` and `PackedCard.pay` do.
    ///
    /// Memory: M from 0x80; digest, v, r and s from 0xe0; the address that ecrecover answers replaces the digest. A recovery that
    /// fails leaves the fresh digest standing, never the address of the item before, and no digest is an opened card's address.
    /// A precompile can fail otherwise only for want of gas, which leaves too little for anything that follows.
    function settleHot(Group memory group, uint256 at) private returns (uint256 word) {
        address card_;
        uint256 until;
        uint256 index;
        assembly ("memory-safe") {
            for {} 1 {} {
                let head := calldataload(at)
                index := shr(240, head)
                card_ := and(shr(80, head), 0xffffffffffffffffffffffffffffffffffffffff)
                mstore(0xa0, calldataload(add(mload(0x180), mul(20, index))))
                at := add(at, 24)
                until := add(at, mul(94, and(shr(64, head), 0xffff)))
                word := sload(card_)
                if and(word, ATTENTION) {
                    // As `PackedCard.settled`: base rises over the used counters that follow it.
                    let used := and(word, 0xffffffffffffffffffffffffffffff)
                    let count := sub(255, clz(and(not(used), add(used, 1))))
                    word := add(sub(word, used), add(shl(128, count), shr(count, used)))
                    if and(word, LARGE) {
                        break
                    }
                }
                // Minus base minus 1.
                let offset := not(and(shr(128, word), 0xffffffff))
                let balanceBefore := shr(208, word)
                for {} 1 {} {
                    // counter u32, amount u48, then the context: the last 30 bytes of M, and two more that M does not reach.
                    let item := calldataload(at)
                    mstore(0xb4, item)
                    pop(staticcall(gas(), 2, 0x80, 82, 0xe0, 32))
                    let s := calldataload(add(at, 62))
                    mstore(0x100, add(27, shr(255, s)))
                    mstore(0x120, calldataload(add(at, 30)))
                    let twice := shl(1, s)
                    mstore(0x140, shr(1, twice))
                    pop(staticcall(gas(), 1, 0xe0, 128, 0xe0, 32))
                    let place := add(shr(224, item), offset)
                    let amount := and(shr(176, item), 0xffffffffffff)
                    let bit := shl(place, 1)
                    // In the window and unused; 1 <= amount <= balance (amount - 1 wraps for zero); twice s at most the order; signed.
                    if iszero(
                        and(
                            and(
                                and(lt(place, 120), iszero(and(bit, word))),
                                and(
                                    lt(sub(amount, 1), shr(208, word)),
                                    lt(twice, 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142)
                                )
                            ),
                            eq(mload(0xe0), card_)
                        )
                    ) {
                        break
                    }
                    // From balance to paid: minus amount << 208, plus amount << 160.
                    word := sub(add(word, bit), mul(amount, 0xffffffffffff0000000000000000000000000000000000000000))
                    at := add(at, 94)
                    if lt(at, until) {
                        continue
                    }
                    break
                }
                if lt(at, until) {
                    break
                }
                sstore(card_, word)
                let sum := add(mload(0x1a0), shl(5, index))
                mstore(sum, add(mload(sum), sub(balanceBefore, shr(208, word))))
                if eq(at, mload(0x160)) {
                    break
                }
            }
        }
        (group.card, group.at, group.until, group.index) = (card_, at, until, index);
    }

    /// Settles the rest of a group in plain code and answers the units that the whole group paid.
    function settleRest(Group memory group, uint256 word, bytes memory result, uint256 item) private returns (uint256) {
        address card_ = group.card;
        uint256 before = slotOf(card_);
        for (uint256 at = group.at; at < group.until; at += VOUCHER) {
            uint256 next = settleItem(card_, word, at);
            if (next == word) result[item / 8] &= ~bytes1(uint8(1 << (item % 8)));
            word = next;
            ++item;
        }
        if (word != before) store(card_, word);
        return before.balance() - word.balance();
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

    // ---- parts of a payload ---------------------------------------------------------------------------------------

    /// Takes memory 0x80 to 0x1c0 for the hot loop and writes the part of M that never changes: tag and domain.
    function takeBuffer() private view {
        bytes32 start = bytes32(abi.encodePacked("TLY1", uint64(block.chainid), address(this)));
        assembly ("memory-safe") {
            // Nothing allocated before is used again.
            mstore(0x40, 0x1c0)
            mstore(0x80, start)
        }
    }

    /// Reads the group at a head as the hot loop does, for payloads that it does not take.
    function readGroup(Group memory group, uint256 at) private view returns (uint256 word) {
        address card_;
        uint256 until;
        uint256 index;
        assembly ("memory-safe") {
            let head := calldataload(at)
            index := shr(240, head)
            card_ := and(shr(80, head), 0xffffffffffffffffffffffffffffffffffffffff)
            mstore(0xa0, calldataload(add(mload(0x180), mul(20, index))))
            at := add(at, 24)
            until := add(at, mul(94, and(shr(64, head), 0xffff)))
        }
        (group.card, group.at, group.until, group.index) = (card_, at, until, index);
        return slotOf(card_);
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

    function payeeAt(bytes calldata payload, uint256 index) private pure returns (address) {
        return address(bytes20(payload[HEAD + 20 * index:]));
    }

    function hasZeroPayee(bytes calldata payload, uint256 payees) private pure returns (bool) {
        for (uint256 i = 0; i < payees; ++i) {
            if (payeeAt(payload, i) == address(0)) return true;
        }
        return false;
    }

    /// A bitmap of so many ones: an item is paid unless it is skipped.
    function allOnes(uint256 items) private pure returns (bytes memory bitmap) {
        bitmap = new bytes((items + 7) / 8);
        for (uint256 i = 0; i < bitmap.length; i += 32) {
            assembly ("memory-safe") {
                mstore(add(add(bitmap, 32), i), not(0))
            }
        }
        if (items % 8 != 0) bitmap[items / 8] = bytes1(uint8((1 << (items % 8)) - 1));
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
