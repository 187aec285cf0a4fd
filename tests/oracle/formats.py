"""Other people's libraries read the formats that marlin writes. Each check prints one line and fails loudly.

formats.py ct   PACK OURS             compressed-tensors decompresses every packed weight to the values in OURS
formats.py mlx  PACK OURS IDS LOGITS  mlx dequantizes every weight to OURS; mlx-lm loads the folder and has LOGITS
formats.py gptq PACK OURS             numpy, from the published layout, decodes a GPTQ pack to OURS
formats.py awq  PACK OURS             the same for AWQ
formats.py gguf FILE OURS             gguf's own decoder reads every block tensor to OURS
formats.py llama FILE IDS LOGITS LIB  llama.cpp (shared libraries in LIB) loads the file and has LOGITS

OURS is a .safetensors file of ours: fp32 `MODULE.weight`; LOGITS one with `logits` [T, V]. IDS is 1,2,3.
"""

import json
import os
import sys

import numpy as np
import packs
from check import BF16_TOLERANCE, require, same

os.environ.update(HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", TOKENIZERS_PARALLELISM="false")

# llama.cpp and mlx multiply quantized weights with activations they round themselves, to 8 bits or to bfloat16.
LOGIT_SHARE = 0.04

# It is asked token by token.
LLAMA_TOKENS = 12


def ours_of(path):
    return {k: packs.widen(v) for k, v in packs.read_file(path).items()}


def config(folder):
    with open(os.path.join(folder, "config.json")) as f:
        return json.load(f)


def near(name, theirs, ours, share):
    """Relative to the root mean square, and the same most probable token wherever it is clear."""
    require(theirs.shape == ours.shape, f"{name}: shape {theirs.shape}, ours {ours.shape}")
    gap = np.sqrt(((theirs - ours) ** 2).mean() / (theirs**2).mean())
    require(gap <= share, f"{name}: logits differ by {gap:.4f} of their size, {share} allowed")
    order = np.sort(theirs, axis=1)
    clear = order[:, -1] - order[:, -2] > 4 * np.abs(theirs - ours).max()
    wrong = (theirs.argmax(1) != ours.argmax(1)) & clear
    require(not wrong.any(), f"{name}: another next token at {np.flatnonzero(wrong).tolist()}")
    return gap


def logits_of(path):
    return packs.widen(packs.read_file(path)["logits"])


def ct(folder, ours_path):
    import torch
    from compressed_tensors.compressors import BaseCompressor
    from compressed_tensors.quantization import QuantizationConfig
    from safetensors import safe_open

    quantization = QuantizationConfig.model_validate(config(folder)["quantization_config"])
    groups = list(quantization.config_groups.values())
    ours = ours_of(ours_path)
    modules = {}
    negative = 0
    for path in packs.files(folder):
        with safe_open(path, "pt") as f:
            for name in f.keys():
                module, _, tensor = name.rpartition(".")
                modules.setdefault(module, {})[tensor] = f.get_tensor(name)
    for name, mine in ours.items():
        module = name[: -len(".weight")]
        scheme = groups[0] if len(groups) == 1 else next(g for g in groups if module in g.targets)
        form = scheme.format or quantization.format
        compressor = BaseCompressor.get_value_from_registry(str(getattr(form, "value", form)))
        if scheme.weights.type == "int" and scheme.weights.symmetric:
            negative += int((modules[module]["weight_scale"] < 0).sum())
        value = compressor.decompress(dict(modules[module]), scheme)["weight"].float().numpy()
        gap = np.abs(value - mine) > BF16_TOLERANCE * np.abs(mine)
        require(not gap.any(), f"{name}: {gap.sum()} values are off by more than bfloat16 rounding")
    symmetric = any(g.weights.type == "int" and g.weights.symmetric for g in groups)
    require(negative > 0 or not symmetric, f"{folder}: searched scales of symmetric integers have both signs")
    print(f"oracle: {folder}: {len(ours)} weights decompress equally in compressed-tensors and marlin"
          + (f", {negative} of their scales negative" if symmetric else ""))


def mlx(folder, ours_path, ids, logits_path):
    import mlx.core as mx
    from mlx_lm import load

    quantization = config(folder)["quantization"]
    tensors = {}
    for path in packs.files(folder):
        tensors.update(mx.load(path))
    ours = ours_of(ours_path)
    for name, mine in ours.items():
        module = name[: -len(".weight")]
        own = quantization.get(module)
        args = own if isinstance(own, dict) else quantization
        value = mx.dequantize(
            tensors[name], tensors[module + ".scales"].astype(mx.float32) if module + ".biases" in tensors
            else tensors[module + ".scales"],
            tensors[module + ".biases"].astype(mx.float32) if module + ".biases" in tensors else None,
            group_size=args["group_size"], bits=args["bits"], mode=args.get("mode", "affine"), dtype=mx.float32)
        same(f"{module} (mlx)", np.array(value.astype(mx.float32)) + np.float32(0), mine + np.float32(0))
    model, _ = load(folder)
    theirs = np.array(model(mx.array([[int(i) for i in ids.split(",")]])).astype(mx.float32))[0]
    gap = near(f"{folder} (mlx-lm)", theirs, logits_of(logits_path), LOGIT_SHARE)
    print(f"oracle: {folder}: {len(ours)} weights equal in mlx; mlx-lm's logits within {gap:.4f}")


def words_of(folder):
    """Integer tensors as stored; scales, the only others that are needed, widened."""
    return {k: v[1] if v[0].startswith("I") else packs.widen(v) for k, v in packs.read(folder).items()}


def nibbles(words, bits):
    """[rows, n] int32 -> [rows, n * 32 / bits], least significant first."""
    shifts = np.arange(0, 32, bits, dtype=np.uint32)
    return ((words.view(np.uint32)[..., None] >> shifts) & (2**bits - 1)).reshape(words.shape[0], -1)


def gptq(folder, ours_path):
    tensors, ours = words_of(folder), ours_of(ours_path)
    quantization = config(folder)["quantization_config"]
    bits, v2 = quantization["bits"], quantization.get("checkpoint_format") == "gptq_v2"
    for name, mine in ours.items():
        p = name[: -len(".weight")]
        q = nibbles(np.ascontiguousarray(tensors[p + ".qweight"].T), bits).astype(np.float32)
        z = nibbles(tensors[p + ".qzeros"], bits).astype(np.float32) + (0 if v2 else 1)
        s = tensors[p + ".scales"]
        g = tensors[p + ".g_idx"]
        same(f"{p} (numpy)", (q - z[g].T) * s[g].T + np.float32(0), mine + np.float32(0))
    print(f"oracle: {folder}: {len(ours)} GPTQ weights decode equally in numpy and marlin")


def awq(folder, ours_path):
    tensors, ours = words_of(folder), ours_of(ours_path)
    order = [0, 4, 1, 5, 2, 6, 3, 7]
    unpack = lambda t: nibbles(t, 4).reshape(t.shape[0], -1, 8)[..., order].reshape(t.shape[0], -1).astype(np.float32)
    for name, mine in ours.items():
        p = name[: -len(".weight")]
        q, z, s = unpack(tensors[p + ".qweight"]), unpack(tensors[p + ".qzeros"]), tensors[p + ".scales"]
        group = q.shape[0] // s.shape[0]
        value = (q - np.repeat(z, group, 0)) * np.repeat(s, group, 0)
        same(f"{p} (numpy)", value.T + np.float32(0), mine + np.float32(0))
    print(f"oracle: {folder}: {len(ours)} AWQ weights decode equally in numpy and marlin")


def gguf_names():
    block = dict(attn_q="self_attn.q_proj", attn_k="self_attn.k_proj", attn_v="self_attn.v_proj",
                 attn_output="self_attn.o_proj", ffn_gate="mlp.gate_proj", ffn_up="mlp.up_proj",
                 ffn_down="mlp.down_proj")
    whole = dict(token_embd="model.embed_tokens", output="lm_head")
    def name(tensor):
        part = tensor.split(".")
        return f"model.layers.{part[1]}.{block[part[2]]}.weight" if part[0] == "blk" else whole[part[0]] + ".weight"
    return name


def gguf(path, ours_path):
    import gguf as library

    reader = library.GGUFReader(path)
    ours, name, count = ours_of(ours_path), gguf_names(), 0
    scales = {t.name: t.data for t in reader.tensors if t.name.endswith(".scale")}
    for t in reader.tensors:
        if t.tensor_type.name in ("F32", "F16", "BF16"):
            continue
        value = library.dequantize(t.data, t.tensor_type)
        scale = scales.get(t.name.replace(".weight", ".scale"))
        mine = ours[name(t.name)]
        if scale is None:
            same(f"{t.name} (gguf)", value + np.float32(0), mine + np.float32(0))
        else:
            gap = np.abs(value * scale - mine) > 2.0**-22 * np.abs(mine)
            require(not gap.any(), f"{t.name}: {gap.sum()} values differ after the tensor scale")
        count += 1
    require(count > 0, f"{path}: no block tensor")
    print(f"oracle: {path}: {count} tensors decode equally in gguf and marlin")


def llama(path, ids, logits_path, libraries):
    import llama_cpp_library

    some = [int(i) for i in ids.split(",")][:LLAMA_TOKENS]
    theirs = llama_cpp_library.logits(libraries, path, some)
    gap = near(f"{path} (llama.cpp)", theirs, logits_of(logits_path)[: len(some)], LOGIT_SHARE)
    print(f"oracle: {path}: llama.cpp loads it, logits within {gap:.4f}")


if __name__ == "__main__":
    {f.__name__: f for f in (ct, mlx, gptq, awq, gguf, llama)}[sys.argv[1]](*sys.argv[2:])
