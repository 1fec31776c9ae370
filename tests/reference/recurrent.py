#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Outputs and gradients of torch's own recurrent cells, as plain numbers.

Usage: recurrent.py rnn|gru|lstm < NUMBERS
NUMBERS: steps inputs hidden, then x [steps, inputs], weight_ih, weight_hh,
bias_ih, bias_hh, then c [steps, hidden]. Prints the outputs, then the gradients
of sum(c * outputs) for x and the four parameters, one number a line.
"""
import sys

import torch

torch.set_num_threads(1)
numbers = [float(word) for word in sys.stdin.read().split()]
steps, inputs, hidden = (int(n) for n in numbers[:3])
rest = torch.tensor(numbers[3:], dtype=torch.float64)
gates = {"rnn": 1, "gru": 3, "lstm": 4}[sys.argv[1]]
kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[sys.argv[1]]


def take(*shape):
    global rest
    size = torch.Size(shape).numel()
    out, rest = rest[:size].reshape(shape), rest[size:]
    return out


x = take(steps, inputs).clone().requires_grad_(True)
cell = kind(inputs, hidden).double()
with torch.no_grad():
    cell.weight_ih_l0.copy_(take(gates * hidden, inputs))
    cell.weight_hh_l0.copy_(take(gates * hidden, hidden))
    cell.bias_ih_l0.copy_(take(gates * hidden))
    cell.bias_hh_l0.copy_(take(gates * hidden))
c = take(steps, hidden)
out = cell(x)[0]
(c * out).sum().backward()
for part in [out, x.grad, *(p.grad for p in cell.parameters())]:
    for number in part.detach().flatten().tolist():
        print(repr(number))
