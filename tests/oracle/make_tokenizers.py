"""Makes the small tokenizers and expected ids that the tests of runtime/text read.

    python tests/oracle/make_tokenizers.py SHARED_TEXT_FOLDER runtime/src/test/resources/tokenizers

Trained on our own texts with the `tokenizers` and `sentencepiece` packages; the ids in sp-*.json are
sentencepiece's own.
"""

import base64
import io
import json
import random
import sys
from pathlib import Path

import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SAMPLES = [
    "Once upon a time, there was a little girl named Lily. She didn't like it!  ",
    "Größe, façade, naïve, coöperate — “quoted” … ½ ﬁne ＦＵＬＬ ｗｉｄｔｈ ㎏ ™",
    "日本語のテキストです。カタカナー 中文字符，测试。 한국어 텍스트",
    "Привет, мир! Здравствуйте. Ελληνικά ς Σ हिन्दी पाठ العربية עברית ไทย",
    "def f(x):\n    return x ** 2  # comment\n\n\tfor (int i = 0; i < 10; i++) { a[i] = 0x1F; }\r\n",
    "👩‍👩‍👧‍👦🇩🇪👍🏽 ok 😀",
    "https://example.org/a?b=c&d=1234567890 3.14159 1,000,000 ١٢٣ Ⅷ ²",
]


def corpus(folder):
    lines = []
    for name in ["calib/exl3_tiny.utf8", "calib/exl3_code.utf8", "calib/exl3_multilingual.utf8"]:
        text = (folder / name).read_text(errors="ignore")[:60_000]
        lines += [text[i : i + 500] for i in range(0, len(text), 500)]
    return lines + SAMPLES * 20


def texts():
    """What sentencepiece is asked for: samples, corner cases, random mixtures, random bytes."""
    rng = random.Random(20261129)
    out = SAMPLES + ["", " ", "   ", "\n", " a ", "a  b", "▁", "▁a ▁", "\u0000\u0001\u007f", "e\u0301 x\u3000y\u00a0z", "<user>hi<user> <user>", "a<user> b", "\ufeff\u200bz"]
    parts = [" ", "  ", "\n", "\t", "hello", " the", "12", "日本", "é", "e\u0301", "👍🏽", "ﬁ", "<user>", "▁", "\u00a0", "\u3000", "Ａ", "\ufffd", "ing", "."]
    for _ in range(120):
        out.append("".join(rng.choice(parts) if rng.random() < 0.7 else chr(rng.choice([rng.randrange(32, 127), rng.randrange(0xA0, 0x2FFF)])) for _ in range(rng.randrange(20))))
    for _ in range(40):
        out.append(rng.randbytes(rng.randrange(1, 40)).decode("utf-8", "replace"))
    return out


def save(tokenizer, out, name):
    root = json.loads(tokenizer.to_str())
    path = out / f"{name}.json"
    path.write_text(json.dumps(root, ensure_ascii=False, separators=(",", ":")))
    print(path.name, path.stat().st_size)


def bytes_bpe(lines, out):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=1500, special_tokens=["<|end|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    save(t, out, "bytes")


def fallback_bpe(lines, out):
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    t.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=1300, limit_alphabet=250, special_tokens=special))
    root = json.loads(t.to_str())
    root["added_tokens"] = root["added_tokens"][:3]
    t = Tokenizer.from_str(json.dumps(root))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.pre_tokenizer = None
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    root = json.loads(t.to_str())
    root["pre_tokenizer"] = None
    (out / "fallback.json").write_text(json.dumps(root, ensure_ascii=False, separators=(",", ":")))
    print("fallback", (out / "fallback.json").stat().st_size)


def suffix_bpe(lines, out):
    t = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex("\\s+"), " "), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex("'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"), "removed", invert=True)])
    t.decoder = decoders.BPEDecoder("</w>")
    t.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=900, limit_alphabet=200, special_tokens=["<unk>", "<start>", "<stop>"], end_of_word_suffix="</w>"))
    t.post_processor = processors.RobertaProcessing(("<stop>", 2), ("<start>", 1))
    save(t, out, "suffix")


def prefix_bpe(lines, out):
    t = Tokenizer(models.BPE(unk_token="[UNK]", continuing_subword_prefix="##"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    t.decoder = decoders.WordPiece("##", cleanup=False)
    t.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=900, limit_alphabet=150, special_tokens=["[UNK]"], continuing_subword_prefix="##"))
    save(t, out, "prefix")


def wordpiece(lines, out):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece("##", cleanup=True)
    t.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=1500, limit_alphabet=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    save(t, out, "wordpiece")


