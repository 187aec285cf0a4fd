"""Small models of many families as GGUF files: llama.cpp's logits are ours.

    families.py MARLIN WORK LIBRARIES MODELS...

Each of MODELS is widened to fp32, so that llama.cpp rounds nothing
but its KV cache and its table of GELU, gets a tokenizer of bytes, and becomes a GGUF file. Then llama.cpp's logits
of it, ours of it and ours of the source are compared. What a file cannot say is refused by name: a line, no failure.
"""

import json
import os
import pathlib
import subprocess
import sys

import llama_cpp_library
import numpy as np
import packs
from check import require
from safetensors.torch import load_file, save_file

IDS = "5,6,7,8,9,10,11,12"
# llama.cpp keeps keys and values in fp16.
SHARE = 0.01


def byte_letters():
    """The printable letters that byte-level tokenizers write bytes as."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return sorted([chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))])


def tokenizer(size):
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    vocabulary = {letter: i for i, letter in enumerate(byte_letters()[:size])}
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
             "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
             "vocab": vocabulary, "merges": []}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": level, "post_processor": None, "decoder": level, "model": model}


def comparable(config):
    """Rotary embeddings that llama.cpp computes as others do: LongRoPE's short factors, which it takes where its whole
    context, 512, is not longer than this, and no YaRN that begins and ends between pairs."""
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    if "long_factor" in scaling:
        config["max_position_embeddings"] = 2048
        for place in (config, scaling):
            place["original_max_position_embeddings"] = 1024
    if scaling.get("truncate") is False:
        config["rope_scaling"] = {"rope_type": "default"}
    return config


def prepare(model, folder):
    folder.mkdir(parents=True)
    config = comparable(json.loads((model / "config.json").read_text()))
    (folder / "config.json").write_text(json.dumps(config))
    tensors = load_file(model / "model.safetensors")
    wide = {k: v.float().contiguous() if v.is_floating_point() else v for k, v in tensors.items()}
    save_file(wide, folder / "model.safetensors")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(config["vocab_size"])))


def logits(marlin, model, out):
    subprocess.run([marlin, "eval", model, "--input-ids", IDS, "--dump-logits", out, "--quiet"],
                   check=True, capture_output=True)
    return packs.widen(packs.read_file(str(out))["logits"])


def compare(marlin, model, work, libraries):
    source, target = work / model.name / "source", work / model.name / "gguf"
    prepare(model, source)
    run = subprocess.run([marlin, "convert", source, "-o", target, "--to", "gguf", "--quiet"],
                         capture_output=True, text=True)
    if run.returncode:
        require("E303" in run.stderr or "E302" in run.stderr, f"{model.name}: {run.stderr}")
        print(f"oracle: {model.name}: {run.stderr.strip().splitlines()[-1]}")
        return
    dense = logits(marlin, source, work / model.name / "dense.safetensors")
    ours = logits(marlin, target, work / model.name / "gguf.safetensors")
    require(np.abs(dense - ours).max() < 1e-4, f"{model.name}: the GGUF file has other logits than its source")
    ids = [int(i) for i in IDS.split(",")]
    theirs = llama_cpp_library.logits(libraries, str(target / "model.gguf"), ids)
    gap = np.abs(theirs - dense).max() / dense.std()
    require(gap < SHARE, f"{model.name}: llama.cpp's logits differ by {gap:.1e} of their deviation")
    print(f"oracle: {model.name}: llama.cpp has our logits within {gap:.1e} of their deviation")


def main():
    marlin, work, libraries, *models = sys.argv[1:]
    for model in models:
        compare(marlin, pathlib.Path(model), pathlib.Path(work), libraries)


main()
