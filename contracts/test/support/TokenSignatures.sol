// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestDollar} from "../../src/testing/TestDollar.sol";
import {Vm} from "./Vm.sol";

/// @title What the owner of tokens signs for the vault: permits (ERC-2612) and authorizations (EIP-3009), without an end in time.
library TokenSignatures {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant RECEIVE_TYPE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    struct Signature {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    function permit(
        TestDollar token,
        uint256 key,
        address spender,
        uint256 value
    ) internal view returns (Signature memory) {
        address holder = vm.addr(key);
        return
            sign(token, key, abi.encode(PERMIT_TYPE, holder, spender, value, token.nonces(holder), type(uint256).max));
    }

    function authorization(
        TestDollar token,
        uint256 key,
        address to,
        uint256 value,
        bytes32 nonce
    ) internal view returns (Signature memory) {
        return sign(token, key, abi.encode(RECEIVE_TYPE, vm.addr(key), to, value, 0, type(uint256).max, nonce));
    }

    function sign(TestDollar token, uint256 key, bytes memory typed) private view returns (Signature memory) {
        bytes32 digest = keccak256(bytes.concat(hex"1901", token.DOMAIN_SEPARATOR(), keccak256(typed)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return Signature(v, r, s);
    }
}
