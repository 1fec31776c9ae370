# SPDX-License-Identifier: Apache-2.0
"""Opens an artifact with struct, json and numpy alone.  Usage: read_artifact.py FILE"""
import json, struct, sys
import numpy as np

raw = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", raw[:8])[0]
header = json.loads(raw[8:8 + size])
meta = {k: json.loads(v) if v[:1] == "{" else v for k, v in header.pop("__metadata__").items()}
types = {"F32": "<f4", "BF16": "<u2", "I8": "<i1", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U32": "<u4", "U64": "<u8", "U8": "u1"}
tensors = {name: np.frombuffer(raw[8 + size:][slice(*t["data_offsets"])], types[t["dtype"]]).reshape(t["shape"])
           for name, t in header.items()}

print(meta["format"], meta["format_version"], meta["model"]["name"])
for name in sorted(tensors):
    print(name, tensors[name].dtype, *tensors[name].shape, tensors[name].astype("f8").sum())
voc = tensors["vocabulary.items"].tobytes()
count, slots = struct.unpack("<QQ", voc[8:24])
ends = np.frombuffer(voc, "<u8", count + 1, 24)
text = voc[24 + 8 * (count + 1) + 4 * slots:]
print([text[a:b].decode() for a, b in zip(ends, ends[1:])])
