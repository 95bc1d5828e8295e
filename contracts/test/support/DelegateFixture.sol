// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DelegateMessages} from "./DelegateMessages.sol";

/// @title A merchant with a delegate that may give back 500 units a day (spec §7.11).
abstract contract DelegateFixture is DelegateMessages {
    uint256 internal constant LIMIT = 500;
    uint256 internal constant ORDER_OF_THE_GROUP = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    address internal delegate;

    /// The card has 10,000 units and has paid the merchant 1,000 by its first voucher, and the delegate may give back 500 a day.
    function setUp() public virtual override {
        super.setUp();
        delegate = vm.addr(DELEGATE_KEY);
        fund(card, 10_000);
        vm.assertTrue(settle(voucher(1, 1_000)));
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, LIMIT);
    }

    /// So much of the first voucher in all, by the delegate, within the hour.
    function order(uint48 total) internal view returns (Order memory) {
        return Order(voucher(1, 1_000), total, uint32(block.timestamp + 1 hours), DELEGATE_KEY);
    }

    // ---- calling --------------------------------------------------------------------------------------------------

    function succeeds(bytes memory call) internal {
        (bool done, bytes memory answer) = address(vault).call(call);
        vm.assertTrue(done, string.concat("refused: ", vm.toString(bytes32(answer))));
    }

    function refuses(bytes memory call, bytes memory reason) internal {
        (bool done, bytes memory answer) = address(vault).call(call);
        vm.assertFalse(done, "taken");
        vm.assertEq(answer, reason);
    }

    function refuses(bytes memory call, bytes4 error) internal {
        refuses(call, abi.encodeWithSelector(error));
    }

    function usedOf(address payee, address key) internal view returns (uint256 used) {
        uint32 day;
        (, used, day) = vault.delegate(payee, key);
        if (day != block.timestamp / 1 days) used = 0;
    }

    function withdrawnBy(address merchant) internal view returns (uint256 withdrawn) {
        (, withdrawn) = vault.merchant(merchant);
    }
}
