"""Tokenizers that were SentencePiece models, written into GGUF by marlin and read by llama.cpp.

vocabularies.py MARLIN WORK TEXT LIB

Trains small tokenizers on the text, puts each beside a tiny model as Hugging Face stores it, lets MARLIN convert the
folder to GGUF, and compares the ids that llama.cpp (shared libraries in LIB) gives for many texts with those of the
tokenizers library or of sentencepiece. Prints one line for each and fails loudly.
"""

import json
import os
import shutil
import sys
from functools import partial

import llama_cpp_library
import numpy as np
import sentencepiece as spm
from check import require
from commands import Launcher
from cutters import cutters
from pipeline import Job, work_through
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPACE = "\u2581"
SIZE = 1200
EDGE = ["", " ", "  ", "a", " a", "a  b   c    d", "tab\tand\nline\r\n\n", "1234567890 3.14", "\U0001f600\u200d\u2764",
        "e\u0301 \u00e9 \ufb01 \u2460 \uff21", "<s>text</s>", "don't WE'LL", "\u4f60\u597d\uff0c\u4e16\u754c \u3053\u3093\u306b\u3061\u306f",
        "\u0645\u0631\u062d\u0628\u0627 \u0928\u092e\u0938\u094d\u0924\u0947 \u041f\u0440\u0438\u0432\u0435\u0442", "aaaaaaaaaaaaa", "\u2581 \u2581\u2581x", "end "]


def train(work, text, kind, **more):
    prefix = os.path.join(work, kind + ("-user" if "user_defined_symbols" in more else ""))
    spm.SentencePieceTrainer.train(
        input=text, model_prefix=prefix, vocab_size=SIZE, model_type=kind, minloglevel=2, num_threads=1,
        max_sentence_length=100000, input_sentence_size=4000, character_coverage=0.98, **more)
    return prefix + ".model"


def bpe(path, normalizer, pre_tokenizer, added=()):
    """What transformers makes of a BPE model: every way to make a piece is a rule, the best piece first."""
    p = spm.SentencePieceProcessor(model_file=path)
    vocab = {p.id_to_piece(i): i for i in range(len(p))}
    rules = []
    for i in range(len(p)):
        if p.is_control(i) or p.is_unknown(i) or p.is_byte(i):
            continue
        piece = p.id_to_piece(i)
        ways = [(piece[:k], piece[k:], p.get_score(i)) for k in range(1, len(piece))
                if piece[:k] in vocab and piece[k:] in vocab]
        rules += sorted(ways, key=lambda w: (vocab[w[0]], vocab[w[1]]))
    rules.sort(key=lambda w: (w[2], len(w[0]), len(w[1])), reverse=True)
    t = Tokenizer(models.BPE(vocab, [(a, b) for a, b, _ in rules], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer, t.pre_tokenizer = normalizer, pre_tokenizer
    t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in ("<unk>", "<s>", "</s>")])
    t.add_tokens([AddedToken(s, normalized=False) for s in added])
    t.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    t.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", vocab["<s>"])])
    return t


def unigram(path):
    p = spm.SentencePieceProcessor(model_file=path)
    charsmap = spm_charsmap(path)
    t = Tokenizer(models.Unigram([(p.id_to_piece(i), p.get_score(i)) for i in range(len(p))], p.unk_id(), False))
    t.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(charsmap), normalizers.Strip(False, True), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, "always", True)
    t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in ("<unk>", "<s>", "</s>")])
    t.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", p.eos_id())])
    return t


def spm_charsmap(path):
    from transformers.utils import sentencepiece_model_pb2_new as pb

    model = pb.ModelProto()
    with open(path, "rb") as f:
        model.ParseFromString(f.read())
    return model.normalizer_spec.precompiled_charsmap


