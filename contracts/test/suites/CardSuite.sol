// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {Fixture} from "../support/Fixture.sol";
import {TokenSignatures} from "../support/TokenSignatures.sol";

/// @title Opening and funding (spec §7.2).
abstract contract CardSuite is Fixture {
    uint256 private constant HOLDER_KEY = 0x401de4;

    function opening(uint256 key, address owner) private view returns (bytes32 r, bytes32 vs) {
        return signBytes(key, bytes.concat("TLYO", domain(), bytes20(owner)));
    }

    function test_open_setsTheOwnerOnce() public {
        (, , , address owner, , ) = vault.card(card);
        vm.assertEq(owner, OWNER);
        (bytes32 r, bytes32 vs) = opening(CARD_KEY, MERCHANT);
        vm.expectRevert(abi.encodeWithSelector(IVault.AlreadyOpen.selector, card));
        vault.open(card, MERCHANT, r, vs);
    }

    function test_open_refusesAnotherOwnerThanTheCardSigned() public {
        address fresh = vm.addr(0xf4e54);
        (bytes32 r, bytes32 vs) = opening(0xf4e54, OWNER);
        vm.expectRevert(IVault.BadSignature.selector);
        vault.open(fresh, MERCHANT, r, vs);
        vm.expectRevert(IVault.BadSignature.selector);
        vault.open(vm.addr(0xf4e55), OWNER, r, vs);
    }

    function test_open_refusesZeroAddresses() public {
        (bytes32 r, bytes32 vs) = opening(0xf4e54, address(0));
        vm.expectRevert(IVault.ZeroAddress.selector);
        vault.open(vm.addr(0xf4e54), address(0), r, vs);
        vm.expectRevert(IVault.ZeroAddress.selector);
        vault.open(address(0), OWNER, bytes32(0), bytes32(0));
    }

    function test_open_refusesASignatureOfAnotherChain() public {
        (bytes32 r, bytes32 vs) = opening(0xf4e54, OWNER);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(IVault.BadSignature.selector);
        vault.open(vm.addr(0xf4e54), OWNER, r, vs);
    }

    function test_fund_movesExactlyTheUnits() public {
        fund(card, 5_000_000);
        vm.assertEq(balanceOf(card), 5_000_000);
        vm.assertEq(token.balanceOf(address(vault)), 5_000_000 * SCALE);
    }

    function test_fund_refusesZeroUnopenedAndOverflow() public {
        vm.startPrank(ISSUER);
        vm.expectRevert(IVault.ZeroAmount.selector);
        vault.fund(card, 0);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotOpen.selector, MERCHANT));
        vault.fund(MERCHANT, 1);
        token.mint(ISSUER, uint256(type(uint48).max));
        vault.fund(card, type(uint48).max);
        vm.expectRevert(IVault.Overflow.selector);
        vault.fund(card, 1);
        vm.stopPrank();
    }

    function test_fundWithPermit_pullsFromTheSenderEvenWhenThePermitWasUsedBefore() public {
        address holder = vm.addr(HOLDER_KEY);
        token.mint(holder, 10);
        TokenSignatures.Signature memory by = TokenSignatures.permit(token, HOLDER_KEY, address(vault), 10);
        // Somebody copies the permit from the mempool and submits it first.
        token.permit(holder, address(vault), 10, type(uint256).max, by.v, by.r, by.s);
        vm.prank(holder);
        vault.fundWithPermit(card, 10, type(uint256).max, by.v, by.r, by.s);
        vm.assertEq(balanceOf(card), 10);
    }

    function test_fundWithAuthorization_aCopyFundsOnlyTheCardItWasMadeFor() public {
        address holder = vm.addr(HOLDER_KEY);
        token.mint(holder, 10);
        bytes32 salt = "salt";
        bytes32 nonce = keccak256(abi.encodePacked(card, salt));
        TokenSignatures.Signature memory by = TokenSignatures.authorization(
            token,
            HOLDER_KEY,
            address(vault),
            10,
            nonce
        );
        vm.expectRevert();
        vault.fundWithAuthorization(otherCard, 10, holder, salt, 0, type(uint256).max, by.v, by.r, by.s);
        vault.fundWithAuthorization(card, 10, holder, salt, 0, type(uint256).max, by.v, by.r, by.s);
        vm.assertEq(balanceOf(card), 10);
        vm.assertEq(balanceOf(otherCard), 0);
    }

    function test_fund_refusesATokenThatTakesAFee() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        hostile.setFee(1);
        vm.expectRevert(abi.encodeWithSelector(IVault.InexactTransfer.selector, 100, 99));
        vault.fund(card, 100);
        vm.assertEq(balanceOf(card), 0);
    }

    /// The four ways by which units come to a card, for one card and one number of units.
    function ways(address card_, uint256 units) private pure returns (bytes[4] memory) {
        return
            [
                abi.encodeCall(IVault.fund, (card_, units)),
                abi.encodeCall(IVault.fundWithPermit, (card_, units, 0, 0, 0, 0)),
                abi.encodeCall(IVault.fundWithAuthorization, (card_, units, OWNER, 0, 0, 0, 0, 0, 0)),
                abi.encodeCall(IVault.refund, (card_, units))
            ];
    }

    function refusesEveryWay(address card_, uint256 units, bytes memory reason) private {
        bytes[4] memory calls = ways(card_, units);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done, bytes memory answer) = address(vault).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(answer, reason);
        }
    }

    function test_fund_everyWayRefusesTheSame() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), 10);
        openCard(CARD_KEY, OWNER);
        openCard(OTHER_CARD_KEY, OWNER);
        vault.fund(card, 7);
        refusesEveryWay(card, 0, abi.encodeWithSelector(IVault.ZeroAmount.selector));
        refusesEveryWay(MERCHANT, 1, abi.encodeWithSelector(IVault.NotOpen.selector, MERCHANT));
        refusesEveryWay(card, type(uint48).max - 6, abi.encodeWithSelector(IVault.Overflow.selector));
        refusesEveryWay(card, type(uint256).max, abi.encodeWithSelector(IVault.Overflow.selector));
        hostile.setFee(1);
        refusesEveryWay(card, 5, abi.encodeWithSelector(IVault.InexactTransfer.selector, 50, 49));
        hostile.setFee(0);
        bytes[4] memory good = ways(card, 5);
        for (uint256 i = 0; i < good.length; ++i) {
            (bool done, ) = address(vault).call(good[i]);
            vm.assertTrue(done);
        }
        vm.assertEq(balanceOf(card), 27);
        vm.assertEq(hostile.balanceOf(address(vault)), 270);
        vault.proveEquivocation(signed(CARD_KEY, messageOf(voucher(1, 1))), signed(CARD_KEY, messageOf(voucher(1, 2))));
        refusesEveryWay(card, 5, abi.encodeWithSelector(IVault.Flagged.selector, card));
        vault.fund(otherCard, 5);
    }

    function test_fund_aTokenThatCallsBackGainsNothing() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        hostile.setCallback(address(vault), abi.encodeCall(IVault.fund, (card, 50)));
        vault.fund(card, 100);
        vm.assertFalse(hostile.callbackSucceeded());
        vm.assertEq(balanceOf(card), 100);
        vm.assertGe(hostile.balanceOf(address(vault)), balanceOf(card) * SCALE);
    }

    function test_constructor_refusesAnAddressWithoutCodeAndAScaleThatDoesNotFit() public {
        vm.expectRevert(abi.encodeWithSelector(IVault.NotAToken.selector, MERCHANT));
        deployVaultExternally(MERCHANT, 1);
        vm.expectRevert(abi.encodeWithSelector(IVault.UnfitScale.selector, 0, 6));
        deployVaultExternally(address(token), 0);
        vm.expectRevert(abi.encodeWithSelector(IVault.UnfitScale.selector, 1_000_001, 6));
        deployVaultExternally(address(token), 1_000_001);
        deployVaultExternally(address(token), 1_000_000);
    }

    /// A token's word for its decimals may be anything: 37 and more would let amounts overflow.
    function test_constructor_refusesDecimalsThatNoAmountFits() public {
        HostileToken hostile = new HostileToken();
        hostile.setDecimals(37);
        vm.expectRevert(abi.encodeWithSelector(IVault.UnfitScale.selector, 1, 37));
        deployVaultExternally(address(hostile), 1);
        hostile.setDecimals(36);
        vault = deployVault(address(hostile), 10 ** 36);
        openCard(CARD_KEY, OWNER);
        vault.fund(card, type(uint48).max);
        vm.assertEq(hostile.balanceOf(address(vault)), uint256(type(uint48).max) * 10 ** 36);
        vm.assertEq(vault.scale(), 10 ** 36);
        vm.assertEq(vault.token(), address(hostile));
    }

    /// A precompile that is not there answers nothing; another in its place answers something else.
    function test_constructor_refusesAChainWithoutItsPrecompiles() public {
        bytes memory other = abi.encode(uint256(1));
        for (uint160 precompile = 1; precompile <= 2; ++precompile) {
            for (uint256 kind = 0; kind < 2; ++kind) {
                vm.mockCall(address(precompile), "", kind == 0 ? bytes("") : other);
                vm.expectRevert(IVault.UnfitChain.selector);
                deployVaultExternally(address(token), 1);
                vm.clearMockedCalls();
            }
        }
        deployVaultExternally(address(token), 1);
    }

    /// A domain has 8 bytes for the chain id.
    function test_constructor_refusesAChainIdThatNoDomainHolds() public {
        vm.chainId(type(uint64).max);
        deployVaultExternally(address(token), 1);
        vm.chainId(0);
        vm.expectRevert(IVault.UnfitChain.selector);
        deployVaultExternally(address(token), 1);
    }

    function test_constructor_makesAVaultOfASizeThatChainsTake() public view {
        vm.assertLe(address(vault).code.length, 24_576);
    }

    function deployVaultExternally(address token_, uint256 scale_) private {
        this.deploy(token_, scale_);
    }

    function deploy(address token_, uint256 scale_) external {
        deployVault(token_, scale_);
    }

    function test_fuzz_fund_sumsUp(uint32[5] memory parts) public {
        uint256 sum = 0;
        for (uint256 i = 0; i < parts.length; ++i) {
            uint256 units = (parts[i] % 1_000_000) + 1;
            fund(i % 2 == 0 ? card : otherCard, units);
            sum += units;
        }
        vm.assertEq(balanceOf(card) + balanceOf(otherCard), sum);
        vm.assertEq(token.balanceOf(address(vault)), sum * SCALE);
    }
}
