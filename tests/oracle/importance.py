"""Importance matrices: files that other code wrote go into marlin, and ggml's own quantizer says what comes out.

importance.py write MODEL OUT.gguf OUT.dat        both kinds of file, the same numbers, for every linear but one
importance.py blocks MODEL FILE IMATRIX LIB        ggml_quantize_chunk (in LIB) makes the bytes of every block tensor
importance.py reads FILE                           gguf opens an importance file of ours

Not part of the checks, to compare with llama.cpp's quantizer (BENCHMARKS.md):
importance.py measure MODEL TEXT OUT.dat           of 128 x 512 tokens of TEXT, measured by transformers
importance.py encode MODEL FILE IMATRIX LIB OUT    FILE with the blocks that ggml_quantize_chunk makes in their place
"""

import ctypes as C
import struct
import sys

import numpy as np
import packs
from check import require
from formats import gguf_names

CALLS = 3
TOKENS = 384
# Left out of both files: this tensor must come out as without an importance.
MISSING = "blk.1.ffn_up.weight"


def names(model):
    """GGUF name -> Hugging Face name of every linear."""
    to_ours, found = gguf_names(), {}
    blocks = 1 + max(int(n.split(".")[2]) for n in packs.read(model) if n.startswith("model.layers."))
    for i in range(blocks):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
            name = f"blk.{i}.{part}.weight"
            found[name] = to_ours(name)
    return found


def linears(model):
    """GGUF name -> fp32 matrix."""
    tensors = packs.read(model)
    return {name: packs.widen(tensors[hf]) for name, hf in names(model).items()}


def write(model, gguf_path, dat_path):
    import gguf

    random = np.random.default_rng(11)
    squares = {n: random.gamma(0.5, 1.0, w.shape[1]).astype(np.float32) for n, w in linears(model).items() if n != MISSING}
    writer = gguf.GGUFWriter(gguf_path, "")
    for key in list(writer.kv_data[0]):
        del writer.kv_data[0][key]
    writer.add_string("general.type", "imatrix")
    writer.add_array("imatrix.datasets", ["random"])
    writer.add_uint32("imatrix.chunk_count", 3)
    writer.add_uint32("imatrix.chunk_size", 128)
    for name, s in squares.items():
        writer.add_tensor(name + ".in_sum2", (s * np.float32(TOKENS)).reshape(1, -1))
        writer.add_tensor(name + ".counts", np.array([[TOKENS]], np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with open(dat_path, "wb") as f:
        f.write(struct.pack("<i", len(squares)))
        for name, s in squares.items():
            f.write(struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", CALLS, len(s)))
            f.write((s * np.float32(CALLS)).tobytes())
        f.write(struct.pack("<ii", CALLS, 6) + b"random")
    print(f"oracle: {len(squares)} importance entries written")


def entries(path):
    """GGUF or .dat -> name -> mean squares, read by a few lines of their own."""
    with open(path, "rb") as f:
        raw = f.read()
    if raw[:4] == b"GGUF":
        import gguf

        tensors = {t.name: t.data for t in gguf.GGUFReader(path).tensors}
        return {n[:-8]: (t / tensors[n[:-8] + ".counts"]).reshape(-1) for n, t in tensors.items() if n.endswith(".in_sum2")}
    found, at = {}, 4
    for _ in range(struct.unpack_from("<i", raw)[0]):
        length = struct.unpack_from("<i", raw, at)[0]
        name, at = raw[at + 4 : at + 4 + length].decode(), at + 4 + length
        calls, count = struct.unpack_from("<ii", raw, at)
        found[name] = np.frombuffer(raw, np.float32, count, at + 8) / np.float32(calls)
        at += 8 + 4 * count
    return found


def encoded(model, path, importance_path, libraries):
    """Each linear of the file, the bytes that ggml makes of it, and whether with importance."""
    import gguf
    import llama_cpp_library

    base = llama_cpp_library.load(libraries, "libggml-base.so*")
    floats = C.POINTER(C.c_float)
    quantize = llama_cpp_library.function(
        base, "ggml_quantize_chunk", C.c_size_t, C.c_int, floats, C.c_void_p, C.c_int64, C.c_int64, C.c_int64, floats)
    initialize = llama_cpp_library.function(base, "ggml_quantize_init", None, C.c_int)
    weights, importance = linears(model), {} if importance_path == "none" else entries(importance_path)
    count = 0
    for t in gguf.GGUFReader(path).tensors:
        if t.name not in weights:
            continue
        w = np.ascontiguousarray(weights[t.name])
        out = np.empty(t.data.nbytes, np.uint8)
        columns = importance.get(t.name)
        columns = None if columns is None else np.ascontiguousarray(columns, np.float32)
        given = None if columns is None else columns.ctypes.data_as(floats)
        initialize(t.tensor_type.value)
        size = quantize(t.tensor_type.value, w.ctypes.data_as(floats), out.ctypes.data, 0, w.shape[0], w.shape[1], given)
        require(size == t.data.nbytes, f"{t.name}: ggml writes {size} bytes, marlin {t.data.nbytes}")
        count += 1
        yield t, out, columns is not None
    require(count == len(weights), f"{path}: {count} of {len(weights)} tensors")


def blocks(model, path, importance_path, libraries):
    count, guided = 0, 0
    for t, out, with_importance in encoded(model, path, importance_path, libraries):
        wrong = out != t.data.reshape(-1).view(np.uint8)
        require(not wrong.any(), f"{t.name} {t.tensor_type.name}: {wrong.sum()} of {out.size} bytes differ from ggml's")
        count, guided = count + 1, guided + with_importance
    print(f"oracle: {path}: {count} tensors are ggml's bytes, {guided} of them with importance")


def encode(model, path, importance_path, libraries, target):
    with open(path, "rb") as f:
        raw = bytearray(f.read())
    for t, out, with_importance in encoded(model, path, importance_path, libraries):
        require(with_importance, f"{t.name} has no importance")
        raw[t.data_offset : t.data_offset + out.size] = out.tobytes()
    with open(target, "wb") as f:
        f.write(raw)


def measure(model, text, path):
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    network = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    with open(text, encoding="utf-8") as f:
        ids = tokenizer(f.read(), add_special_tokens=False)["input_ids"]
    starts = [int(i * (len(ids) - 512) / 127) for i in range(128)]
    ours = {hf.removesuffix(".weight"): name for name, hf in names(model).items()}
    squares = {}

    def listen(name):
        def hook(_, inputs):
            x = inputs[0].detach().reshape(-1, inputs[0].shape[-1])
            squares[name] = squares.get(name, 0) + (x.double() ** 2).sum(0).numpy()

        return hook

    for module, layer in network.named_modules():
        if module in ours:
            layer.register_forward_pre_hook(listen(ours[module]))
    with torch.no_grad():
        for start in starts:
            network(torch.tensor([ids[start : start + 512]]))
    with open(path, "wb") as f:
        f.write(struct.pack("<i", len(squares)))
        for name, s in squares.items():
            f.write(struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", 1, len(s)))
            f.write((s / (512 * len(starts))).astype(np.float32).tobytes())
        f.write(struct.pack("<ii", 1, 0))
    print(f"oracle: {len(squares)} importance entries measured")


def reads(path):
    found = entries(path)
    require(found and all(np.isfinite(v).all() and (v >= 0).all() for v in found.values()), f"{path}: no importance")
    print(f"oracle: {path}: {len(found)} entries")


if __name__ == "__main__":
    {f.__name__: f for f in (write, blocks, reads, measure, encode)}[sys.argv[1]](*sys.argv[2:])
