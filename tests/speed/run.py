"""run.py VENV WORK TOKENIZER_FOLDER [--threads N] [--rounds N] [--types A,B] [--tokens N] [--prompt N] [--model FILE]:
`marlin run` against llama.cpp on the same files.

VENV is the oracle's environment (tests/oracle/install). A Llama of 1.9 billion seeded random weights (one layer, 19
times, 2.1 GB in Q8_0 and 1.1 GB in Q4_0) is made in WORK and rounded by marlin, once; each further FILE given with
--model is measured as it is. Both programs run in turns, with the same threads. Medians of tokens per second, ratio of
the medians, and processor seconds per token, which say more where other processes run. llama.cpp runs everything once
before it is timed and marlin one token, so neither counts loading. OPENBLAS_CORETYPE is taken out of the
environment, as it would hold back marlin's matrix products alone. Prints a Markdown table.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MARLIN = os.path.join(ROOT, "marlin")
sys.path.insert(0, os.path.join(ROOT, "tests", "repack"))
import checkpoints

LAYERS = 19
# type: dialect and scheme
TYPES = {
    "Q8_0": ("gguf", "Q8_0"),
    "Q4_0": ("gguf", "Q4_0"),
    "NVFP4": ("gguf", "NVFP4A16"),
    "NVFP4-ct": ("compressed-tensors", "NVFP4A16"),
}


def made(work, kind, tokenizer, program):
    """The synthetic model in that type: a file, or a folder where llama.cpp cannot read it."""
    out = os.path.join(work, kind)
    file = os.path.join(out, "model.gguf")
    if not os.path.exists(out):
        dense = os.path.join(work, "dense")
        if not os.path.exists(dense):
            one = os.path.join(work, "one")
            checkpoints.HIDDEN, checkpoints.MLP = 3072, 8192
            checkpoints.HEADS, checkpoints.KV, checkpoints.DIM = 24, 8, 128
            checkpoints.dense(one, tokenizer)
            checkpoints.repeated(one, dense, LAYERS)
        dialect, scheme = TYPES[kind]
        command = [program, "convert", dense, "-o", out, "--to", dialect, "--scheme", scheme, "--allow-lossy", "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return file if os.path.exists(file) else out


def seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def marlin(program, model, threads, prompt, tokens):
    """Rates of prompt and decoding and the processor seconds of the whole process."""
    text = " ".join(["the"] * prompt)
    command = [program, "run", model, "--prompt", text, "--raw", "-n", str(tokens), "--temp", "0", "--ignore-eos",
               "--threads", str(threads), "--json", "--quiet"]
    before = seconds()
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(out)["result"]
    return result["prompt_tokens_per_second"], result["tokens_per_second"], seconds() - before, len(result["prompt_ids"])


def ours(program, model, threads, prompt, tokens):
    short = marlin(program, model, threads, 1, 2)
    long = marlin(program, model, threads, 1, tokens)
    filled = marlin(program, model, threads, prompt, 2)
    return {
        "decode": long[1],
        "prompt": filled[0],
        "decode_cpu": (long[2] - short[2]) / (tokens - 2),
        "prompt_cpu": (filled[2] - short[2]) / (filled[3] - short[3]),
    }


def peer(venv, model, threads, prompt, tokens):
    command = [os.path.join(venv, "bin", "python"), os.path.join(HERE, "peer.py"), os.path.join(venv, "llama"), model,
               str(threads), str(prompt), str(tokens)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(name, rows):
    m = {k: statistics.median(r[k] for r in rows) for k in rows[0]}
    spread = [r["decode"] for r in rows]
    return m, f"| {name} | {m['decode']:.2f} ({min(spread):.2f}-{max(spread):.2f}) | {1000 * m['decode_cpu']:.1f} " \
              f"| {m['prompt']:.1f} | {1000 * m['prompt_cpu']:.2f} |"


def main():
    a = argparse.ArgumentParser()
    a.add_argument("venv")
    a.add_argument("work")
    a.add_argument("tokenizer")
    a.add_argument("--marlin", default=MARLIN)
    a.add_argument("--threads", type=int, default=os.cpu_count())
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--types", default="Q8_0,Q4_0,NVFP4,NVFP4-ct")
    a.add_argument("--model", action="append", default=[])
    a.add_argument("--tokens", type=int, default=64)
    a.add_argument("--prompt", type=int, default=256)
    args = a.parse_args()
    os.environ.pop("OPENBLAS_CORETYPE", None)
    os.makedirs(args.work, exist_ok=True)
    models = [(k, made(args.work, k, args.tokenizer, args.marlin)) for k in args.types.split(",") if k]
    models += [(m, m) for m in args.model]
    print(f"{args.threads} threads, {args.rounds} rounds, {args.tokens} tokens, prompt of {args.prompt}, load average "
          f"{os.getloadavg()[0]:.1f}\n")
    print("| | decode tok/s (range) | CPU ms/token | prompt tok/s | CPU ms/token |")
    print("|---|---|---|---|---|", flush=True)
    for name, model in models:
        read = model.endswith(".gguf")
        mine, theirs = [], []
        for _ in range(args.rounds):
            mine.append(ours(args.marlin, model, args.threads, args.prompt, args.tokens))
            if read:
                theirs.append(peer(args.venv, model, args.threads, args.prompt, args.tokens))
        m, line = row(f"{name} marlin", mine)
        print(line, flush=True)
        if read:
            t, line = row(f"{name} llama.cpp", theirs)
            print(line)
            print(f"| ratio | {m['decode'] / t['decode']:.2f} | {t['decode_cpu'] / m['decode_cpu']:.2f} "
                  f"| {m['prompt'] / t['prompt']:.2f} | {t['prompt_cpu'] / m['prompt_cpu']:.2f} |", flush=True)


main()