def wordlevel(lines, out):
    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.normalizer = normalizers.Sequence([normalizers.Strip(), normalizers.NFD(), normalizers.StripAccents()])
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    t.train_from_iterator(lines, trainers.WordLevelTrainer(vocab_size=800, special_tokens=["<unk>"]))
    save(t, out, "wordlevel")


RULES = {"ﬁ": "fi", "ﬂ": "fl", "½": "1⁄2", "™": "TM", "㎏": "kg", "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\r": " ", "\u200b": " ", "\ufeff": "", "\u00ad": "", "…": "...", "Å": "A\u030a", "ab\u0301c": "X", "Ⅷ": "VIII", "²": "2"}


def rules(work):
    table = dict(RULES)
    for c in range(0xFF01, 0xFF5F):
        table[chr(c)] = chr(c - 0xFEE0)
    for base in "aeiouyAEIOU":
        for mark in "\u0301\u0300\u0308":
            import unicodedata

            composed = unicodedata.normalize("NFC", base + mark)
            if len(composed) == 1:
                table[base + mark] = composed
    path = work / "rules.tsv"
    path.write_text("".join("%s\t%s\n" % (" ".join("%X" % ord(c) for c in k), " ".join("%X" % ord(c) for c in v)) for k, v in sorted(table.items())))
    return path


def train_sp(lines, name, **settings):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model, minloglevel=2, num_threads=1, max_sentence_length=8000, **settings)
    return model.getvalue()


def sp(lines, out, work):
    flat = [l for t in lines for l in t.split("\n") if l]
    # As Llama's: BPE, text as it is, spaces kept, bytes for what is unknown.
    variants = {
        "sp-bpe": dict(model_type="bpe", vocab_size=1200, normalization_rule_name="identity", remove_extra_whitespaces=False, byte_fallback=True, split_digits=True, allow_whitespace_only_pieces=True, character_coverage=0.98, user_defined_symbols=["<user>"], control_symbols=["<ctl>"]),
        "sp-unigram": dict(model_type="unigram", vocab_size=900, normalization_rule_tsv=str(rules(work)), character_coverage=0.98, user_defined_symbols=["<user>"], pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
        "sp-unigram-bytes": dict(model_type="unigram", vocab_size=900, normalization_rule_name="identity", byte_fallback=True, add_dummy_prefix=False, character_coverage=0.98),
        "sp-bpe-unk": dict(model_type="bpe", vocab_size=700, normalization_rule_tsv=str(rules(work)), character_coverage=0.98, treat_whitespace_as_suffix=False),
    }
    for name, settings in variants.items():
        model = train_sp(flat, name, **settings)
        (out / f"{name}.model.base64").write_bytes(base64.encodebytes(model))
        p = sentencepiece.SentencePieceProcessor(model_proto=model)
        rng = random.Random(7)
        cases = [{"text": t, "ids": p.encode(t)} for t in texts()]
        decoded = []
        for _ in range(60):
            ids = [rng.randrange(p.get_piece_size()) for _ in range(rng.randrange(1, 10))]
            decoded.append({"ids": ids, "text": p.decode(ids)})
        decoded += [{"ids": c["ids"], "text": p.decode(c["ids"])} for c in cases[:60]]
        path = out / f"{name}.json"
        path.write_text(json.dumps({"encode": cases, "decode": decoded}, ensure_ascii=True, separators=(",", ":")))
        print(name, len(model), path.stat().st_size)


def unigram(lines, out, work):
    """The `tokenizers` view of a Unigram SentencePiece model, as T5's conversion makes it."""
    from sentencepiece import sentencepiece_model_pb2 as pb

    m = pb.ModelProto()
    m.ParseFromString(base64.decodebytes((out / "sp-unigram.model.base64").read_bytes()))
    vocab = [(p.piece, p.score) for p in m.pieces]
    root = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": m.pieces[i].piece, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i in range(3)],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": base64.b64encode(m.normalizer_spec.precompiled_charsmap).decode()}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}], "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 2, "vocab": vocab, "byte_fallback": False},
    }
    Tokenizer.from_str(json.dumps(root))
    path = out / "unigram.json"
    path.write_text(json.dumps(root, ensure_ascii=False, separators=(",", ":")))
    print("unigram", path.stat().st_size)


def main():
    shared, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    work = Path(sys.argv[3]) if len(sys.argv) > 3 else out
    lines = corpus(shared)
    bytes_bpe(lines, out)
    fallback_bpe(lines, out)
    suffix_bpe(lines, out)
    prefix_bpe(lines, out)
    wordpiece(lines, out)
    wordlevel(lines, out)
    sp(lines, out, work)
    unigram(lines, out, work)


main()
