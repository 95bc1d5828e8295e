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

    /// The least s that is refused: half the group's order, plus 1 (spec §7.1).
    uint256 private constant HIGH_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1;
    uint256 private constant HEAD = 66;
    uint256 private constant GROUP_HEAD = 24;
    uint256 private constant VOUCHER = 94;
    /// Gap words that one item may write in `settle`.
    uint256 private constant GAP_WORDS = 2;
    /// M padded to 96 bytes, then the input of ecrecover: digest, v, r, s.
    uint256 private constant BUFFER = 224;

    mapping(address => uint256) private slots;
    /// Bit counter % 256 of word counter / 256 is 1 while that counter, at or below the card's base, is unpaid.
    mapping(address => mapping(uint256 => uint256)) private gaps;

    constructor(address token_, uint256 scale_) Vault(token_, scale_) {}

    // ---- settling -------------------------------------------------------------------------------------------------

    function settle(bytes calldata payload) external returns (bytes memory result) {
        result = new bytes((countItems(payload) + 7) / 8);
        uint256[] memory earned = settleGroups(payload, result);
        for (uint256 i = 0; i < earned.length; ++i) {
            if (earned[i] > 0) merchant[address(bytes20(payload[HEAD + 20 * i:]))].earned += uint128(earned[i]);
        }
        record(payload, result);
    }

    /// Checks the whole form before any state is touched (spec §7.3).
    function countItems(bytes calldata payload) private pure returns (uint256 items) {
        if (payload.length < HEAD) revert MalformedPayload();
        uint256 payees = uint16(bytes2(payload[64:66]));
        uint256 at = HEAD + 20 * payees;
        uint256 end = payload.length;
        // Each step adds at most 6.2 million to a sum that is checked against the payload's length.
        unchecked {
            while (at < end) {
                uint256 head;
                assembly ("memory-safe") {
                    head := calldataload(add(payload.offset, at))
                }
                uint256 n = (head >> 64) & 0xffff;
                at += GROUP_HEAD + VOUCHER * n;
                if (n == 0 || head >> 240 >= payees) revert MalformedPayload();
                items += n;
            }
        }
        if (at != end) revert MalformedPayload();
    }

    function settleGroups(bytes calldata payload, bytes memory result) private returns (uint256[] memory earned) {
        earned = new uint256[](uint16(bytes2(payload[64:66])));
        uint256 buffer = newBuffer();
        uint256 at;
        uint256 end;
        uint256 bit;
        assembly ("memory-safe") {
            at := add(payload.offset, add(66, mul(20, mload(earned))))
            end := add(payload.offset, payload.length)
            bit := shl(3, add(result, 32))
        }
        // The form was checked: every offset lies inside the payload and every index below the count.
        unchecked {
            while (at < end) {
                uint256 head;
                uint256 payee;
                address card_;
                assembly ("memory-safe") {
                    head := calldataload(at)
                    // Cleaned here, because assembly compares all 256 bits of it.
                    card_ := and(shr(80, head), 0xffffffffffffffffffffffffffffffffffffffff)
                    payee := calldataload(add(payload.offset, add(66, mul(20, shr(240, head)))))
                    mstore(add(buffer, 32), payee)
                }
                uint256 n = (head >> 64) & 0xffff;
                at += GROUP_HEAD;
                if (payee >> 96 != 0) {
                    uint256 sum = settleGroup(card_, at, at + VOUCHER * n, bit, buffer);
                    assembly ("memory-safe") {
                        let place := add(add(earned, 32), shl(5, shr(240, head)))
                        mstore(place, add(mload(place), sum))
                    }
                }
                at += VOUCHER * n;
                bit += n;
            }
        }
    }

    /// Memory for M (82 bytes, from the buffer's start) and the input of ecrecover (digest, v, r, s from byte 96). The first 32
    /// bytes of M never change; the payee does with each group, the last 30 bytes with each voucher.
    function newBuffer() private view returns (uint256 buffer) {
        bytes memory memory_ = new bytes(BUFFER);
        bytes32 start = bytes32(bytes.concat("TLY1", CardMessages.domain()));
        assembly ("memory-safe") {
            buffer := add(memory_, 32)
            mstore(buffer, start)
        }
    }

    /// Settles the vouchers of one card to one payee from `at` to `end` and answers the units paid. `bit` is the first item's
    /// place in the result: the address of its byte times 8, plus the bit in it.
    ///
    /// The hot loop takes items whose counters lie in the card's window and stops at one that does not. It leaves the slot as
    /// `PackedCard.mark` and `PackedCard.pay` would.
    function settleGroup(address card_, uint256 at, uint256 end, uint256 bit, uint256 buffer) private returns (uint256) {
        uint256 slot = slots[card_];
        uint256 before = slot;
        while (true) {
            assembly ("memory-safe") {
                for {} lt(at, end) {
                    at := add(at, 94)
                    bit := add(bit, 1)
                } {
                    // counter u32, amount u48, then the context.
                    let head := calldataload(at)
                    let place := sub(sub(shr(224, head), and(shr(128, slot), 0xffffffff)), 1)
                    if iszero(lt(place, 120)) { break }
                    let amount := and(shr(176, head), 0xffffffffffff)
                    // Unused, 1 <= amount <= balance, and paid + amount fits 48 bits; amount - 1 wraps for zero.
                    if or(
                        and(shr(place, slot), 1),
                        or(
                            iszero(lt(sub(amount, 1), shr(208, slot))),
                            shr(48, add(and(shr(160, slot), 0xffffffffffff), amount))
                        )
                    ) { continue }
                    calldatacopy(add(buffer, 52), at, 30)
                    head := staticcall(gas(), 2, buffer, 82, add(buffer, 96), 32)
                    let s := calldataload(add(at, 62))
                    mstore(add(buffer, 128), add(27, shr(255, s)))
                    mstore(add(buffer, 160), calldataload(add(at, 30)))
                    s := and(s, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                    mstore(add(buffer, 192), s)
                    // A recovery that fails answers no bytes; the output of the item before must not stand for it.
                    head := and(staticcall(gas(), 1, add(buffer, 96), 128, add(buffer, 96), 32), head)
                    if iszero(
                        and(
                            and(head, lt(s, HIGH_S)),
                            and(eq(returndatasize(), 32), eq(mload(add(buffer, 96)), card_))
                        )
                    ) { continue }
                    slot := or(add(sub(slot, shl(208, amount)), shl(160, amount)), shl(place, 1))
                    head := shr(3, bit)
                    mstore8(head, or(byte(0, mload(head)), shl(and(bit, 7), 1)))
                }
            }
            if (at == end) break;
            uint256 next = settleOutside(card_, slot, at, buffer);
            if (next != slot) setBit(bit);
            slot = next;
            unchecked {
                at += VOUCHER;
                ++bit;
            }
        }
        if (slot == before) return 0;
        slots[card_] = slot.settled();
        return before.balance() - slot.balance();
    }

    /// Settles an item whose counter lies below or beyond the window; answers the slot unchanged when it is skipped.
    function settleOutside(address card_, uint256 slot, uint256 at, uint256 buffer) private returns (uint256) {
        uint256 head;
        assembly ("memory-safe") {
            head := calldataload(at)
        }
        uint32 counter = uint32(head >> 224);
        uint48 amount = uint48(head >> 176);
        if (!slot.covers(amount)) return slot;
        if (counter <= slot.base()) {
            if (!isGap(card_, counter) || !isSigned(card_, at, buffer)) return slot;
            clearGap(card_, counter);
            return slot.pay(amount);
        }
        uint256 tidy = slot.settled();
        if (!tidy.reaches(counter, GAP_WORDS) || !isSigned(card_, at, buffer)) return slot;
        return slide(card_, tidy, counter, GAP_WORDS).mark(counter).pay(amount);
    }

    /// Whether the card signed the item; the buffer holds tag, domain and payee already.
    function isSigned(address card_, uint256 at, uint256 buffer) private view returns (bool) {
        bytes32 digest;
        bytes32 r;
        bytes32 vs;
        assembly ("memory-safe") {
            calldatacopy(add(buffer, 52), at, 30)
            r := calldataload(add(at, 30))
            vs := calldataload(add(at, 62))
            if iszero(staticcall(gas(), 2, buffer, 82, 0, 32)) { revert(0, 0) }
            digest := mload(0)
        }
        return CardMessages.signerOf(digest, r, vs) == card_;
    }

    function setBit(uint256 bit) private pure {
        assembly ("memory-safe") {
            let place := shr(3, bit)
            mstore8(place, or(byte(0, mload(place)), shl(and(bit, 7), 1)))
        }
    }

    // ---- storage --------------------------------------------------------------------------------------------------

    function isUsed(address card_, uint32 counter) public view override returns (bool) {
        uint256 slot = slots[card_];
        if (counter > slot.base()) return slot.isMarked(counter);
        return counter != 0 && !isGap(card_, counter);
    }

    function markUsed(address card_, uint32 counter) internal override {
        uint256 slot = slots[card_].settled();
        if (counter <= slot.base()) return clearGap(card_, counter);
        if (!slot.reaches(counter, GAP_WORDS)) revert Advance(card_, counter);
        slots[card_] = slide(card_, slot, counter, GAP_WORDS).mark(counter).settled();
    }

    function amounts(address card_) internal view override returns (uint48, uint48, bool) {
        uint256 slot = slots[card_];
        return (slot.balance(), slot.paid(), slot.isFlagged());
    }

    function setBalance(address card_, uint48 balance) internal override {
        slots[card_] = slots[card_].withBalance(balance);
    }

    function setFlag(address card_) internal override {
        slots[card_] = slots[card_].withFlag();
    }

    function prepare(address card_, uint32 counter, uint256 maxWords) internal override returns (uint32) {
        uint256 slot = slots[card_].settled();
        if (slot.reaches(counter, GAP_WORDS)) revert NothingToAdvance();
        slot = slide(card_, slot, counter, maxWords);
        slots[card_] = slot;
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
