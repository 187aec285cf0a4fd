"""Compares what marlin wrote with what other people's code reads from it. Each check prints one line and fails loudly.

check.py weights  PACK OURS      compressed-tensors decodes every packed weight to the values in OURS
check.py modelopt PACK OURS      numpy decodes a ModelOpt pack to the values in OURS
check.py logits   MODEL IDS OURS transformers' fp32 logits of MODEL (dense, or its packed weights decoded) are OURS
check.py opens    PACK IDS OURS  transformers opens the pack by itself, as a user would, and agrees on the next token
check.py resave   FOLDER...      the safetensors library writes the same bytes as we did
check.py peers    PACKS          numpy decodes the peers' own NVFP4 packs to the values their tools expect

OURS is a .safetensors file of ours: fp32 `MODULE.weight`, or `logits` [T, V]. IDS is 1,2,3.
"""

import json
import os
import sys

import numpy as np
import packs

os.environ.update(HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", TOKENIZERS_PARALLELISM="false")
LOGIT_TOLERANCE = 2e-3
# The library's decompressor works in bfloat16: two roundings of at most half a unit in 8 bits.
BF16_TOLERANCE = 2.0**-7


def require(condition, message):
    if not condition:
        sys.exit(f"oracle: FAILED: {message}")


def same(name, theirs, ours):
    require(theirs.shape == ours.shape, f"{name}: shape {theirs.shape}, ours {ours.shape}")
    wrong = np.count_nonzero(theirs.view(np.uint32) != ours.view(np.uint32))
    require(wrong == 0, f"{name}: {wrong} of {theirs.size} values differ")


def close(name, theirs, ours):
    """Within one unit in the last place, zeros without sign: ModelOpt's tool multiplies in an order of its own."""
    require(theirs.shape == ours.shape, f"{name}: shape {theirs.shape}, ours {ours.shape}")
    bits = [(a + np.float32(0)).view(np.int32).astype(np.int64) for a in (theirs, ours)]
    gap = np.abs(bits[0] - bits[1])
    require(gap.max() <= 1, f"{name}: values differ by more than one unit in the last place")


def ours_of(path, modules):
    tensors = {k: packs.widen(v) for k, v in packs.read_file(path).items()}
    names = {m + ".weight" for m in modules}
    require(names == set(tensors), f"{path}: decoded modules differ: {sorted(names ^ set(tensors))[:4]}")
    return {m: tensors[m + ".weight"] for m in modules}


def library_weights(folder):
    """module -> (decoded by the library's functions in fp32, decoded by its compressor as it stands)"""
    import torch
    from compressed_tensors.compressors import BaseCompressor
    from compressed_tensors.compressors.nvfp4.helpers import unpack_fp4_from_uint8
    from compressed_tensors.quantization import QuantizationConfig
    from compressed_tensors.quantization.lifecycle.forward import dequantize
    from safetensors import safe_open

    with open(os.path.join(folder, "config.json")) as f:
        config = QuantizationConfig.model_validate(json.load(f)["quantization_config"])
    require(len(config.config_groups) == 1, f"{folder}: one config group expected")
    scheme = next(iter(config.config_groups.values()))
    compressor = BaseCompressor.get_value_from_registry("nvfp4-pack-quantized")
    modules = {}
    for path in packs.files(folder):
        with safe_open(path, "pt") as f:
            for name in f.keys():
                module, _, tensor = name.rpartition(".")
                modules.setdefault(module, {})[tensor] = f.get_tensor(name)
    out = {}
    for module, t in modules.items():
        if "weight_packed" in t:
            rows, half = t["weight_packed"].shape
            codes = unpack_fp4_from_uint8(t["weight_packed"], rows, half * 2, dtype=torch.float32)
            exact = dequantize(
                x_q=codes, scale=t["weight_scale"].float(), args=scheme.weights,
                global_scale=t["weight_global_scale"], dtype=torch.float32,
            )
            out[module] = exact.numpy(), compressor.decompress(t, scheme)["weight"].float().numpy()
    return out


def weights(folder, ours_path):
    theirs = library_weights(folder)
    ours = ours_of(ours_path, theirs)
    numpy_says = packs.decode(packs.read(folder))
    for module, (exact, rounded) in theirs.items():
        same(f"{module} (compressed-tensors)", exact, ours[module])
        same(f"{module} (numpy)", numpy_says[module], ours[module])
        gap = np.abs(rounded - exact) > BF16_TOLERANCE * np.abs(exact)
        require(not gap.any(), f"{module}: decompress() is off by more than bfloat16 rounding")
    print(f"oracle: {folder}: {len(theirs)} weights decode equally in compressed-tensors, numpy and marlin")


def modelopt(folder, ours_path):
    theirs = packs.decode(packs.read(folder))
    require(theirs, f"{folder}: no ModelOpt NVFP4 module found")
    ours = ours_of(ours_path, theirs)
    for module, value in theirs.items():
        same(module, value, ours[module])
    print(f"oracle: {folder}: {len(theirs)} ModelOpt weights decode equally in numpy and marlin")


def dense_model(folder):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with open(os.path.join(folder, "config.json")) as f:
        raw = json.load(f)
    quantization = raw.pop("quantization_config", {})
    rotation = (quantization.get("input_transform") or {}).get("block_size", 1)
    config = AutoConfig.for_model(**raw)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="eager")
    state = {k: torch.from_numpy(v.copy()) for k, v in packs.dense(packs.read(folder), rotation).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    require(not unexpected, f"{folder}: tensors transformers does not know: {unexpected[:4]}")
    require(set(missing) <= {"lm_head.weight"}, f"{folder}: tensors missing for transformers: {missing[:4]}")
    model.tie_weights()
    return model.eval()


def run(model, ids):
    import torch

    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits[0].float().numpy()


def logits(folder, ids, ours_path):
    ids = [int(i) for i in ids.split(",")]
    theirs = run(dense_model(folder), ids)
    ours = packs.read_file(ours_path)["logits"][1]
    require(theirs.shape == ours.shape, f"{folder}: logits {theirs.shape}, ours {ours.shape}")
    gap = float(np.abs(theirs - ours).max())
    require(gap <= LOGIT_TOLERANCE, f"{folder}: logits differ by {gap:.2e}, allowed {LOGIT_TOLERANCE}")
    print(f"oracle: {folder}: logits of {len(ids)} positions equal transformers' within {gap:.1e}")


def opens(folder, ids, ours_path):
    import torch
    from transformers import AutoModelForCausalLM, CompressedTensorsConfig

    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager",
        quantization_config=CompressedTensorsConfig(dequantize=True),
    )
    ids = [int(i) for i in ids.split(",")]
    theirs = run(model.float().eval(), ids)
    ours = packs.read_file(ours_path)["logits"][1]
    agree = float((theirs.argmax(-1) == ours.argmax(-1)).mean())
    gap = float(np.abs(theirs - ours).max())
    # Weights rounded to bfloat16 on loading: logits move, the next token may flip at near-ties only.
    require(agree >= 0.9, f"{folder}: as loaded by transformers only {agree:.0%} of next tokens agree")
    print(f"oracle: {folder}: transformers opens it; next tokens agree at {agree:.0%}, logits within {gap:.1e}")


