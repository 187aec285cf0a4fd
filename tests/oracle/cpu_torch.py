"""Makes the Linux wheel of torch importable without NVIDIA's packages, for work on the CPU.

The wheel's libraries name thirteen CUDA libraries, 3 GB of packages that no CPU code path calls. For each of
them this writes torch/lib/<soname>, a library of a few KB that defines the symbols torch asks for; every
function returns 100 (cudaErrorNoDevice), so torch sees no device. Needs gcc, nm and readelf.
"""

import collections
import glob
import os
import re
import subprocess
import sysconfig
import tempfile

LIB = os.path.join(sysconfig.get_paths()["purelib"], "torch", "lib")
NVIDIA = re.compile(r"lib(cu|nccl|nv)")
# Opened by name on a device only, so their needs need not be met.
LAZY = {"libtorch_cuda_linalg.so", "libcaffe2_nvrtc.so"}
MESSAGE = re.compile(r"Get(Last)?Error(String|Name)|ErrorString|ResultString")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def wanted():
    """(sonames, soname -> version -> symbols) that torch's libraries ask of NVIDIA's."""
    sonames, owner, undefined, defined = set(), {}, [], set()
    for path in glob.glob(LIB + "/lib*.so"):
        if os.path.basename(path) in LAZY:
            continue
        sonames |= {s for s in re.findall(r"NEEDED.*\[(.+)\]", output("readelf", "-d", path)) if NVIDIA.match(s)}
        file = None
        for line in output("readelf", "-V", path).splitlines():
            if m := re.search(r"Version: 1\s+File: (\S+)", line):
                file = m[1]
            elif m := re.search(r"Name: (\S+)", line):
                owner[m[1]] = file
        table = output("nm", "-D", "--defined-only", path)
        defined |= {s.split("@")[0] for s in re.findall(r" [TtWVBDRui] (\S+)", table)}
        undefined += re.findall(r" ([Uw]) (\S+)", output("nm", "-D", "--undefined-only", path))
    symbols = collections.defaultdict(lambda: collections.defaultdict(set))
    unversioned = next(s for s in sonames if "nccl" in s)
    for kind, name in undefined:
        name, _, version = name.partition("@")
        version = version.lstrip("@")
        if version and NVIDIA.match(owner.get(version) or ""):
            symbols[owner[version]][version].add(name)
        elif not version and kind == "U" and re.match(r"_*(cu|nccl|nv)", name) and name not in defined:
            symbols[unversioned][""].add(name)
    return sonames, symbols


def write(soname, versions):
    code, script = "", ""
    for version, names in sorted(versions.items()):
        for name in sorted(names):
            if MESSAGE.search(name):
                code += f'const char *{name}(void) {{ return "no CUDA here"; }}\n'
            else:
                code += f"long {name}(void) {{ return 100; }}\n"
        if version:
            script += f"{version} {{ global: {' '.join(n + ';' for n in sorted(names))} }};\n"
    with tempfile.TemporaryDirectory() as tmp:
        with open(tmp + "/stub.c", "w") as f:
            f.write(code)
        with open(tmp + "/versions", "w") as f:
            f.write(script)
        command = ["gcc", "-w", "-O1", "-fno-builtin", "-nostdlib", "-shared", "-fPIC", "-Wl,-soname," + soname]
        command += ["-o", f"{LIB}/{soname}", tmp + "/stub.c"]
        command += ["-Wl,--version-script=" + tmp + "/versions"] if script else []
        subprocess.run(command, check=True)


if __name__ == "__main__":
    names, table = wanted()
    for name in sorted(names):
        write(name, table[name])
    print(f"oracle: {len(names)} stub libraries for torch on the CPU")
