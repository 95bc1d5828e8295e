// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Actors} from "../support/Actors.sol";
import {Actions} from "../support/actions/Actions.sol";
import {MoodyDollar} from "../support/MoodyDollar.sol";
import {Fixture} from "../support/Fixture.sol";

/// @title What must hold after any sequence of what people, thieves and operators do (spec §7.8).
/// Each action also checks what it sees: who may lower what, that nothing is paid that was not signed or was paid before, and that what
/// was skipped is payable later.
abstract contract InvariantSuite is Fixture {
    /// A token of 6 decimals in units of a hundredth of a cent.
    uint256 private constant UNIT = 100;
    /// Actions in a run after which each of them must have been tried.
    uint256 private constant LONG_RUN = 400;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Actors internal actors;

    /// @dev Whether this vault ever has anything to advance.
    function advances() internal pure virtual returns (bool);

    function setUp() public override {
        super.setUp();
        MoodyDollar moody = new MoodyDollar();
        (token, vault) = (moody, deployVault(address(moody), UNIT));
        actors = new Actors(vault, moody);
    }

    /// forge calls only the actors' actions.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[30] memory actions = [
            actors.fund.selector,
            actors.fundWithPermit.selector,
            actors.fundWithAuthorization.selector,
            actors.gift.selector,
            actors.pay.selector,
            actors.payByTheClone.selector,
            actors.spray.selector,
            actors.settle.selector,
            actors.race.selector,
            actors.payLater.selector,
            actors.steal.selector,
            actors.advance.selector,
            actors.withdraw.selector,
            actors.withdrawTo.selector,
            actors.refund.selector,
            actors.release.selector,
            actors.requestWithdrawal.selector,
            actors.cancelWithdrawal.selector,
            actors.withdrawFromCard.selector,
            actors.requestVoid.selector,
            actors.executeVoid.selector,
            actors.convict.selector,
            actors.fundWithAFee.selector,
            actors.withdrawWhileBlocked.selector,
            actors.reenter.selector,
            actors.appoint.selector,
            actors.keepReserve.selector,
            actors.refundFor.selector,
            actors.releaseFor.selector,
            actors.misuseDelegate.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(actors), new bytes4[](actions.length));
        for (uint256 i = 0; i < actions.length; ++i) targets[0].selectors[i] = actions[i];
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actors);
    }

    /// One invariant, since forge lives the same lives again for each. In the words of spec §7.8: tokens cover every claim; what a card
    /// and a merchant have is what the events say, so that nothing was paid twice and nobody lowered what is not its own.
    function invariant_vaultIsCoveredAndStandsAsItsEventsSay() public view {
        vm.assertEq(token.balanceOf(address(vault)), actors.claims() * UNIT + actors.gifts());
        actors.compareCards();
        actors.compareMerchants();
        actors.compareCounters(6);
    }

    /// At the end of a run every counter is compared, and each action that was tried must have succeeded: nothing above is vacuous.
    function afterInvariant() public view {
        actors.compareCounters(type(uint256).max);
        uint256 last = uint256(type(Actions.Action).max);
        uint256 all = 0;
        for (uint256 i = 0; i <= last; ++i) all += actors.tried(Actions.Action(i));
        for (uint256 i = 0; i <= last; ++i) {
            Actions.Action action = Actions.Action(i);
            if (action == Actions.Action.Advance && !advances()) continue;
            if (all >= LONG_RUN || actors.tried(action) > 0)
                vm.assertGe(actors.done(action), 1, string.concat("a action never succeeded: ", vm.toString(i)));
        }
    }
}
