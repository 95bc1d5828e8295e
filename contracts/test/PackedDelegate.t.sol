// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {PackedVault} from "../src/PackedVault.sol";
import {DelegateFixture} from "./support/DelegateFixture.sol";

/// @title What delegates do where the packed vault's storage shows: far counters, gap words, gas.
contract PackedDelegateTest is DelegateFixture {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }

    function test_releaseFor_revertsWithAdvanceAndWorksAfterIt() public {
        bytes memory call = releaseCall(reversal(voucher(3_000, 9)));
        refuses(call, abi.encodeWithSelector(IVault.Advance.selector, card, 3_000));
        vm.assertEq(usedOf(MERCHANT, delegate), 0);
        bytes memory message = messageOf(voucher(3_000, 9));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        vault.advance(message, r, vs, 100);
        succeeds(call);
        vm.assertFalse(settle(voucher(3_000, 9)));
        vm.assertEq(usedOf(MERCHANT, delegate), 9);
    }

    /// A counter in a gap word is unused until it is settled late.
    function test_refundFor_seesTheCountersInGapWords() public {
        vm.assertTrue(settle(voucher(400, 1)));
        Order memory o = order(5);
        o.voucher = voucher(7, 5);
        refuses(refundCall(o), abi.encodeWithSelector(IVault.CounterUnused.selector, 7));
        vm.assertTrue(settle(o.voucher));
        succeeds(refundCall(o));
    }

    /// What delegates change stands in words of its own, apart from the merchant's and the card's.
    function test_storage_delegatesHaveWordsOfTheirOwn() public {
        bytes32 place = bytes32(uint256(uint160(card)));
        succeeds(refundCall(order(100)));
        vm.record();
        vm.prank(MERCHANT);
        vault.setDelegate(vm.addr(0xde2), 5);
        vm.prank(MERCHANT);
        vault.setReserve(5);
        (, bytes32[] memory writes) = vm.accesses(address(vault));
        vm.assertEq(writes.length, 2);
        (uint128 earned, uint128 withdrawn) = vault.merchant(MERCHANT);
        vm.assertEq(earned, 1_000);
        vm.assertEq(withdrawn, 100);
        for (uint256 i = 0; i < writes.length; ++i) {
            vm.assertTrue(writes[i] != place, "the card's word was written");
            vm.assertTrue(vm.load(address(vault), writes[i]) != bytes32((uint256(withdrawn) << 128) | earned));
        }
    }

    /// Settling reads and writes the card's word and the merchant's, as before there were delegates.
    function test_settle_touchesNothingOfDelegates() public {
        vm.prank(MERCHANT);
        vault.setReserve(400);
        bytes memory made = payload(voucher(2, 5));
        vm.record();
        vault.settle(made);
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(vault));
        vm.assertEq(writes.length, 2);
        bytes32 cardsWord = bytes32(uint256(uint160(card)));
        bytes32 merchantsWord = writes[0] == cardsWord ? writes[1] : writes[0];
        for (uint256 i = 0; i < reads.length; ++i) {
            vm.assertTrue(reads[i] == cardsWord || reads[i] == merchantsWord, "a third word was read");
        }
    }

    // ---- gas, with 21,000 and calldata ----------------------------------------------------------------------------

    function measure(string memory name, bytes memory call) private {
        uint256 intrinsic = 21_000;
        for (uint256 i = 0; i < call.length; ++i) intrinsic += call[i] == 0 ? 4 : 16;
        vm.cool(address(vault));
        vm.prank(ISSUER, ISSUER);
        succeeds(call);
        vm.snapshotValue("DelegateGas", name, vm.lastCallGas().gasTotalUsed + intrinsic);
    }

    function test_gas_refundFor() public {
        measure("refund, the delegate's first", refundCall(order(10)));
        vm.assertTrue(settle(voucher(2, 20)));
        Order memory o = order(20);
        o.voucher = voucher(2, 20);
        measure("refund of another voucher", refundCall(o));
        measure("refund of more of a voucher", refundCall(order(11)));
    }

    function test_gas_releaseFor() public {
        succeeds(refundCall(order(10)));
        measure("release by a delegate", releaseCall(reversal(voucher(2, 100))));
        bytes memory message = messageOf(voucher(3, 100));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        bytes memory call = abi.encodeCall(IVault.release, (message, r, vs));
        uint256 intrinsic = 21_000;
        for (uint256 i = 0; i < call.length; ++i) intrinsic += call[i] == 0 ? 4 : 16;
        vm.cool(address(vault));
        vm.prank(MERCHANT, MERCHANT);
        vault.release(message, r, vs);
        vm.snapshotValue("DelegateGas", "release by the payee", vm.lastCallGas().gasTotalUsed + intrinsic);
    }
}
