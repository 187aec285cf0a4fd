"""Small models of many families as GGUF files: llama.cpp's logits are ours.

    families.py MARLIN WORK LIBRARIES MODELS...

Each of MODELS is widened to fp32, so that llama.cpp rounds nothing
but its KV cache and its table of GELU, gets a tokenizer of bytes, and becomes a GGUF file. Then llama.cpp's logits
of it, ours of it and ours of the source are compared. What a file cannot say is refused by name: a line, no failure.
"""

import json
import pathlib
import shutil
import sys

import llama_cpp_library
import numpy as np
import packs
from check import require
from commands import Launcher
from pipeline import Job, work_through
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
    marlin.succeeds("eval", model, "--input-ids", IDS, "--dump-logits", out, "--quiet")


def job(marlin, model, work, libraries):
    folder = work / model.name
    source, target, dense, ours = (folder / n for n in ("source", "gguf", "dense.safetensors", "gguf.safetensors"))
    refusal = []

    def make():
        prepare(model, source)
        code, err = marlin.run("convert", source, "-o", target, "--to", "gguf", "--quiet")
        if code:
            require("E303" in err or "E302" in err, f"{model.name}: {err}")
            refusal.append(err.strip().splitlines()[-1])
        else:
            logits(marlin, source, dense)
            logits(marlin, target, ours)

    def check():
        if refusal:
            print(f"oracle: {model.name}: {refusal[0]}")
        else:
            compare(model.name, target / "model.gguf", dense, ours, libraries)
        shutil.rmtree(folder)

    return Job(model.name, make, check)


def compare(name, file, dense_path, ours_path, libraries):
    dense, ours = (packs.widen(packs.read_file(str(p))["logits"]) for p in (dense_path, ours_path))
    require(np.abs(dense - ours).max() < 1e-4, f"{name}: the GGUF file has other logits than its source")
    theirs = llama_cpp_library.logits(libraries, str(file), [int(i) for i in IDS.split(",")])
    gap = np.abs(theirs - dense).max() / dense.std()
    require(gap < SHARE, f"{name}: llama.cpp's logits differ by {gap:.1e} of their deviation")
    print(f"oracle: {name}: llama.cpp has our logits within {gap:.1e} of their deviation")


def jobs(marlin, work, libraries, models):
    return (job(marlin, pathlib.Path(model), pathlib.Path(work), libraries) for model in models)


def main(marlin, work, libraries, *models):
    work_through(jobs(Launcher(marlin), work, libraries, models))


if __name__ == "__main__":
    main(*sys.argv[1:])
