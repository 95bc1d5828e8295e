// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The result of a settlement: bit i, low bit first, is item i of the payload, and 1 means paid (spec §7.3).
library ResultBitmap {
    /// @notice A bitmap of so many ones at least: an item is paid unless it is skipped.
    function allOnes(uint256 items) internal pure returns (bytes memory bitmap) {
        bitmap = new bytes((items + 7) / 8);
        for (uint256 i = 0; i < bitmap.length; i += 32) {
            assembly ("memory-safe") {
                mstore(add(add(bitmap, 32), i), not(0))
            }
        }
    }

    /// @notice Cuts a bitmap to so many items.
    function trim(bytes memory bitmap, uint256 items) internal pure {
        assembly ("memory-safe") {
            mstore(bitmap, shr(3, add(items, 7)))
        }
        if (items % 8 != 0) bitmap[items / 8] &= bytes1(uint8((1 << (items % 8)) - 1));
    }
}
