// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A token that takes fees of what is sent or a toll of the sender, blocks recipients, or calls back while it moves.
contract HostileToken {
    uint8 public decimals = 6;
    uint256 public fee;
    uint256 public toll;
    address public blocked;
    bool public callbackSucceeded;
    address private callbackTarget;
    bytes private callbackData;
    mapping(address => uint256) public balanceOf;

    function setDecimals(uint8 decimals_) external {
        decimals = decimals_;
    }

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function setToll(uint256 toll_) external {
        toll = toll_;
    }

    function setBlocked(address account) external {
        blocked = account;
    }

    function setCallback(address target, bytes calldata data) external {
        (callbackTarget, callbackData) = (target, data);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(to != blocked, "blocked");
        callBack();
        balanceOf[msg.sender] -= value + toll;
        balanceOf[to] += value;
        return true;
    }

    /// Anyone has as much as is asked for.
    function transferFrom(address, address to, uint256 value) external returns (bool) {
        callBack();
        balanceOf[to] += value - fee;
        return true;
    }

    function receiveWithAuthorization(
        address,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        uint8,
        bytes32,
        bytes32
    ) external {
        callBack();
        balanceOf[to] += value - fee;
    }

    function callBack() private {
        if (callbackTarget == address(0)) return;
        address target = callbackTarget;
        callbackTarget = address(0);
        (callbackSucceeded, ) = target.call(callbackData);
    }
}
