// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title A signature with s just above half the order, where the parity bit still leaves it room: a
/// signer can choose s and a nonce, and compute the key from them.
library HighSignature {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant NONCE = 0x1234567;

    /// The key, its signature over the digest with the high s, and the low form of the same.
    struct Forms {
        uint256 key;
        bytes32 r;
        bytes32 high;
        bytes32 low;
    }

    function over(bytes32 digest) internal returns (Forms memory) {
        Vm.Wallet memory point = vm.createWallet(NONCE);
        uint256 s = ORDER / 2 + 1;
        uint256 z = uint256(digest);
        // s = (z + r d) / k, so d = (s k - z) / r.
        uint256 r = point.publicKeyX % ORDER;
        uint256 key = mulmod(addmod(mulmod(s, NONCE, ORDER), ORDER - (z % ORDER), ORDER), inverse(r), ORDER);
        uint256 parity = point.publicKeyY & 1;
        vm.assertEq(ecrecover(digest, uint8(27 + parity), bytes32(r), bytes32(s)), vm.addr(key));
        return Forms(key, bytes32(r), bytes32(s | (parity << 255)), bytes32((ORDER - s) | ((1 - parity) << 255)));
    }

    function inverse(uint256 value) private view returns (uint256 result) {
        bytes memory input = abi.encode(32, 32, 32, value, ORDER - 2, ORDER);
        (bool done, bytes memory answer) = address(5).staticcall(input);
        require(done, "modexp");
        return abi.decode(answer, (uint256));
    }
}
