#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the model that serve/... times, with random weights, as an ONNX file.

SASRec of width 64, 2 pre-norm layers of 2 heads, hidden 64: items [batch,
history] (int64) to the ten best items' scores and places.
Usage: model.py OUT ITEMS HISTORY
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEADS, LAYERS = 64, 2, 2
DEPTH = WIDTH // HEADS
rng = np.random.default_rng(1)
nodes, weights = [], []


def constant(name, array):
    weights.append(numpy_helper.from_array(array, name))
    return name


def random(name, *shape):
    values = rng.standard_normal(shape, dtype=np.float32)
    return constant(name, values / np.float32(8))


def op(kind, inputs, name, **attributes):
    nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
    return name


def linear(x, name, outputs=WIDTH):
    product = op("MatMul", [x, random(name + ".w", WIDTH, outputs)], name + ".xw")
    return op("Add", [product, random(name + ".b", outputs)], name)


def norm(x, name):
    return op("LayerNormalization", [x, random(name + ".w", WIDTH), random(name + ".b", WIDTH)],
              name, axis=-1, epsilon=1e-5)


def heads(x, name, order):
    split = op("Reshape", [x, "heads"], name + ".split")
    return op("Transpose", [split], name, perm=order)


def layer(x, name):
    inner = norm(x, name + ".norm1")
    q = heads(linear(inner, name + ".q"), name + ".qh", [0, 2, 1, 3])
    k = heads(linear(inner, name + ".k"), name + ".kh", [0, 2, 3, 1])
    v = heads(linear(inner, name + ".v"), name + ".vh", [0, 2, 1, 3])
    scores = op("Mul", [op("MatMul", [q, k], name + ".qk"), "scale"], name + ".scaled")
    seen = op("Add", [scores, "mask"], name + ".seen")
    mixed = op("MatMul", [op("Softmax", [seen], name + ".p", axis=-1), v], name + ".pv")
    back = op("Transpose", [mixed], name + ".back", perm=[0, 2, 1, 3])
    flat = op("Reshape", [back, "flat"], name + ".flat")
    x = op("Add", [x, linear(flat, name + ".out")], name + ".res1")
    up = linear(norm(x, name + ".norm2"), name + ".up")
    share = op("Erf", [op("Mul", [up, "root"], name + ".e")], name + ".erf")
    gate = op("Mul", [op("Add", [share, "one"], name + ".e1"), "half"], name + ".phi")
    down = linear(op("Mul", [up, gate], name + ".gelu"), name + ".down")
    return op("Add", [x, down], name + ".res2")


def main():
    out, items, history = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    table = random("items.w", items, WIDTH)
    constant("heads", np.array([0, history, HEADS, DEPTH], np.int64))
    constant("flat", np.array([0, history, WIDTH], np.int64))
    for name, value in [("scale", DEPTH ** -0.5), ("root", 0.5 ** 0.5), ("one", 1), ("half", 0.5)]:
        constant(name, np.array(value, np.float32))
    constant("mask", np.triu(np.full((history, history), -1e30, np.float32), 1))
    constant("last", np.array(history - 1, np.int64))
    constant("ten", np.array([10], np.int64))
    x = op("Gather", [table, "history"], "vectors")
    x = op("Add", [x, random("positions", history, WIDTH)], "placed")
    for number in range(LAYERS):
        x = layer(x, f"layer{number}")
    x = op("Gather", [norm(x, "norm"), "last"], "user", axis=1)
    logits = op("Gemm", [x, table, random("items.b", items)], "logits", transB=1)
    nodes.append(helper.make_node("TopK", [logits, "ten"], ["scores", "places"]))
    ids = helper.make_tensor_value_info("history", TensorProto.INT64, ["batch", history])
    ends = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 10]),
            helper.make_tensor_value_info("places", TensorProto.INT64, ["batch", 10])]
    graph = helper.make_graph(nodes, "sasrec", [ids], ends, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, out)


main()
