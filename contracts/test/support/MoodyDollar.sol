// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestDollar} from "../../src/testing/TestDollar.sol";

/// @title A dollar with permit and EIP-3009 that may block a recipient, take a fee, or call somebody while it moves.
contract MoodyDollar is TestDollar {
    address public blocked;
    uint256 public fee;
    address private callee;
    bytes private callbackData;
    bool public callbackSucceeded;

    function setBlocked(address account) external {
        blocked = account;
    }

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    /// The next movement calls `callee_` before it moves anything.
    function setCallback(address callee_, bytes calldata data) external {
        (callee, callbackData, callbackSucceeded) = (callee_, data, false);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0)) return super._update(from, to, value);
        require(to != blocked, "blocked");
        if (callee != address(0)) {
            address target = callee;
            callee = address(0);
            (callbackSucceeded, ) = target.call(callbackData);
        }
        if (fee > 0) super._update(from, address(0xfee), fee);
        super._update(from, to, value - fee);
    }
}
