// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Fixture} from "./Fixture.sol";
import {Vm} from "./Vm.sol";

/// @title What a delegate signs, built anew from the specification (spec §3.7, §3.11).
abstract contract DelegateMessages is Fixture {
    uint256 internal constant DELEGATE_KEY = 0xde1e6a7e;

    /// What somebody signs to have units of a voucher given back.
    struct Order {
        Voucher voucher;
        uint48 total;
        uint32 deadline;
        uint256 signer;
    }

    /// A voucher's reversal as somebody signs it; `y` is the other coordinate of the card's key.
    struct Reversal {
        Voucher voucher;
        bytes object;
        bytes32 y;
        uint256 signer;
    }

    // ---- refund orders --------------------------------------------------------------------------------------------

    function idOf(Voucher memory v) internal view returns (bytes32) {
        return sha256(bytes.concat(bytes20(vm.addr(v.key)), messageOf(v)));
    }

    function orderBytes(Order memory o) internal view returns (bytes memory) {
        return bytes.concat("TLYF", domain(), idOf(o.voucher), bytes6(o.total), bytes4(o.deadline));
    }

    function refundCall(Order memory o) internal view returns (bytes memory) {
        bytes memory message = messageOf(o.voucher);
        (bytes32 r, bytes32 vs) = signBytes(o.voucher.key, message);
        (bytes32 r2, bytes32 vs2) = signBytes(o.signer, orderBytes(o));
        return abi.encodeCall(IVault.refundFor, (message, r, vs, o.total, o.deadline, r2, vs2));
    }

    // ---- reversals ------------------------------------------------------------------------------------------------

    /// The PAY request of a voucher, of which the vault reads counter, payee and amount.
    function reversal(Voucher memory v) internal returns (Reversal memory) {
        Vm.Wallet memory key = vm.createWallet(v.key);
        bytes memory request = bytes.concat(
            bytes8("cardTag"),
            bytes4(v.counter),
            bytes20(v.payee),
            bytes6(v.amount),
            bytes4(uint32(block.timestamp)),
            bytes16("challenge"),
            bytes8("terminal"),
            bytes1(0)
        );
        bytes1 prefix = bytes1(uint8(2 + (key.publicKeyY & 1)));
        bytes memory object = bytes.concat("TLYX", domain(), prefix, bytes32(key.publicKeyX), request);
        vm.assertEq(object.length, 132);
        return Reversal(v, object, bytes32(key.publicKeyY), DELEGATE_KEY);
    }

    function releaseCall(Reversal memory x) internal view returns (bytes memory) {
        bytes memory message = messageOf(x.voucher);
        (bytes32 r, bytes32 vs) = signBytes(x.voucher.key, message);
        (bytes32 r2, bytes32 vs2) = signBytes(x.signer, x.object);
        return abi.encodeCall(IVault.releaseFor, (message, r, vs, x.object, x.y, r2, vs2));
    }
}
