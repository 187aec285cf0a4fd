"""measure.py WORK TOKENIZER_FOLDER [--gib N] [--rounds N] [--pairs A,B]: `marlin convert` against a plain copy.

Makes checkpoints of at least N GiB in WORK, converts each pair of layouts and, in the same round, copies the same
source. A plain copy reads every byte into memory, writes it into a new file and forces that to the disk, in one
thread, as a conversion must: `cp --reflink=never` (read and write in pieces of 128 KiB or more) and `sync` of the
copy. `dd bs=256K conv=fsync` does the same and is the second opinion. The source is warm in the page cache; nothing
else of the earlier round is on the disk or waits to be written.

Each command begins with as much memory that is free and was just in use. Without that the order of the commands
decides: a virtual machine whose balloon reports free pages gives them back to its host after seconds, and a page
that comes from the host costs several times the copy into it (2.2 GB written in .5 s right after a file of that size
was deleted, in 2 to 8 s some seconds later).

Prints a Markdown table: wall and CPU seconds, the share of either copy's speed (bytes written per second, each with
its own output), and the most private memory (RssAnon) that the process had. With --make the checkpoints are made,
their folders printed and nothing is measured.
"""
import argparse, math, mmap, os, resource, shutil, statistics, subprocess, sys, threading, time
import checkpoints

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARLIN = os.path.join(ROOT, "marlin")
# The bytes of a layer in the smallest of the packs (4 bits, a scale of 16 bits for 128 weights).
LAYER = 108 << 20
# Memory that is made ready beyond the bytes of an output: about that of a process of ours.
MORE = 512 << 20

# pair: source, target
PAIRS = {
    "MLX nvfp4 -> CT": ("mlx-nvfp4", "compressed-tensors"),
    "CT nvfp4 -> ModelOpt": ("ct-nvfp4", "modelopt"),
    "ModelOpt nvfp4 -> GGUF": ("modelopt-nvfp4", "gguf"),
    "MLX affine -> GPTQ": ("mlx-affine", "gptq"),
    "GPTQ -> CT": ("gptq", "compressed-tensors"),
    "CT int4 -> GPTQ": ("ct-int4", "gptq"),
    "AWQ -> CT": ("awq", "compressed-tensors"),
    "GGUF Q4_0 -> MLX": ("gguf", "mlx"),
}
# source: the pack of one layer it is repeated from, or the source it is converted from, and the dialect
SOURCES = {
    "ct-int4": (["--to", "compressed-tensors", "--scheme", "W4A16"], None),
    "mlx-nvfp4": (["--to", "compressed-tensors", "--scheme", "NVFP4A16"], None),
    "ct-small": (["--to", "compressed-tensors", "--scheme", "W4A16", "--group-size", "32", "--dtype", "f16"], None),
    "gptq": (["--to", "gptq", "--scheme", "W4A16"], None),
    "awq": (["--to", "awq", "--scheme", "W4A16_ASYM"], None),
    "mlx-affine": (["--to", "mlx"], "ct-int4"),
    "ct-nvfp4": (["--to", "compressed-tensors"], "mlx-nvfp4"),
    "modelopt-nvfp4": (["--to", "modelopt"], "mlx-nvfp4"),
    "gguf": (["--to", "gguf"], "ct-small"),
}


def convert(source, out, options, quiet=True):
    shutil.rmtree(out, ignore_errors=True)
    command = [MARLIN, "convert", source, "-o", out, *options] + (["--quiet"] if quiet else [])
    return watched(command)


def watched(command):
    """Runs it. Wall seconds, CPU seconds, most private MiB."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = [0]

    def watch():
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status") as f:
                    for line in f:
                        if line.startswith("RssAnon:"):
                            peak[0] = max(peak[0], int(line.split()[1]) >> 10)
            except OSError:
                return
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    wall = time.monotonic() - start
    watcher.join()
    if code != 0:
        sys.exit(f"{command} ended with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, peak[0]


def source(work, name, layers, tokenizer):
    """The checkpoint, made when it is not there yet."""
    folder = os.path.join(work, f"{name}-{layers}")
    if os.path.exists(folder):
        return folder
    options, origin = SOURCES[name]
    if origin is not None:
        convert(source(work, origin, layers, tokenizer), folder, options)
        return folder
    one = os.path.join(work, f"{name}-one")
    if not os.path.exists(one):
        base = os.path.join(work, "dense")
        if not os.path.exists(base):
            checkpoints.dense(base, tokenizer)
        convert(base, one, options + ["--allow-lossy"])
        if name == "mlx-nvfp4":
            os.rename(one, one + "-ct")
            checkpoints.single_level(one + "-ct", one)
    checkpoints.repeated(one, folder, layers)
    return folder


def data(folder):
    return [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith((".safetensors", ".gguf"))]


def size(folder):
    return sum(os.path.getsize(f) for f in data(folder))


def warm(files):
    for f in files:
        with open(f, "rb") as stream:
            while stream.read(1 << 22):
                pass


def heat(size):
    """Leaves so many bytes of memory free that the machine has at hand."""
    os.sync()
    with mmap.mmap(-1, size) as memory:
        memory[:: mmap.PAGESIZE] = b"\1" * len(range(0, size, mmap.PAGESIZE))


def copied(files, work, command):
    target = os.path.join(work, "copy")
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    script = "set -e; for f in \"$@\"; do n=%s/$(basename \"$f\"); %s; done" % (target, command)
    result = watched(["bash", "-c", script, "copy", *files])
    shutil.rmtree(target)
    return result


def header():
    print("| pair | MB | marlin s (CPU s) | cp + sync s (CPU s) | dd fsync s (CPU s) "
          "| share of cp, min-max | share of dd, min-max | RssAnon MiB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("work")
    a.add_argument("tokenizer")
    a.add_argument("--gib", type=float, default=2)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--pairs", default=",".join(PAIRS))
    a.add_argument("--make", action="store_true")
    args = a.parse_args()
    os.makedirs(args.work, exist_ok=True)
    layers = math.ceil(args.gib * (1 << 30) / LAYER)
    if not args.make:
        header()
    for pair in args.pairs.split(","):
        name, target = PAIRS[pair.strip()]
        src = source(args.work, name, layers, args.tokenizer)
        if args.make:
            print(src)
            continue
        files = data(src)
        given = files[0] if name == "gguf" else src
        out = os.path.join(args.work, "out")
        ours, cps, dds, peaks = [], [], [], []
        room = size(src) + MORE
        for _ in range(args.rounds):
            warm(files)
            heat(room)
            cps.append(copied(files, args.work, 'cp --reflink=never "$f" "$n"; sync "$n"'))
            heat(room)
            mine = convert(given, out, ["--to", target])
            ours.append(mine)
            peaks.append(mine[2])
            written = size(out)
            shutil.rmtree(out)
            heat(room)
            dds.append(copied(files, args.work, 'dd if="$f" of="$n" bs=256K conv=fsync status=none'))
        m = lambda rows, i: statistics.median(r[i] for r in rows)

        def share(copies):
            all = [written / o[0] / (size(src) / c[0]) for o, c in zip(ours, copies)]
            return f"{statistics.median(all):.0%}, {min(all):.0%}-{max(all):.0%}"

        print(f"| {pair} | {size(src) / 1e6:.0f} | {m(ours, 0):.2f} ({m(ours, 1):.1f}) | {m(cps, 0):.2f} ({m(cps, 1):.1f}) "
              f"| {m(dds, 0):.2f} ({m(dds, 1):.1f}) | {share(cps)} | {share(dds)} | {max(peaks)} |", flush=True)


main()