def checkpoint(folder, files, settings=None):
    """A tiny llama with that vocabulary."""
    os.makedirs(folder)
    config = dict(architectures=["LlamaForCausalLM"], model_type="llama", hidden_size=32, intermediate_size=64,
                  num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1, head_dim=32, vocab_size=SIZE + 8,
                  max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=10000.0, tie_word_embeddings=True,
                  hidden_act="silu", bos_token_id=1, eos_token_id=2)
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(config, f)
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as f:
        json.dump(settings or dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>"), f)
    shapes = {"model.embed_tokens": (SIZE + 8, 32), "model.norm": (32,)}
    layer = dict(input_layernorm=(32,), post_attention_layernorm=(32,))
    layer |= {f"self_attn.{x}_proj": (32, 32) for x in "qkvo"}
    layer |= {"mlp.gate_proj": (64, 32), "mlp.up_proj": (64, 32), "mlp.down_proj": (32, 64)}
    shapes |= {"model.layers.0." + k: v for k, v in layer.items()}
    save_file({k + ".weight": np.ones(v, np.float32) for k, v in shapes.items()},
              os.path.join(folder, "model.safetensors"))
    for name, source in files.items():
        if isinstance(source, Tokenizer):
            source.save(os.path.join(folder, name))
        else:
            shutil.copy(source, os.path.join(folder, name))


def job(marlin, work, libraries, name, files, reference, texts, settings=None):
    folder, out = os.path.join(work, name), os.path.join(work, name + "-gguf")

    def make():
        checkpoint(folder, files, settings)
        marlin.succeeds("convert", folder, "-o", out, "--to", "gguf", "--quiet")

    def check():
        count = 0
        with llama_cpp_library.tokenizer(libraries, os.path.join(out, "model.gguf")) as ids:
            for text in texts:
                theirs, expected = ids(text), reference(text)
                require(theirs == expected, f"{name}: {text!r}: llama.cpp has {theirs}, expected {expected}")
                count += len(expected)
        print(f"oracle: {name}: llama.cpp gives the same {count} ids for {len(texts)} texts")

    return Job(name, make, check)


def jobs(marlin, work, text, libraries):
    os.makedirs(work, exist_ok=True)
    with open(text, encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f]
    texts = EDGE + [line for line in lines[::7] if line][:400]
    lines_file = os.path.join(work, "lines.txt")
    with open(lines_file, "w", encoding="utf-8") as f:
        f.write("\n".join(lines[:4000]))
    plain = dict(byte_fallback=True, split_digits=True, remove_extra_whitespaces=False,
                 normalization_rule_name="identity")
    model = train(work, lines_file, "bpe", **plain)
    p = spm.SentencePieceProcessor(model_file=model)
    prepend = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    legacy = bpe(model, prepend, None)
    ids = lambda t: lambda text: t.encode(text, add_special_tokens=True).ids
    # The tokenizers library finds special tokens in any text; llama.cpp is asked not to.
    ordinary = [t for t in texts if "<s>" not in t]
    run = partial(job, marlin, work, libraries)
    yield run("llama-json", {"tokenizer.json": legacy}, ids(legacy), ordinary)
    whole = lambda text: [1] + p.encode(text)
    yield run("llama-both", {"tokenizer.json": legacy, "tokenizer.model": model}, whole, ordinary)
    yield run("llama-model", {"tokenizer.model": model}, whole, ordinary)
    first = bpe(model, None, pre_tokenizers.Metaspace(SPACE, "first", False))
    # Metaspace puts no space before one, llama.cpp always does.
    yield run("mistral-json", {"tokenizer.json": first}, ids(first),
              [t for t in ordinary if not t.startswith((" ", SPACE))])
    runs = [SPACE * n for n in range(2, 9)]
    gemma_model = train(work, lines_file, "bpe", user_defined_symbols=["\n\n", *runs, "<h1>"],
                        add_dummy_prefix=False, **plain)
    g = spm.SentencePieceProcessor(model_file=gemma_model)
    gemma = bpe(gemma_model, normalizers.Replace(" ", SPACE), pre_tokenizers.Split(" ", "merged_with_previous"),
                ["\n\n", *runs, "<h1>"])
    yield run("gemma-both", {"tokenizer.json": gemma, "tokenizer.model": gemma_model}, lambda t: [1] + g.encode(t),
              [t for t in ordinary if SPACE not in t] + ["<h1>x</h1>\n\n\n  y"])
    unigram_model = train(work, lines_file, "unigram")
    uni = unigram(unigram_model)
    u = spm.SentencePieceProcessor(model_file=unigram_model)
    spaced = [t for t in ordinary if SPACE not in t]
    yield run("t5-json", {"tokenizer.json": uni}, ids(uni), spaced)
    yield run("t5-model", {"spiece.model": unigram_model}, lambda t: u.encode(t) + [2], spaced)
    yield from byte_level(run, lines_file, ordinary)


def plain_ids(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).ids


def byte_level(run, lines_file, texts):
    from tokenizers import trainers

    for family, cut in cutters():
        t = Tokenizer(models.BPE())
        t.pre_tokenizer, t.decoder = cut, decoders.ByteLevel()
        t.train([lines_file], trainers.BpeTrainer(
            vocab_size=SIZE, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False))
        yield run("bytes-" + family, {"tokenizer.json": t}, partial(plain_ids, t), texts,
                  settings=dict(bos_token="<s>", eos_token="</s>", add_bos_token=False))


def main(marlin, work, text, libraries):
    work_through(jobs(Launcher(marlin), work, text, libraries))


if __name__ == "__main__":
    main(*sys.argv[1:])
