// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A De Bruijn sequence: shows each number below 32 once, as five bits from some place on.
uint256 constant PLACE_SEQUENCE = 0x04653adf;
// From which place on the sequence shows a number, byte by byte.
uint256 constant PLACES = 0x00010206030b0710040e0c150817111a1f050a0f0d1416191e0913181d121c1b;

/// @title A card in one word: balance u48, paid u48, base u32, flags u8, window u120, from the top (spec §7.7).
/// @notice Bit i of the window is counter base + 1 + i; 1 means used. Of the counters at or below base, those are unpaid whose
/// bit in the gap words is 1. All functions are pure: they answer the word as it would be.
library PackedCard {
    uint256 internal constant WINDOW = 120;
    uint256 private constant WINDOW_MASK = (1 << 120) - 1;
    uint256 private constant FLAG = 1 << 120;
    uint256 private constant WORD = 256;

    function balance(uint256 slot) internal pure returns (uint48) {
        return uint48(slot >> 208);
    }

    function paid(uint256 slot) internal pure returns (uint48) {
        return uint48(slot >> 160);
    }

    function base(uint256 slot) internal pure returns (uint32) {
        return uint32(slot >> 128);
    }

    function isFlagged(uint256 slot) internal pure returns (bool) {
        return slot & FLAG != 0;
    }

    function withBalance(uint256 slot, uint48 balance_) internal pure returns (uint256) {
        return (slot & (type(uint256).max >> 48)) | (uint256(balance_) << 208);
    }

    function withFlag(uint256 slot) internal pure returns (uint256) {
        return slot | FLAG;
    }

    /// @notice Whether the card can pay the amount: at least 1, at most the balance, and `paid` does not overflow.
    function covers(uint256 slot, uint48 amount) internal pure returns (bool) {
        return amount > 0 && amount <= balance(slot) && uint256(paid(slot)) + amount <= type(uint48).max;
    }

    /// @notice Moves an amount that the card covers from balance to paid.
    function pay(uint256 slot, uint48 amount) internal pure returns (uint256) {
        return slot - (uint256(amount) << 208) + (uint256(amount) << 160);
    }

    /// @notice Whether a counter above base lies in the window.
    function holds(uint256 slot, uint32 counter) internal pure returns (bool) {
        return counter <= base(slot) + WINDOW;
    }

    /// @notice Whether a counter above base was used.
    function isMarked(uint256 slot, uint32 counter) internal pure returns (bool) {
        return holds(slot, counter) && (slot >> (counter - base(slot) - 1)) & 1 == 1;
    }

    /// @notice Marks a counter in the window as used.
    function mark(uint256 slot, uint32 counter) internal pure returns (uint256) {
        return slot | (1 << (counter - base(slot) - 1));
    }

    /// @notice Raises base over the used counters that follow it, which need no gap word.
    function settled(uint256 slot) internal pure returns (uint256 word) {
        uint256 window = slot & WINDOW_MASK;
        if (window & 1 == 0) return slot;
        uint256 used;
        assembly ("memory-safe") {
            // The first counter that is not used stands alone in `first`: in which 32 bits, then
            // where among them. CLZ would answer it at once, but came with Osaka only.
            let first := and(not(window), add(window, 1))
            used := add(gt(first, 0xffffffff), gt(first, 0xffffffffffffffff))
            used := shl(5, add(used, gt(first, 0xffffffffffffffffffffffff)))
            used := add(used, byte(shr(27, and(mul(shr(used, first), PLACE_SEQUENCE), 0xffffffff)), PLACES))
        }
        return (slot & ~WINDOW_MASK) + (used << 128) + (window >> used);
    }

    /// @notice Whether the window comes to hold a counter above base with at most `maxWords` gap words written.
    function reaches(uint256 slot, uint32 counter, uint256 maxWords) internal pure returns (bool) {
        while (!holds(slot, counter)) {
            (, uint256 unpaid, uint256 next) = step(slot, counter);
            if (unpaid != 0) {
                if (maxWords == 0) return false;
                --maxWords;
            }
            slot = next;
        }
        return true;
    }

    /// @notice One step of the window towards a counter beyond it: to the end of a gap word, and no further than the counter needs.
    /// @return word number of that gap word
    /// @return unpaid the counters that leave the window unpaid, as bits of that word
    /// @return next the card after the step
    function step(uint256 slot, uint32 counter) internal pure returns (uint256 word, uint256 unpaid, uint256 next) {
        uint256 first = uint256(base(slot)) + 1;
        word = first / WORD;
        uint256 last = word * WORD + WORD - 1;
        uint256 needed = counter - WINDOW;
        if (last > needed) last = needed;
        uint256 count = last - first + 1;
        uint256 window = slot & WINDOW_MASK;
        unpaid = (~window & (type(uint256).max >> (WORD - count))) << (first % WORD);
        next = (slot & ~(WINDOW_MASK | (uint256(type(uint32).max) << 128))) | (last << 128) | (window >> count);
    }
}
