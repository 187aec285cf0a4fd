"""How the tokenizer.json of families with byte-level tokenizers cuts texts before merging."""

from tokenizers import Regex, pre_tokenizers

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
WORD = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
CASED = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]%s[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]%s"
SLASH = REST.replace("[\\r\\n]*|", "[\\r\\n/]*|", 1)


def cutters():
    """Families and how their tokenizer.json cuts texts."""
    split = lambda regex: pre_tokenizers.Split(Regex(regex), "isolated")
    bytes_only = pre_tokenizers.ByteLevel(False, use_regex=False)
    gpt2 = pre_tokenizers.ByteLevel(False, use_regex=True)
    whole = lambda *steps: pre_tokenizers.Sequence([*steps, bytes_only])
    digits = pre_tokenizers.Digits(True)
    yield "gpt-2", gpt2
    yield "starcoder", pre_tokenizers.Sequence([digits, gpt2])
    yield "qwen2", whole(split(CONTRACTIONS + WORD + "\\p{N}" + REST))
    yield "llama-3", whole(split(CONTRACTIONS + WORD + "\\p{N}{1,3}" + REST))
    yield "phi-4", whole(pre_tokenizers.Split(Regex(CONTRACTIONS + WORD + "\\p{N}{1,3}" + REST), "removed", True))
    yield "tekken", whole(split(CASED % ("*", "+") + "|" + CASED % ("+", "*") + "|\\p{N}" + SLASH))
    yield "gpt-4o", whole(split(CASED % ("*", "+") + CONTRACTIONS + "?|" + CASED % ("+", "*") + CONTRACTIONS +
                                "?|\\p{N}{1,3}" + SLASH))
    yield "qwen3.5", whole(split(CONTRACTIONS + WORD.replace("\\p{L}+", "[\\p{L}\\p{M}]+") + "\\p{N}" +
                                 REST.replace("\\p{L}", "\\p{L}\\p{M}")))
    yield "bloom", whole(split(" ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"))
    yield "falcon", pre_tokenizers.Sequence([pre_tokenizers.Punctuation("contiguous"), gpt2,
                                             pre_tokenizers.Digits(False), split("[0-9][0-9][0-9]")])
    yield "deepseek-v3", whole(
        split("\\p{N}{1,3}"), split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
        split("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
              "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"))
