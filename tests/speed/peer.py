"""peer.py LLAMA_FOLDER FILE THREADS PROMPT TOKENS: how fast llama.cpp reads a prompt and continues it.

Everything runs once before it is timed, as in llama-bench. Prints one JSON object: tokens per second of both, and
the processor seconds per second of wall time while decoding. Needs numpy for the oracle's bindings.
"""
import ctypes as C
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
import llama_cpp_library as peer


def main():
    folder, path = sys.argv[1:3]
    threads, prompt, tokens = map(int, sys.argv[3:6])
    llama, model = peer.opened(folder, path)
    defaults = peer.function(llama, "llama_context_default_params", peer.Opaque)()
    context = peer.function(llama, "llama_init_from_model", C.c_void_p, C.c_void_p, peer.Opaque)(model, defaults)
    peer.function(llama, "llama_set_n_threads", None, C.c_void_p, C.c_int32, C.c_int32)(context, threads, threads)
    batch = peer.function(llama, "llama_batch_get_one", peer.Opaque, C.POINTER(C.c_int32), C.c_int32)
    decode = peer.function(llama, "llama_decode", C.c_int32, C.c_void_p, peer.Opaque)
    wait = peer.function(llama, "llama_synchronize", None, C.c_void_p)
    memory = peer.function(llama, "llama_get_memory", C.c_void_p, C.c_void_p)(context)
    clear = peer.function(llama, "llama_memory_clear", None, C.c_void_p, C.c_bool)

    def run(ids):
        array = (C.c_int32 * len(ids))(*ids)
        if decode(context, batch(array, len(ids))) != 0:
            raise SystemExit(f"peer: llama.cpp cannot run {path}")
        wait(context)

    def timed(n, step):
        clear(memory, True)
        wall, cpu = time.monotonic(), time.process_time()
        step(n)
        seconds = time.monotonic() - wall
        return n / seconds, (time.process_time() - cpu) / n

    def prefill(n):
        run([3 + i * 7919 % 4096 for i in range(n)])

    def one_by_one(n):
        for i in range(n):
            run([3 + i * 7919 % 4096])

    timed(prompt, prefill)
    prompt_rate, prompt_cpu = timed(prompt, prefill)
    timed(4, one_by_one)
    rate, cpu = timed(tokens, one_by_one)
    print(json.dumps({"prompt": prompt_rate, "decode": rate, "prompt_cpu": prompt_cpu, "decode_cpu": cpu}))


main()