def resave(*folders):
    from safetensors import safe_open
    from safetensors.torch import save

    for folder in folders:
        files = list(packs.files(folder))
        for path in files:
            with safe_open(path, "pt") as f:
                theirs = save({k: f.get_tensor(k) for k in f.keys()}, f.metadata())
            with open(path, "rb") as f:
                require(f.read() == theirs, f"{path}: the safetensors library writes other bytes")
        print(f"oracle: {len(files)} files of {folder} are byte-identical when the safetensors library writes them")


def peers(folder):
    checked = 0
    for pack in ("ct/NVFP4", "ct/NVFP4A16", "ct/NVFP4A16-2l", "modelopt/NVFP4"):
        decoded = packs.decode(packs.read(os.path.join(folder, pack)))
        for key, (_, expected) in packs.read_file(os.path.join(folder, pack, "expected.safetensors")).items():
            name, _, rows = key.partition("[")
            module = name.removesuffix(".weight").removesuffix(".weight_packed")
            if "#" in key or module not in decoded:
                continue
            value = decoded[module]
            if rows:
                begin, end = rows.rstrip("]").split(":")
                value = value[int(begin) : int(end)]
            compare = close if pack.startswith("modelopt") else same
            compare(f"{pack} {key}", np.ascontiguousarray(value), expected)
            checked += 1
    require(checked >= 8, f"only {checked} expected tensors of the peers were found")
    print(f"oracle: {checked} tensors of the peers' packs decode to the values their tools expect")


if __name__ == "__main__":
    checks = {f.__name__: f for f in (weights, modelopt, logits, opens, resave, peers)}
    if len(sys.argv) < 3 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    checks[sys.argv[1]](*sys.argv[2:])
