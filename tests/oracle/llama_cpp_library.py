"""llama.cpp's shared libraries through ctypes: next-token logits of a GGUF file, one token at a time, and ids of texts.

Only parameters at their defaults are used, so the C structures stay opaque: a buffer larger than any of them is
returned and passed by value, which the System V calling convention allows for a last argument.
"""

import contextlib
import ctypes as C
import functools
import glob
import os

import numpy as np


class Opaque(C.Structure):
    _fields_ = [("words", C.c_uint64 * 128)]


def function(library, name, result, *arguments):
    f = getattr(library, name)
    f.restype, f.argtypes = result, arguments
    return f


def load(folder, pattern):
    return C.CDLL(sorted(glob.glob(os.path.join(folder, pattern)))[0], mode=C.RTLD_GLOBAL)


@functools.cache
def library(folder):
    """Loaded once a process, and silent."""
    load(folder, "libggml-base.so*")
    ggml, llama = load(folder, "libggml.v*.so"), load(folder, "libllama.v*.so")
    # A log callback that does nothing, kept alive by the library object.
    callback = C.CFUNCTYPE(None, C.c_int, C.c_char_p, C.c_void_p)(lambda *_: None)
    llama.silence = callback
    function(llama, "llama_log_set", None, type(callback), C.c_void_p)(callback, None)
    function(ggml, "ggml_backend_load_all_from_path", None, C.c_char_p)(folder.encode())
    llama.llama_backend_init()
    return llama


def opened(folder, path):
    """The library and a model, which stays open."""
    llama = library(folder)
    model_defaults = function(llama, "llama_model_default_params", Opaque)()
    open_model = function(llama, "llama_model_load_from_file", C.c_void_p, C.c_char_p, Opaque)
    model = open_model(path.encode(), model_defaults)
    if not model:
        raise SystemExit(f"oracle: FAILED: llama.cpp does not load {path}")
    return llama, model


@contextlib.contextmanager
def model_of(folder, path):
    llama, model = opened(folder, path)
    try:
        yield llama, model
    finally:
        function(llama, "llama_model_free", None, C.c_void_p)(model)


@contextlib.contextmanager
def context_of(llama, model):
    """With one thread: a second would spin while it waits, on a processor that marlin has work for."""
    defaults = function(llama, "llama_context_default_params", Opaque)()
    context = function(llama, "llama_init_from_model", C.c_void_p, C.c_void_p, Opaque)(model, defaults)
    function(llama, "llama_set_n_threads", None, C.c_void_p, C.c_int32, C.c_int32)(context, 1, 1)
    try:
        yield context
    finally:
        function(llama, "llama_free", None, C.c_void_p)(context)


@contextlib.contextmanager
def tokenizer(folder, path):
    """A function from a text to ids: special tokens of the model around it, none looked for inside."""
    with model_of(folder, path) as (llama, model):
        vocabulary = function(llama, "llama_model_get_vocab", C.c_void_p, C.c_void_p)(model)
        tokenize = function(llama, "llama_tokenize", C.c_int32, C.c_void_p, C.c_char_p, C.c_int32,
                            C.POINTER(C.c_int32), C.c_int32, C.c_bool, C.c_bool)

        def ids(text):
            utf8 = text.encode()
            room = (C.c_int32 * (len(utf8) + 16))()
            return room[:tokenize(vocabulary, utf8, len(utf8), room, len(room), True, False)]

        yield ids


def logits(folder, path, ids):
    with model_of(folder, path) as (llama, model), context_of(llama, model) as context:
        vocabulary = function(llama, "llama_model_get_vocab", C.c_void_p, C.c_void_p)(model)
        size = function(llama, "llama_vocab_n_tokens", C.c_int32, C.c_void_p)(vocabulary)
        batch = function(llama, "llama_batch_get_one", Opaque, C.POINTER(C.c_int32), C.c_int32)
        decode = function(llama, "llama_decode", C.c_int32, C.c_void_p, Opaque)
        row = function(llama, "llama_get_logits_ith", C.POINTER(C.c_float), C.c_void_p, C.c_int32)
        out = []
        for token in ids:
            one = (C.c_int32 * 1)(token)
            if decode(context, batch(one, 1)) != 0:
                raise SystemExit(f"oracle: FAILED: llama.cpp cannot run {path}")
            out.append(np.ctypeslib.as_array(row(context, -1), (size,)).copy())
        return np.stack(out)
