"""Stored bytes to numbers, with numpy and the standard library alone: the third opinion beside ours and the peers'."""

import json
import os
import struct

import numpy as np

E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)
STORED = {
    "F32": np.float32, "F16": np.float16, "BF16": np.uint16, "U8": np.uint8, "I8": np.int8,
    "I32": np.int32, "I64": np.int64, "F8_E4M3": np.uint8,
}


def _e4m3(byte):
    sign, exponent, mantissa = byte >> 7, byte >> 3 & 15, byte & 7
    if (exponent, mantissa) == (15, 7):
        return float("nan")
    value = mantissa / 8 * 2.0**-6 if exponent == 0 else (1 + mantissa / 8) * 2.0 ** (exponent - 7)
    return -value if sign else value


E4M3 = np.array([_e4m3(b) for b in range(256)], np.float32)


def read_file(path):
    """name -> (dtype, raw array); BF16 and F8 as their bits."""
    raw = np.memmap(path, np.uint8, "r")
    n = struct.unpack("<Q", raw[:8].tobytes())[0]
    tensors = {}
    for name, t in json.loads(raw[8 : 8 + n].tobytes()).items():
        if name != "__metadata__":
            begin, end = (8 + n + x for x in t["data_offsets"])
            data = np.frombuffer(raw[begin:end].tobytes(), STORED[t["dtype"]])
            tensors[name] = (t["dtype"], data.reshape(t["shape"]))
    return tensors


def files(folder):
    index = os.path.join(folder, "model.safetensors.index.json")
    if not os.path.exists(index):
        return [os.path.join(folder, "model.safetensors")]
    with open(index) as f:
        return [os.path.join(folder, x) for x in sorted(set(json.load(f)["weight_map"].values()))]


def read(folder):
    """All tensors of a checkpoint folder."""
    tensors = {}
    for path in files(folder):
        tensors |= read_file(path)
    return tensors


def widen(tensor):
    """To fp32, exactly."""
    dtype, a = tensor
    if dtype == "BF16":
        return (a.astype(np.uint32) << 16).view(np.float32)
    return E4M3[a] if dtype == "F8_E4M3" else a.astype(np.float32)


def _codes(packed):
    codes = np.empty((packed.shape[0], packed.shape[1] * 2), np.uint8)
    codes[:, 0::2], codes[:, 1::2] = packed & 15, packed >> 4
    return codes


def _values(packed, effective):
    codes = _codes(packed)
    return E2M1[codes] * np.repeat(effective, codes.shape[1] // effective.shape[1], axis=1)


def decode(tensors):
    """module -> fp32 weight of every NVFP4 module, in the compressed-tensors or the ModelOpt layout."""
    out = {}
    for name in tensors:
        module, _, suffix = name.rpartition(".")
        if suffix == "weight_packed" and module + ".weight_global_scale" in tensors:
            scale = widen(tensors[module + ".weight_scale"])
            divisor = tensors[module + ".weight_global_scale"][1].reshape(-1)[0]
            out[module] = _values(tensors[name][1], scale / divisor)
        elif suffix == "weight_scale_2" and tensors[module + ".weight"][0] == "U8":
            scale = widen(tensors[module + ".weight_scale"])
            multiplier = tensors[name][1].reshape(-1)[0]
            out[module] = _values(tensors[module + ".weight"][1], scale * multiplier)
    return out


def hadamard(w, size):
    """w B, B block-diagonal with Sylvester blocks over sqrt(size): its own inverse."""
    h = np.ones((1, 1))
    while len(h) < size:
        h = np.block([[h, h], [h, -h]])
    blocks = w.reshape(w.shape[0], -1, size).astype(np.float64) @ (h / np.sqrt(size))
    return blocks.reshape(w.shape).astype(np.float32)


def dense(tensors, rotation=1):
    """name -> fp32 of everything in the folder: packed modules decoded and turned back, the rest widened."""
    modules = decode(tensors)
    out = {m + ".weight": hadamard(w, rotation) for m, w in modules.items()}
    for name, tensor in tensors.items():
        if name.rpartition(".")[0] not in modules:
            out[name] = widen(tensor)
    return out
