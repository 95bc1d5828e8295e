// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scene} from "../support/Scene.sol";
import {Actors} from "../support/Actors.sol";

/// @title What must hold after any sequence of what people, thieves and operators do (spec §7.8).
abstract contract InvariantSuite is Scene {
    Actors internal actors;

    function setUp() public override {
        super.setUp();
        actors = new Actors(vault, token);
    }

    /// forge calls only the actors.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actors);
    }

    function invariant_tokensCoverEveryClaim() public view {
        vm.assertEq(token.balanceOf(address(vault)), actors.claims() * SCALE);
    }

    function invariant_aCounterPaysAtMostOnce() public view {
        vm.assertEq(actors.doublePaid(), 0);
    }

    function invariant_aCardLosesOnlyWhatItSignedOrItsOwnerTook() public view {
        for (uint256 i = 0; i < actors.CARDS(); ++i) {
            address card_ = actors.cardAt(i);
            vm.assertEq(
                balanceOf(card_),
                actors.funded(card_) + actors.refunded(card_) - actors.paid(card_) - actors.taken(card_)
            );
            vm.assertEq(paidOf(card_), actors.paid(card_));
        }
    }

    function invariant_earningsOnlyGrowBySettlement() public view {
        for (uint256 i = 0; i < actors.SHOPS(); ++i)
            vm.assertEq(earnedBy(actors.shopAt(i)), actors.earned(actors.shopAt(i)));
    }
}
